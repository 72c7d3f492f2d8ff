// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { NoAnswer } from '../connection/problem';
import type { Order, Receipt } from '../protocol/order';
import { marketOrder, playerState, receipt, trade } from '../testing/shapes';
import type { OrderApi } from './placeOrder';
import { resourceKeys } from './resourceKeys';
import { afterTrade, TradeDesk } from './tradeDesk';

const ORDER: Order = marketOrder();

describe('TradeDesk', () => {
  const api = { place: vi.fn<OrderApi['place']>(), fate: vi.fn<OrderApi['fate']>() };
  const onSettled = vi.fn();
  let resources: QueryClient;
  let desk: TradeDesk;

  beforeEach(() => {
    vi.resetAllMocks();
    let ids = 0;
    sessionStorage.clear();
    resources = new QueryClient();
    desk = new TradeDesk(
      api,
      resources,
      {
        newCommandId: () => `c-${(ids += 1)}`,
        sleep: () => Promise.resolve(),
        storage: sessionStorage,
      },
      onSettled,
    );
  });

  it('takes an executed trade into the player’s state at once', async () => {
    resources.setQueryData(resourceKeys.player, playerState());
    api.place.mockResolvedValue(receipt('c-1'));
    await desk.place(ORDER);
    expect(resources.getQueryData(resourceKeys.player)).toMatchObject({
      credits: 49_496,
      ship: { cargo: { ore: 10 } },
    });
  });

  it('sends nothing while an order is under way', async () => {
    let answer: (receipt: Receipt) => void = () => undefined;
    api.place.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const first = desk.place(ORDER);
    expect(await desk.place(ORDER)).toBeNull();
    answer(receipt('c-1'));
    await first;
    expect(api.place).toHaveBeenCalledOnce();
  });

  it('sends nothing while an outcome is unknown, and asks for it under the same id', async () => {
    api.place.mockRejectedValue(new NoAnswer('away'));
    api.fate.mockRejectedValue(new NoAnswer('away'));
    await desk.place(ORDER);
    expect(await desk.place(ORDER)).toBeNull();
    desk.clear();
    expect(desk.state.getState().stage).toBe('settled');
    api.fate.mockReset().mockResolvedValue(receipt('c-1'));
    await desk.inquire();
    expect(api.fate).toHaveBeenCalledExactlyOnceWith('c-1');
    expect(desk.state.getState()).toMatchObject({ outcome: { kind: 'executed' } });
    expect(api.place).toHaveBeenCalledOnce();
  });

  it('shows an outcome that comes late to nobody but the player who ordered', async () => {
    let answer: (receipt: Receipt) => void = () => undefined;
    api.place.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const placed = desk.place(ORDER);
    desk.vacate();
    answer(receipt('c-1'));
    await placed;
    expect(desk.state.getState()).toEqual({ stage: 'idle' });
    expect(onSettled).not.toHaveBeenCalled();
  });

  describe('over a loss', () => {
    function reloaded(): TradeDesk {
      const around = {
        newCommandId: () => 'never',
        sleep: () => Promise.resolve(),
        storage: sessionStorage,
      };
      return new TradeDesk(api, resources, around, onSettled);
    }

    async function leaveInDoubt(): Promise<void> {
      api.place.mockRejectedValue(new NoAnswer('away'));
      api.fate.mockRejectedValue(new NoAnswer('away'));
      await desk.place(ORDER);
    }

    it('follows an order over a reload under its own id', async () => {
      await leaveInDoubt();
      expect(desk.commandsInDoubt).toEqual(['c-1']);
      api.fate.mockReset().mockResolvedValue(receipt('c-1'));
      const after = reloaded();
      await after.resume();
      expect(api.fate).toHaveBeenCalledExactlyOnceWith('c-1');
      expect(after.state.getState()).toMatchObject({ outcome: { kind: 'executed' } });
      expect(after.commandsInDoubt).toEqual([]);
      await reloaded().resume();
      expect(api.fate).toHaveBeenCalledOnce();
    });

    it('leaves nothing to the next player, and nothing that it cannot read', async () => {
      await leaveInDoubt();
      desk.vacate();
      const after = reloaded();
      await after.resume();
      expect(after.state.getState()).toEqual({ stage: 'idle' });
      sessionStorage.setItem('sectorwars.order', '{"commandId": 1}');
      await after.resume();
      expect(after.state.getState()).toEqual({ stage: 'idle' });
      expect(sessionStorage.length).toBe(0);
    });

    it('takes in the fate that the server tells on coming back, once', async () => {
      await leaveInDoubt();
      onSettled.mockReset();
      const told = { command_id: 'c-1', status: 'executed', receipt: receipt('c-1') } as const;
      desk.learn([{ command_id: 'c-9', status: 'rejected' }, told]);
      desk.learn([told]);
      expect(onSettled).toHaveBeenCalledOnce();
      expect(desk.state.getState()).toMatchObject({ outcome: { kind: 'executed' } });
    });

    it('asks on where the server never saw the command', async () => {
      await leaveInDoubt();
      api.fate.mockReset().mockResolvedValue(receipt('c-1'));
      desk.learn([{ command_id: 'c-1', status: 'never_seen' }]);
      await vi.waitFor(() => {
        expect(desk.state.getState()).toMatchObject({ outcome: { kind: 'executed' } });
      });
    });
  });

  it('gives every order an id of its own', async () => {
    api.place.mockImplementation((commandId) => Promise.resolve(receipt(commandId)));
    await desk.place(ORDER);
    await desk.place(ORDER);
    expect(api.place.mock.calls.map(([commandId]) => commandId)).toEqual(['c-1', 'c-2']);
    expect(onSettled).toHaveBeenCalledTimes(2);
  });
});

describe('afterTrade', () => {
  it('empties the hold of a good that is sold out', () => {
    const ship = { ...playerState().ship, cargo: { ore: 10, fuel: 3 } };
    const sold = trade({ side: 'sell', cargo_after: 0, credits_after: 50_440 });
    expect(afterTrade(playerState({ ship }), sold)).toEqual(
      playerState({ credits: 50_440, ship: { ...ship, cargo: { fuel: 3 } } }),
    );
  });
});
