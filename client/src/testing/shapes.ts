/** Well-formed answers of the server, for tests. */
import type {
  BindingQuote,
  LimitOrder,
  MarketOrder,
  OrderReceipt,
  PlacedOrder,
} from '../protocol/order';
import type {
  MarketRealtime,
  PlayerState,
  PortGood,
  PortMarket,
  TradingStatus,
} from '../protocol/shapes';
import type { Trade, TradeReceipt } from '../protocol/trade';

const ACTIVE: TradingStatus = { state: 'active', scope: null, reason: null };

export function marketRealtime(changes: Partial<MarketRealtime> = {}): MarketRealtime {
  return {
    commodity: 'ore',
    price: 50.25,
    bid: 48.1,
    ask: 52.4,
    volume_24h: 1_200,
    change_24h: 1.5,
    high_24h: 53,
    low_24h: 47,
    trend: 'up',
    version: 10,
    as_of: '2026-11-24T14:00:00.000000Z',
    game_time: '2102-01-03T00:10:00Z',
    ...changes,
  };
}

export function portGood(changes: Partial<PortGood> = {}): PortGood {
  return {
    commodity: 'ore',
    stock: 1_000,
    target: 900,
    bid_price: 45,
    ask_price: 49,
    buys: true,
    sells: true,
    ...changes,
  };
}

export function portMarket(changes: Partial<PortMarket> = {}): PortMarket {
  return {
    port_id: 'port-1',
    name: 'Halden Dock',
    sector_id: 'sector-1',
    version: 10,
    as_of: '2026-11-24T14:00:00.000000Z',
    goods: [portGood()],
    books: [],
    trading_state: ACTIVE,
    ...changes,
  };
}

export function playerState(changes: Partial<PlayerState> = {}): PlayerState {
  return {
    player_id: 'player-1',
    username: 'ada',
    credits: 50_000,
    turns: 500,
    turns_max: 500,
    sector_id: 'sector-1',
    docked_port_id: 'port-1',
    in_transit: null,
    ship: { ship_id: 'ship-1', class: 'light_freighter', cargo_capacity: 150, cargo: {} },
    average_cost: {},
    realised_profit_credits: 0,
    trading_state: ACTIVE,
    ...changes,
  };
}

export function trade(changes: Partial<Trade> = {}): Trade {
  return {
    trade_id: 'trade-1',
    port_id: 'port-1',
    side: 'buy',
    commodity: 'ore',
    quantity: 10,
    fills: [
      { price_credits: 49, quantity: 1 },
      { price_credits: 50, quantity: 9 },
    ],
    total_credits: 499,
    fees_credits: 5,
    profit_credits: null,
    credits_after: 49_496,
    cargo_after: 10,
    stock_after: 990,
    market_version: 11,
    executed_at: '2026-11-24T14:00:01.000000Z',
    game_time: '2102-01-03T00:11:00Z',
    ...changes,
  };
}

export function receipt(commandId: string, changes: Partial<Trade> = {}): TradeReceipt {
  return { command_id: commandId, status: 'executed', trade: trade(changes) };
}

export function marketOrder(changes: Partial<MarketOrder> = {}): MarketOrder {
  return {
    type: 'market',
    side: 'buy',
    commodity: 'ore',
    quantity: 10,
    limitPrice: null,
    fill: 'all',
    quoteId: null,
    ...changes,
  };
}

export function limitOrder(changes: Partial<LimitOrder> = {}): LimitOrder {
  return {
    type: 'limit',
    side: 'buy',
    commodity: 'ore',
    quantity: 10,
    limitPrice: 45,
    goodForSeconds: 86_400,
    cancelOnDisconnect: false,
    ...changes,
  };
}

export function placedOrder(changes: Partial<PlacedOrder> = {}): PlacedOrder {
  return {
    order_id: 'order-1',
    port_id: 'port-1',
    side: 'buy',
    commodity: 'ore',
    quantity: 10,
    filled: 0,
    filled_credits: 0,
    limit_credits: 45,
    held_credits: 455,
    cancel_on_disconnect: false,
    is_acting: true,
    placed_at: '2026-11-24T14:00:01.000000Z',
    expires_at: '2026-11-25T14:00:01.000000Z',
    close_reason: null,
    closed_at: null,
    ...changes,
  };
}

export function orderReceipt(
  commandId: string,
  changes: Partial<PlacedOrder> = {},
  trades: readonly Trade[] = [],
): OrderReceipt {
  return {
    command_id: commandId,
    status: 'executed',
    order: placedOrder(changes),
    trades: [...trades],
  };
}

export function bindingQuote(changes: Partial<BindingQuote> = {}): BindingQuote {
  return {
    quote_id: 'quote-1',
    port_id: 'port-1',
    side: 'buy',
    commodity: 'ore',
    quantity: 10,
    fills: [
      { price_credits: 49, quantity: 1 },
      { price_credits: 50, quantity: 9 },
    ],
    total_credits: 499,
    fees_credits: 5,
    market_version: 11,
    issued_at: '2026-11-24T14:00:01.000000Z',
    expires_at: '2026-11-24T14:00:11.000000Z',
    ...changes,
  };
}
