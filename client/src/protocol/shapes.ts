/** The shapes that REST answers and published frames share (docs/PROTOCOL). */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

/** What a commodity costs across the galaxy. `change_24h` is in per cent. */
export const MarketRealtime = v.object({
  commodity,
  price: v.number(),
  bid: v.number(),
  ask: v.number(),
  volume_24h: units,
  change_24h: v.number(),
  high_24h: v.number(),
  low_24h: v.number(),
  trend: v.picklist(['up', 'down', 'flat']),
  version: v.number(),
  as_of: instant,
  game_time: instant,
});
export type MarketRealtime = v.InferOutput<typeof MarketRealtime>;

/**
 * What operators let be traded: `reducing` is sales and cancels only. `scope` and `reason` say for
 * what it is set and why; they are null while trading is active.
 */
export const TradingStatus = v.object({
  state: v.picklist(['active', 'reducing', 'halted']),
  scope: v.nullable(v.picklist(['game', 'port', 'player'])),
  reason: v.nullable(v.string()),
});
export type TradingStatus = v.InferOutput<typeof TradingStatus>;

/**
 * One good at one port. The port pays `bid_price` (null: its store is full) and asks `ask_price`
 * (null: it has none); `buys` and `sells` are from its side.
 */
export const PortGood = v.object({
  commodity,
  stock: units,
  target: units,
  bid_price: v.nullable(units),
  ask_price: v.nullable(units),
  buys: v.boolean(),
  sells: v.boolean(),
});
export type PortGood = v.InferOutput<typeof PortGood>;

/** All acting orders of a side at one price. */
export const BookLevel = v.object({ price_credits: units, quantity: units, orders: units });
export type BookLevel = v.InferOutput<typeof BookLevel>;

/** The acting orders for a good at a port, best price first. */
export const GoodBook = v.object({
  commodity,
  buys: v.array(BookLevel),
  sells: v.array(BookLevel),
});
export type GoodBook = v.InferOutput<typeof GoodBook>;

/** A port's goods at one version, and the books of those that have acting orders. */
export const PortMarket = v.object({
  port_id: v.string(),
  name: v.string(),
  sector_id: v.string(),
  version: v.number(),
  as_of: instant,
  goods: v.array(PortGood),
  books: v.array(GoodBook),
  trading_state: TradingStatus,
});
export type PortMarket = v.InferOutput<typeof PortMarket>;

export const Journey = v.object({
  from_sector_id: v.string(),
  to_sector_id: v.string(),
  departed_at: instant,
  arrives_at: instant,
});
export type Journey = v.InferOutput<typeof Journey>;

/**
 * `average_cost` is credits paid a unit, fees included, for what the hold carries; `trading_state`
 * holds for the player where his ship is docked.
 */
export const AccountState = v.object({
  player_id: v.string(),
  credits,
  turns: units,
  turns_max: units,
  sector_id: v.string(),
  docked_port_id: v.nullable(v.string()),
  in_transit: v.nullable(Journey),
  ship: v.object({
    ship_id: v.string(),
    class: v.string(),
    cargo_capacity: units,
    cargo: v.record(commodity, units),
  }),
  average_cost: v.record(commodity, v.number()),
  realised_profit_credits: credits,
  trading_state: TradingStatus,
});

export type AccountState = v.InferOutput<typeof AccountState>;

export const PlayerState = v.object({ ...AccountState.entries, username: v.string() });
export type PlayerState = v.InferOutput<typeof PlayerState>;

export const Sector = v.object({
  sector_id: v.string(),
  name: v.string(),
  x: v.number(),
  y: v.number(),
  port_ids: v.array(v.string()),
  ports: v.array(v.object({ port_id: v.string(), name: v.string(), class: v.string() })),
  warps: v.array(v.string()),
});
export type Sector = v.InferOutput<typeof Sector>;

/** Every sector of the galaxy. */
export const GalaxyMap = v.object({ sectors: v.array(Sector) });
export type GalaxyMap = v.InferOutput<typeof GalaxyMap>;

export const Move = v.object({
  sector_id: v.string(),
  name: v.string(),
  travel_seconds: v.number(),
  turns: units,
  has_port: v.boolean(),
  port_ids: v.array(v.string()),
});
export type Move = v.InferOutput<typeof Move>;

export const AvailableMoves = v.object({ sector_id: v.string(), moves: v.array(Move) });

export const Departure = v.object({
  command_id: v.string(),
  status: v.literal('executed'),
  journey: v.object({ ...Journey.entries, travel_seconds: v.number(), turns_left: units }),
});

export const Docking = v.object({
  command_id: v.string(),
  port_id: v.string(),
  credits_after: credits,
  fee_credits: credits,
});

export const Undocking = v.object({
  command_id: v.string(),
  sector_id: v.string(),
  credits_after: credits,
  fee_credits: credits,
});

export const Retry = v.picklist(['never', 'same_id', 'new_id', 'later']);
export type Retry = v.InferOutput<typeof Retry>;

export const CANDLE_INTERVALS = ['1m', '5m', '1h', '1d'] as const;
export type CandleInterval = (typeof CANDLE_INTERVALS)[number];

/** `time` is when the candle opens, in the galaxy's date. */
export const Candle = v.object({
  time: instant,
  open: v.number(),
  high: v.number(),
  low: v.number(),
  close: v.number(),
  volume: v.number(),
});
export type Candle = v.InferOutput<typeof Candle>;

/** `prehistory_until`: bars before this date were simulated before the universe's birth. */
export const Candles = v.object({
  commodity,
  interval: v.picklist(CANDLE_INTERVALS),
  port_id: v.nullable(v.string()),
  candles: v.array(Candle),
  prehistory_until: instant,
});
export type Candles = v.InferOutput<typeof Candles>;

export const ServerStatus = v.object({
  server_time: instant,
  game_time: instant,
  tick: v.number(),
  time_scale: v.number(),
  version: v.string(),
  players_online: v.number(),
  universe: v.object({ seed: v.number(), sectors: v.number(), ports: v.number() }),
});
export type ServerStatus = v.InferOutput<typeof ServerStatus>;

/** What signing in or refreshing yields; `expires_in` is in seconds. */
export const TokenGrant = v.object({
  access_token: v.string(),
  refresh_token: v.string(),
  expires_in: v.number(),
  player_id: v.string(),
  username: v.string(),
});
export type TokenGrant = v.InferOutput<typeof TokenGrant>;

/** A refusal over HTTP (RFC 9457); `errors` names fields where the request was malformed. */
export const Problem = v.object({
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string()),
  code: v.string(),
  retry: Retry,
  retry_after_ms: v.nullish(v.number()),
  errors: v.nullish(v.array(v.object({ field: v.string(), message: v.string() }))),
});
export type Problem = v.InferOutput<typeof Problem>;
