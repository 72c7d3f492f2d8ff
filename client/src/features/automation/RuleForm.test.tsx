// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { NoAnswer } from '../../connection/problem';
import { automationLimits, rule } from '../../testing/advice';
import { backtest } from '../../testing/backtest';
import { fakeServices, Provided } from '../../testing/services';
import { playerState } from '../../testing/shapes';
import { RuleForm } from './RuleForm';

afterEach(cleanup);
beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn();
});

function show() {
  const services = fakeServices();
  const template = { ...rule({ name: 'Bargain' }), template_id: 't', description: 'Buy low.' };
  vi.spyOn(services.automation, 'templates').mockResolvedValue([template]);
  vi.spyOn(services.automation, 'rules').mockResolvedValue([]);
  vi.spyOn(services.api, 'player').mockResolvedValue(playerState({ docked_port_id: null }));
  const create = vi.spyOn(services.automation, 'create');
  const span = { from_game_time: '2102-01-01T00:00:00Z', until_game_time: '2102-01-01T02:00:00Z' };
  vi.spyOn(services.automation, 'backtests').mockResolvedValue({
    items: [],
    recorded: { ...span, game_hours: 2 },
    kept_max: 20,
  });
  const begin = vi.spyOn(services.automation, 'beginBacktest').mockResolvedValue(backtest());
  const onStored = vi.fn();
  render(
    <Provided services={services}>
      <RuleForm limits={automationLimits()} onStored={onStored} onCancel={() => undefined} />
    </Provided>,
  );
  return { user: userEvent.setup(), create, begin, onStored };
}

describe('RuleForm', () => {
  it('says what is wrong and sends nothing', async () => {
    const { user, create } = show();
    await user.click(screen.getByRole('button', { name: 'Store rule' }));
    expect(screen.getByText('Name it with 3 to 50 characters.')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('would never trade');
    expect(create).not.toHaveBeenCalled();
  });

  it('stores a template, under one command id over attempts without an answer', async () => {
    const { user, create, onStored } = show();
    create.mockRejectedValueOnce(new NoAnswer('away')).mockResolvedValueOnce(rule({ id: 'r-7' }));
    await user.click(await screen.findByRole('button', { name: /Bargain/ }));
    const store = screen.getByRole('button', { name: 'Store rule' });
    await user.click(store);
    expect(await screen.findByText(/did not answer/)).toBeTruthy();
    await user.click(store);
    await vi.waitFor(() => {
      expect(onStored).toHaveBeenCalledExactlyOnceWith('r-7');
    });
    const [first, second] = create.mock.calls;
    expect(first?.[0]).toBe(second?.[0]);
    expect(second?.[1]).toMatchObject({ name: 'Bargain', commodity: 'ore', portId: null });
  });

  it('tests a rule on the past before it is stored, and anew once it was changed', async () => {
    const { user, create, begin } = show();
    await user.click(screen.getByRole('button', { name: 'Backtest' }));
    expect(screen.getByText('Name it with 3 to 50 characters.')).toBeTruthy();
    await user.click(await screen.findByRole('button', { name: /Bargain/ }));
    await user.click(screen.getByRole('button', { name: 'Backtest' }));
    await user.click(await screen.findByRole('button', { name: 'Run backtest' }));
    expect(begin).toHaveBeenCalledOnce();
    expect(begin.mock.calls[0]?.[0].rule).toMatchObject({ name: 'Bargain', commodity: 'ore' });
    await user.type(screen.getByLabelText('Name'), 's');
    expect(screen.queryByRole('button', { name: 'Run backtest' })).toBeNull();
    expect(create).not.toHaveBeenCalled();
  });
});
