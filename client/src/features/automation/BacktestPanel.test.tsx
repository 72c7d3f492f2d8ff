// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProblem } from '../../connection/problem';
import type { Backtest, Backtests } from '../../protocol/backtest';
import { rule } from '../../testing/advice';
import { backtest, backtestResult, headline } from '../../testing/backtest';
import { fakeServices, Provided } from '../../testing/services';
import { BacktestPanel } from './BacktestPanel';

vi.mock('./EquityChart', () => ({
  EquityChart: ({ label }: { readonly label: string }) => <div role="img" aria-label={label} />,
}));

afterEach(cleanup);

const scrolled = vi.fn<Element['scrollIntoView']>();
beforeEach(() => {
  Element.prototype.scrollIntoView = scrolled;
  vi.stubGlobal('matchMedia', vi.fn().mockReturnValue({ matches: false }));
});

const RECORDED = {
  from_game_time: '2102-01-01T00:00:00Z',
  until_game_time: '2102-01-02T01:00:00Z',
  game_hours: 25,
};

function show(items: Backtest[], recorded: Backtests['recorded'] = RECORDED) {
  const services = fakeServices();
  const list = vi
    .spyOn(services.automation, 'backtests')
    .mockResolvedValue({ items, recorded, kept_max: 20 });
  const read = vi.spyOn(services.automation, 'backtest');
  for (const item of items) read.mockResolvedValue(item);
  const begin = vi.spyOn(services.automation, 'beginBacktest');
  const remove = vi.spyOn(services.automation, 'deleteBacktest').mockResolvedValue(undefined);
  vi.spyOn(services.api, 'galaxy').mockResolvedValue({ sectors: [] });
  render(
    <Provided services={services}>
      <BacktestPanel rule={rule()} />
    </Provided>,
  );
  return { user: userEvent.setup(), list, read, begin, remove };
}

describe('BacktestPanel', () => {
  it('says when to come back where nothing is recorded yet', async () => {
    show([], null);
    expect(await screen.findByText('No recorded past yet')).toBeTruthy();
    expect(screen.getByText(/Come back in 1 min/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Run backtest' })).toBeNull();
  });

  it('begins what was asked for, and follows it to its result', async () => {
    const { user, begin, list, read } = show([]);
    const running = backtest({ status: 'running', progress: 40, headline: null, result: null });
    begin.mockResolvedValue(running);
    await user.selectOptions(await screen.findByLabelText('Span'), 'The last 6 game hours');
    await user.type(screen.getByLabelText('Begin with'), '10,000');
    await user.selectOptions(screen.getByLabelText('Hold'), 'As it is now');
    list.mockResolvedValue({ items: [running], recorded: RECORDED, kept_max: 20 });
    read.mockResolvedValueOnce(running).mockResolvedValue(backtest());
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    const order = { rule: 'rule-1', hold: 'aboard', credits: 10_000, hours: 6 };
    expect(begin).toHaveBeenCalledExactlyOnceWith(order);
    expect((await screen.findByRole('progressbar')).getAttribute('value')).toBe('40');
    expect(await screen.findByLabelText('Result of the backtest')).toBeTruthy();
  });

  describe('once begun', () => {
    const running = backtest({ status: 'running', progress: 40, headline: null, result: null });

    /** Begin one with Enter; the answer lets it be over. */
    async function begun() {
      const shown = show([]);
      let over = false;
      shown.begin.mockResolvedValue(running);
      shown.read.mockImplementation(() => Promise.resolve(over ? backtest() : running));
      await screen.findByLabelText('Begin with');
      shown.list.mockResolvedValue({ items: [running], recorded: RECORDED, kept_max: 20 });
      scrolled.mockClear();
      await shown.user.type(screen.getByLabelText('Begin with'), '100{Enter}');
      const onItsWay = await screen.findByRole('group', { name: 'Backtest on its way' });
      return { ...shown, onItsWay, finish: () => (over = true) };
    }

    it.each([
      [false, 'smooth'],
      [true, 'auto'],
    ] as const)(
      'comes into view; with reduced motion %s the way is %s',
      async (still, behavior) => {
        vi.stubGlobal('matchMedia', vi.fn().mockReturnValue({ matches: still }));
        const { onItsWay, finish } = await begun();
        expect(document.activeElement).toBe(onItsWay);
        expect(scrolled.mock.calls).toEqual([[{ block: 'nearest', behavior }]]);
        expect(scrolled.mock.contexts).toEqual([onItsWay]);
        finish();
        const finished = await screen.findByRole('group', { name: 'Backtest finished' });
        expect(document.activeElement).toBe(finished);
        expect(scrolled.mock.contexts).toEqual([onItsWay, finished]);
      },
    );

    it('leaves who fills in the next one where he is', async () => {
      const { user, finish } = await begun();
      const stake = screen.getByLabelText('Begin with');
      await user.type(stake, '5');
      finish();
      await screen.findByRole('group', { name: 'Backtest finished' });
      expect(document.activeElement).toBe(stake);
      expect(scrolled).toHaveBeenCalledOnce();
    });
  });

  it('does not lead to one that nobody asked for', async () => {
    show([backtest()]);
    const finished = await screen.findByRole('group', { name: 'Backtest finished' });
    expect(document.activeElement).not.toBe(finished);
  });

  it('sends nothing that is no stake', async () => {
    const { user, begin } = show([]);
    await user.type(await screen.findByLabelText('Begin with'), 'a lot');
    await user.click(screen.getByRole('button', { name: 'Run backtest' }));
    expect(screen.getByText(/Enter whole credits/)).toBeTruthy();
    expect(begin).not.toHaveBeenCalled();
  });

  it('says why it was refused, and when to try again', async () => {
    const { user, begin } = show([]);
    begin.mockRejectedValue(
      new ApiProblem({
        title: 'Backtest queue full',
        status: 503,
        detail: 'Too many backtests are waiting; try again shortly.',
        code: 'backtest_queue_full',
        retry: 'later',
        retry_after_ms: 2_000,
      }),
    );
    await user.click(await screen.findByRole('button', { name: 'Run backtest' }));
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Too many backtests are waiting');
    expect(alert.textContent).toContain('Try again in 2.0 s.');
    expect(alert.textContent).toContain('backtest_queue_full');
  });

  it('shows figures, trades with their reasons, what stood in the way, and notes', async () => {
    show([backtest()]);
    expect((await screen.findAllByText('-40 cr'))[0]).toBeTruthy();
    expect(screen.getByText('90 cr, 0.18%')).toBeTruthy();
    expect(screen.getByText('none sold')).toBeTruthy();
    expect(screen.getByText(/by the rule Cheap ore: ask below 45\. Fees 9 cr/)).toBeTruthy();
    expect(screen.getByText('ask below 45: it was 44, holds')).toBeTruthy();
    expect(screen.getByText(/Automation cooldown: 3 times/)).toBeTruthy();
    expect(screen.getByText(/Not docked: once/)).toBeTruthy();
    expect(screen.getByText('The past does not answer.')).toBeTruthy();
    expect(
      await screen.findByRole('img', { name: 'Equity: -40 cr over 2 game hours' }),
    ).toBeTruthy();
  });

  it('says so where no trade came of it', async () => {
    show([backtest({ result: backtestResult({ trades: [], blocked: {} }) })]);
    expect(await screen.findByText('It would not have traded')).toBeTruthy();
    expect(screen.getByText('Its conditions never held in that time.')).toBeTruthy();
  });

  it('says why one has failed, and removes it', async () => {
    const failure = { code: 'backtest_interrupted', detail: 'The server stopped.' };
    const { user, remove } = show([
      backtest({ status: 'failed', failure, headline: null, result: null }),
    ]);
    expect((await screen.findByRole('alert')).textContent).toContain('The server stopped.');
    await user.click(screen.getByRole('button', { name: 'Remove' }));
    expect(remove).toHaveBeenCalledExactlyOnceWith('bt_1');
  });

  it('waits for one that is in hand, and lists those of this rule only', async () => {
    const { read, user } = show([
      backtest({
        backtest_id: 'bt_3',
        status: 'queued',
        progress: 0,
        headline: null,
        result: null,
      }),
      backtest({ backtest_id: 'bt_2', headline: headline({ profit_credits: 77 }), result: null }),
      backtest({ backtest_id: 'bt_1', rules: [rule({ id: 'rule-2' })], result: null }),
    ]);
    expect(
      await screen.findByRole<HTMLButtonElement>('button', { name: 'Run backtest' }),
    ).toHaveProperty('disabled', true);
    const [other, ...rest] = screen.getAllByRole('button', { name: /in 2 game hours/ });
    expect(rest).toEqual([]);
    expect(other?.textContent).toContain('+77 cr');
    if (other !== undefined) await user.click(other);
    expect(read).toHaveBeenCalledWith('bt_2');
  });
});
