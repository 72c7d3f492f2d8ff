// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiProblem } from '../../connection/problem';
import type { Services } from '../../store/services';
import { connectionPage, explanation, openConnection } from '../../testing/operators';
import { fakeServices, Provided } from '../../testing/services';
import { OperatorsPage } from './OperatorsPage';

function spies({ operators, api }: Services) {
  vi.spyOn(api, 'galaxy').mockRejectedValue(new TypeError('no server here'));
  return {
    connections: vi.spyOn(operators, 'connections').mockResolvedValue(connectionPage()),
    connection: vi.spyOn(operators, 'connection').mockResolvedValue(explanation()),
    tradingState: vi
      .spyOn(operators, 'tradingState')
      .mockResolvedValue({ subject: null, state: 'active' }),
    setTradingState: vi.spyOn(operators, 'setTradingState').mockResolvedValue({}),
    close: vi.spyOn(operators, 'close').mockResolvedValue({}),
  };
}

let services: Services;
let asked: ReturnType<typeof spies>;

beforeEach(() => {
  services = fakeServices();
  asked = spies(services);
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = vi.fn();
});
afterEach(cleanup);

function show(permissions: readonly string[], connectionId: string | null = null) {
  vi.spyOn(services.operators, 'account').mockResolvedValue({
    role: 'moderator',
    permissions: [...permissions],
  });
  const onSelect = vi.fn();
  render(
    <Provided services={services}>
      <OperatorsPage connectionId={connectionId} onSelect={onSelect} />
    </Provided>,
  );
  return { user: userEvent.setup(), onSelect };
}

const READER = ['connections:read', 'trading_controls:read'];

it('shows nothing before it is permitted, and asks for nothing', async () => {
  show([]);
  await Promise.resolve();
  expect(screen.queryByRole('region')).toBeNull();
  expect(asked.connections).not.toHaveBeenCalled();
  expect(asked.tradingState).not.toHaveBeenCalled();
});

it('lists who is connected, marks trouble, and opens one on a press', async () => {
  asked.connections.mockResolvedValue(
    connectionPage({
      open: 7,
      silent: ['g2'],
      left_out: 5,
      connections: [
        openConnection({ connection_id: 'g1-9', player_id: null, lag_ms: 2_500 }),
        openConnection(),
      ],
    }),
  );
  const { user, onSelect } = show(READER);
  const table = await screen.findByRole('table', { name: 'Open connections' });
  const [, troubled, calm] = within(table).getAllByRole('row');
  expect(troubled?.textContent).toContain('2,500 ms');
  expect(calm?.textContent).toContain('pl_1');
  expect(screen.getByText(/5 calmer ones are not shown/)).toBeTruthy();
  expect(screen.getByText(/Gateway g2 did not answer/)).toBeTruthy();
  await user.click(within(table).getByRole('button', { name: 'not signed in' }));
  expect(onSelect).toHaveBeenCalledExactlyOnceWith('g1-9');
});

it('asks for the connections of one player', async () => {
  const { user } = show(READER);
  await user.type(await screen.findByLabelText('Player, by name or id'), ' vera {Enter}');
  expect(asked.connections).toHaveBeenLastCalledWith('vera');
});

it('keeps what it has and says that it is old when the server does not answer', async () => {
  show(READER);
  await screen.findByRole('table', { name: 'Open connections' });
  asked.connections.mockRejectedValue(new TypeError('gone'));
  await services.resources.refetchQueries({ queryKey: ['connections'] });
  expect(await screen.findByText(/not renewed since/)).toBeTruthy();
  expect(screen.getByRole('table', { name: 'Open connections' })).toBeTruthy();
});

it('explains a connection with its refusals and what it recovered', async () => {
  asked.connection.mockResolvedValue(
    explanation({
      recovery: [{ channel: 'market.ore', outcome: 'lost', missed: 4 }],
      refusals: { invalid_signature: 2 },
      recent_refusals: [
        {
          at: '2026-11-30T10:00:00.000Z',
          code: 'invalid_signature',
          frame_id: '3',
          command_id: 'c-7',
        },
      ],
    }),
  );
  show(READER, 'g1-1');
  const refusals = await screen.findByRole('region', { name: 'Refusals' });
  expect(refusals.textContent).toContain('invalid_signature2');
  expect(refusals.textContent).toContain('command c-7');
  expect(screen.getByText('1 lost; 4 updates meanwhile')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Close connection' })).toBeNull();
});

it('closes a connection with a reason, by who may', async () => {
  const { user } = show([...READER, 'connections:close'], 'g1-1');
  await user.click(await screen.findByRole('button', { name: 'Close connection' }));
  const dialog = screen.getByRole('dialog');
  const confirm = within(dialog).getByRole('button', { name: 'Close it' });
  expect(confirm.hasAttribute('disabled')).toBe(true);
  await user.type(within(dialog).getByLabelText('Reason'), ' it hangs ');
  await user.click(confirm);
  expect(asked.close).toHaveBeenCalledExactlyOnceWith('g1-1', 'it hangs');
});

it('halts the game with a reason, by who may', async () => {
  const { user } = show([...READER, 'markets:halt']);
  const panel = await screen.findByRole('region', { name: 'Trading' });
  await user.click(await within(panel).findByLabelText('Halted'));
  await user.type(within(panel).getByLabelText('Reason'), 'a wrong price');
  await user.click(within(panel).getByRole('button', { name: 'Set to halted' }));
  expect(asked.setTradingState).toHaveBeenCalledExactlyOnceWith(
    { kind: 'game' },
    'halted',
    'a wrong price',
  );
});

it('shows a state to who may not change it, and a player only once he is named', async () => {
  const { user } = show([...READER, 'players:halt']);
  const panel = await screen.findByRole('region', { name: 'Trading' });
  expect(await within(panel).findByText(/may see this, not change it/)).toBeTruthy();
  await user.click(within(panel).getByLabelText('Player'));
  expect(within(panel).getByText('Say whose trading you ask for.')).toBeTruthy();
  asked.tradingState.mockRejectedValue(
    new ApiProblem({
      title: 'Unknown player',
      detail: 'There is no player nobody.',
      status: 404,
      code: 'unknown_player',
      retry: 'never',
    }),
  );
  await user.type(within(panel).getByLabelText('Name or id of the player'), 'nobody{Enter}');
  expect(await within(panel).findByText('There is no player nobody.')).toBeTruthy();
  expect(asked.tradingState).toHaveBeenLastCalledWith({
    kind: 'player',
    player: 'nobody',
  });
});
