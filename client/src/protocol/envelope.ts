import * as v from 'valibot';

import { AIAlert } from './advice';
import { AutomationStatus } from './automation';
import { BindingQuote, PlacedOrder, QuoteClose } from './order';
import { AccountState, Retry } from './shapes';
import { Trade } from './trade';

/** The one envelope of server frames; `channel`, `offset` and `epoch` on published ones. */
export const ServerFrame = v.object({
  type: v.string(),
  data: v.unknown(),
  timestamp: v.string(),
  session_id: v.string(),
  id: v.optional(v.string()),
  channel: v.optional(v.string()),
  offset: v.optional(v.number()),
  epoch: v.optional(v.string()),
});
export type ServerFrame = v.InferOutput<typeof ServerFrame>;

export const AuthSuccess = v.object({ player_id: v.string(), session_key: v.string() });
export type AuthSuccess = v.InferOutput<typeof AuthSuccess>;

export const Subscribed = v.object({
  channels: v.array(
    v.object({
      channel: v.string(),
      epoch: v.string(),
      offset: v.number(),
      snapshot: v.unknown(),
    }),
  ),
});

/** The fate of a command whose answer was lost with the socket. */
export const ResumedCommand = v.object({
  command_id: v.string(),
  status: v.picklist(['executed', 'rejected', 'pending', 'never_seen']),
  receipt: v.nullish(v.unknown()),
  code: v.nullish(v.string()),
  retry: v.nullish(Retry),
  detail: v.nullish(v.string()),
});
export type ResumedCommand = v.InferOutput<typeof ResumedCommand>;

/** How a channel goes on after a loss; `missed` counts what was published meanwhile. */
export const ResumedChannel = v.object({
  channel: v.string(),
  epoch: v.string(),
  offset: v.number(),
  outcome: v.picklist(['replay', 'snapshot', 'lost']),
  missed: v.number(),
});
export type ResumedChannel = v.InferOutput<typeof ResumedChannel>;

export const Resumed = v.object({
  player_id: v.string(),
  session_key: v.string(),
  channels: v.array(ResumedChannel),
  commands: v.array(ResumedCommand),
});

/** Whether what the server shows grows old, because it cannot hear the engine. */
export const Staleness = v.object({ stale: v.boolean() });

/** A refusal over the socket. */
export const Refusal = v.object({
  code: v.string(),
  retry: Retry,
  reason: v.string(),
  retry_after_ms: v.optional(v.number()),
});
export type Refusal = v.InferOutput<typeof Refusal>;

/**
 * What the private channel carries: the state after a change, and the trade that made it.
 * `automation` is there where rules or the switch changed or a rule traded, `reasoning` says why;
 * `order`, `quote` and `quote_close` where one of these was placed, filled, given or ended.
 */
export const AccountUpdate = v.object({
  state: AccountState,
  trade: v.nullable(Trade),
  automation: v.nullish(AutomationStatus),
  reasoning: v.nullish(v.string()),
  command_id: v.nullish(v.string()),
  order: v.nullish(PlacedOrder),
  quote: v.nullish(BindingQuote),
  quote_close: v.nullish(QuoteClose),
});
export type AccountUpdate = v.InferOutput<typeof AccountUpdate>;

/** An alert that reached the player, on the same channel. */
export const AlertSignal = v.object({ type: v.literal('ai_alert'), alert: AIAlert });
