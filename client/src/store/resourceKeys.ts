import type { Commodity } from '../protocol/commodity';
import type { TradingScope } from '../protocol/operators';
import type { CandleInterval } from '../protocol/shapes';

/** The names under which answers of the server are kept. */
export const resourceKeys = {
  status: ['status'],
  player: ['player'],
  /** Everything that depends on where the ship is. */
  place: ['place'],
  sector: ['place', 'sector'],
  moves: ['place', 'moves'],
  port: (portId: string) => ['port', portId],
  candlesOf: (commodity: Commodity) => ['candles', commodity],
  candles: (commodity: Commodity, interval: CandleInterval, portId: string | null) => [
    'candles',
    commodity,
    interval,
    portId,
  ],
  history: ['history'],
  openOrders: ['open_orders'],
  orderHistory: ['order_history'],
  profit: ['profit'],
  galaxy: ['galaxy'],
  pulse: ['pulse'],
  forecasts: ['forecasts'],
  performance: ['performance'],
  /** What pays depends on the place, the hold and the prices. */
  recommendations: ['recommendations'],
  rules: ['rules'],
  automationStatus: ['automation_status'],
  automationLimits: ['automation_limits'],
  ruleTemplates: ['rule_templates'],
  traces: ['traces'],
  tracesOf: (ruleId: string) => ['traces', ruleId],
  backtests: ['backtests'],
  backtest: (backtestId: string) => ['backtest', backtestId],
  alerts: ['alerts'],
  conversations: ['conversations'],
  account: ['account'],
  connections: ['connections'],
  connectionsOf: (player: string | null) => ['connections', 'of', player],
  connection: (connectionId: string) => ['connections', 'one', connectionId],
  tradingState: (scope: TradingScope | null) => ['trading_state', scope],
} as const;
