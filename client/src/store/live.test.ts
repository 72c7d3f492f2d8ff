import { QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Listener } from '../connection/realtime';
import { AccountState, type PlayerState } from '../protocol/shapes';
import { automationStatus } from '../testing/advice';
import {
  bindingQuote,
  marketRealtime,
  placedOrder,
  playerState,
  portMarket,
  trade,
} from '../testing/shapes';
import { createConnectionStatusStore } from './connectionStatus';
import { liveListener } from './live';
import { createQuoteStore } from './quotes';
import { resourceKeys } from './resourceKeys';

function accountState(state: PlayerState) {
  return v.parse(AccountState, state);
}

describe('liveListener', () => {
  const quotes = createQuoteStore();
  const connection = createConnectionStatusStore();
  const news = {
    alert: vi.fn(),
    automatedTrade: vi.fn(),
    orderClosed: vi.fn(),
    quoteGiven: vi.fn(),
    quoteClosed: vi.fn(),
    quotesMissed: vi.fn(),
    updatesRefused: vi.fn(),
    fates: vi.fn(),
  };
  let resources: QueryClient;
  let listener: Listener;

  beforeEach(() => {
    vi.resetAllMocks();
    quotes.setState({}, true);
    connection.setState(connection.getInitialState(), true);
    resources = new QueryClient();
    listener = liveListener({ quotes, connection, resources }, news, () => 77);
  });

  function isStale(queryKey: readonly unknown[]): boolean | undefined {
    return resources.getQueryState(queryKey)?.isInvalidated;
  }

  it('takes in prices and when they came', () => {
    listener.published('market.ore', marketRealtime({ price: 51 }));
    expect(quotes.getState().ore).toMatchObject({ receivedAtMs: 77, market: { price: 51 } });
    expect(connection.getState().newestPriceAtMs).toBe(77);
  });

  it('tells why updates do not come', () => {
    listener.refused(['market.ore'], 'Too many subscriptions.');
    expect(news.updatesRefused).toHaveBeenCalledExactlyOnceWith('Too many subscriptions.');
  });

  it('takes the same price told again for no newer one', () => {
    listener.published('market.ore', marketRealtime());
    connection.setState({ newestPriceAtMs: 5 });
    listener.published('market.ore', marketRealtime());
    expect(connection.getState().newestPriceAtMs).toBe(5);
  });

  it('leaves out data of another shape', () => {
    listener.published('market.ore', { ...marketRealtime(), price: '51' });
    listener.published('weather.sol', {});
    expect(quotes.getState()).toEqual({});
  });

  it('follows a port, never backwards', () => {
    const key = resourceKeys.port('port-1');
    listener.published('port.port-1', portMarket({ version: 12 }));
    listener.published('port.port-1', portMarket({ version: 11 }));
    expect(resources.getQueryData(key)).toEqual(portMarket({ version: 12 }));
  });

  it('makes of an old state and the account’s news what a fresh state shows', () => {
    const fresh = playerState({ credits: 49_496, sector_id: 'sector-2', docked_port_id: null });
    resources.setQueryData(resourceKeys.player, playerState());
    resources.setQueryData(resourceKeys.sector, 'the old sector');
    resources.setQueryData(resourceKeys.history, 'the old history');
    const update = { type: 'account_update', command_id: 'c-1' };
    listener.published('account', { ...update, state: accountState(fresh), trade: trade() });
    expect(resources.getQueryData(resourceKeys.player)).toEqual(fresh);
    expect(isStale(resourceKeys.sector)).toBe(true);
    expect(isStale(resourceKeys.history)).toBe(true);
  });

  it('takes the account’s snapshot', () => {
    resources.setQueryData(resourceKeys.player, playerState());
    listener.published('account', accountState(playerState({ turns: 3 })));
    expect(resources.getQueryData(resourceKeys.player)).toEqual(playerState({ turns: 3 }));
  });

  it('shows a halt and its end as they are pushed, to the player and at the port', () => {
    const halted = { state: 'halted', scope: 'game', reason: 'a wrong price' } as const;
    const active = { state: 'active', scope: null, reason: null } as const;
    resources.setQueryData(resourceKeys.player, playerState());
    resources.setQueryData(resourceKeys.port('port-1'), portMarket());
    for (const trading_state of [halted, active]) {
      const state = accountState(playerState({ trading_state }));
      listener.published('account', { state, trade: null, command_id: null });
      listener.published('port.port-1', portMarket({ trading_state }));
      expect(resources.getQueryData(resourceKeys.player)).toMatchObject({ trading_state });
      expect(resources.getQueryData(resourceKeys.port('port-1'))).toMatchObject({ trading_state });
    }
  });

  it('shows what a rule did at once, and says why', () => {
    resources.setQueryData(resourceKeys.player, playerState());
    for (const key of [resourceKeys.rules, resourceKeys.tracesOf('r')]) {
      resources.setQueryData(key, 'old');
    }
    const automation = automationStatus();
    const reasoning = 'Bought 10 ore by the rule Cheap ore.';
    const state = accountState(playerState());
    listener.published('account', { state, trade: trade(), automation, reasoning });
    expect(resources.getQueryData(resourceKeys.automationStatus)).toEqual(automation);
    expect(isStale(resourceKeys.rules)).toBe(true);
    expect(isStale(resourceKeys.tracesOf('r'))).toBe(true);
    expect(news.automatedTrade).toHaveBeenCalledExactlyOnceWith(reasoning);
  });

  describe('of orders and quotes', () => {
    const update = { state: accountState(playerState()), trade: null, command_id: 'c-1' };

    beforeEach(() => {
      resources.setQueryData(resourceKeys.player, playerState());
      resources.setQueryData(resourceKeys.openOrders, []);
    });

    it('follows an order from its placing to its close, and tells the close', () => {
      listener.published('account', { ...update, order: placedOrder() });
      expect(resources.getQueryData(resourceKeys.openOrders)).toEqual([placedOrder()]);
      expect(news.orderClosed).not.toHaveBeenCalled();
      const closed = placedOrder({ close_reason: 'expired', closed_at: '2026-11-25T14:00:01Z' });
      listener.published('account', { ...update, command_id: null, order: closed });
      expect(resources.getQueryData(resourceKeys.openOrders)).toEqual([]);
      expect(news.orderClosed).toHaveBeenCalledExactlyOnceWith(closed, null);
    });

    it('passes on quotes that were given and those that ended', () => {
      const close = { quote_id: 'quote-1', reason: 'expired', next_quote_at: null };
      listener.published('account', { ...update, quote: bindingQuote() });
      listener.published('account', { ...update, quote_close: close });
      expect(news.quoteGiven).toHaveBeenCalledExactlyOnceWith(bindingQuote());
      expect(news.quoteClosed).toHaveBeenCalledExactlyOnceWith(close);
    });

    it('reads all of them again after a gap', () => {
      resources.setQueryData(resourceKeys.profit, 'old');
      listener.gap('account', 1);
      expect(isStale(resourceKeys.openOrders)).toBe(true);
      expect(isStale(resourceKeys.profit)).toBe(true);
      expect(news.quotesMissed).toHaveBeenCalledOnce();
    });
  });

  it('puts an alert into the list and says it', () => {
    const alert = {
      alert_id: 'a-1',
      kind: 'price',
      priority: 3,
      title: 'Ore is dear',
      message: 'Ore stands at 60.',
      created_at: '2026-11-24T14:00:00Z',
      expires_at: '2026-11-24T15:00:00Z',
    };
    resources.setQueryData(resourceKeys.alerts, { set: [], received: [], limit: 20 });
    listener.published('account', { type: 'ai_alert', alert, priority: 3, title: alert.title });
    expect(resources.getQueryData(resourceKeys.alerts)).toMatchObject({ received: [alert] });
    expect(news.alert).toHaveBeenCalledExactlyOnceWith(alert);
  });

  it('keeps the newest pulse', () => {
    const pulse = {
      players_online: 3,
      window_seconds: 60,
      trades: 1,
      arrivals: 0,
      dockings: 0,
      newcomers: 0,
      activity: [],
    };
    listener.published('pulse', pulse);
    listener.published('pulse', { activity: 'none' });
    expect(resources.getQueryData(resourceKeys.pulse)).toEqual(pulse);
  });

  it('reads again what a gap may have changed, and counts what was missed', () => {
    const candles = resourceKeys.candles('ore', '5m', null);
    for (const key of [candles, resourceKeys.port('port-1'), resourceKeys.player]) {
      resources.setQueryData(key, 'old');
    }
    listener.gap('market.ore', 2);
    listener.gap('port.port-1', 3);
    listener.gap('account', null);
    expect(isStale(candles)).toBe(true);
    expect(isStale(resourceKeys.port('port-1'))).toBe(true);
    expect(isStale(resourceKeys.player)).toBe(true);
    expect(connection.getState().missed).toBe(5);
  });

  it('keeps what the last return after a loss recovered and lost', () => {
    const channel = { channel: 'market.ore', epoch: 'e', offset: 9 };
    listener.resumed([]);
    expect(connection.getState().recovery).toBeNull();
    listener.resumed([
      { ...channel, outcome: 'replay', missed: 2 },
      { ...channel, outcome: 'replay', missed: 5 },
      { ...channel, outcome: 'snapshot', missed: 40 },
      { ...channel, outcome: 'lost', missed: 1 },
    ]);
    expect(connection.getState().recovery).toEqual({
      atMs: 77,
      replayed: 2,
      replayedUpdates: 7,
      takenAnew: 1,
      lost: 1,
    });
  });
});
