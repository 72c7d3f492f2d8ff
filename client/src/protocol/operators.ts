/** The shapes that operators see: connections, and what the risk gate lets through. */
import * as v from 'valibot';

import { instant, units } from './scalars';

/** The caller's own account; `permissions` are those of his role. */
export const Account = v.object({ role: v.string(), permissions: v.array(v.string()) });
export type Account = v.InferOutput<typeof Account>;

const Outcome = v.picklist(['replay', 'snapshot', 'lost']);
const Dialect = v.picklist(['native', 'foundation', 'unknown']);
const refusals = v.record(v.string(), units);

/** An open connection in a line; `recovered` counts the channels of its resumption by outcome. */
export const OpenConnection = v.object({
  connection_id: v.string(),
  player_id: v.nullable(v.string()),
  dialect: Dialect,
  address: v.string(),
  opened_at: instant,
  last_frame_at: instant,
  channels: units,
  queued_frames: units,
  queued_bytes: units,
  lag_ms: units,
  conflated: units,
  refused: units,
  round_trip_ms: v.nullable(v.number()),
  recovered: v.record(Outcome, v.optional(units)),
  missed: units,
});
export type OpenConnection = v.InferOutput<typeof OpenConnection>;

export const ClosedConnection = v.object({
  connection_id: v.string(),
  player_id: v.nullable(v.string()),
  dialect: Dialect,
  address: v.string(),
  opened_at: instant,
  closed_at: instant,
  closed_by: v.picklist(['server', 'client', 'network']),
  code: v.nullable(v.number()),
  reason: v.string(),
  conflated: units,
  refusals,
});
export type ClosedConnection = v.InferOutput<typeof ClosedConnection>;

/** Connections, the most troubled first; gateways that are `silent` have not told of theirs. */
export const ConnectionPage = v.object({
  gateways: v.array(v.string()),
  silent: v.array(v.string()),
  as_of: instant,
  open: units,
  left_out: units,
  connections: v.array(OpenConnection),
  closed: v.array(ClosedConnection),
});
export type ConnectionPage = v.InferOutput<typeof ConnectionPage>;

/** All that is known of a connection; one of `open` and `closed` is null. */
export const ConnectionExplanation = v.object({
  gateway: v.string(),
  as_of: instant,
  open: v.nullable(OpenConnection),
  closed: v.nullable(ClosedConnection),
  session: v.nullable(v.string()),
  authenticated_at: v.nullable(instant),
  frames_received: units,
  followed: v.array(
    v.object({
      channel: v.string(),
      epoch: v.nullable(v.string()),
      offset: v.nullable(units),
      deltas: v.boolean(),
      left_out: units,
    }),
  ),
  recovery: v.nullable(v.array(v.object({ channel: v.string(), outcome: Outcome, missed: units }))),
  refusals,
  recent_refusals: v.array(
    v.object({
      at: instant,
      code: v.string(),
      frame_id: v.nullable(v.string()),
      command_id: v.nullable(v.string()),
    }),
  ),
});
export type ConnectionExplanation = v.InferOutput<typeof ConnectionExplanation>;

const TradingState = v.picklist(['active', 'reducing', 'halted']);
export type TradingState = v.InferOutput<typeof TradingState>;

/** What is set for the game, a port or a player. */
export const TradingStateView = v.object({
  subject: v.nullable(v.string()),
  state: TradingState,
});

/** For what trading is opened or halted; a player goes by id or name. */
export type TradingScope =
  | { readonly kind: 'game' }
  | { readonly kind: 'port'; readonly portId: string }
  | { readonly kind: 'player'; readonly player: string };
