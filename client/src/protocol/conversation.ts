/** Shapes of the conversation with ARIA. */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

/** A tool that figures of an answer come from; without a version it read no market. */
export const Source = v.object({
  tool: v.string(),
  market_version: v.nullable(v.number()),
  as_of: instant,
});
export type Source = v.InferOutput<typeof Source>;

/** An order that only the player's word executes, once, until `expires_at`. */
export const Proposal = v.object({
  proposal_id: v.string(),
  kind: v.literal('trade'),
  preview: v.object({
    side: v.picklist(['buy', 'sell']),
    commodity,
    quantity: units,
    port_id: v.string(),
    port_name: v.string(),
    price_bound: units,
    price_allowance: units,
    total_credits: credits,
    fees_credits: credits,
    market_version: v.number(),
  }),
  expires_at: instant,
});
export type Proposal = v.InferOutput<typeof Proposal>;

export const AriaAnswer = v.object({
  conversation_id: v.string(),
  message_id: v.string(),
  answer: v.string(),
  sources: v.array(Source),
  proposals: v.array(Proposal),
  suggestions: v.array(v.string()),
  provider: v.string(),
});
export type AriaAnswer = v.InferOutput<typeof AriaAnswer>;

export const ConversationSummary = v.object({
  conversation_id: v.string(),
  title: v.string(),
  messages: units,
  created_at: instant,
  updated_at: instant,
});
export const Conversations = v.object({ conversations: v.array(ConversationSummary) });
export type ConversationSummary = v.InferOutput<typeof ConversationSummary>;

export const ConversationExport = v.object({
  conversation_id: v.string(),
  title: v.string(),
  created_at: instant,
  messages: v.array(
    v.object({
      message_id: v.string(),
      author: v.picklist(['player', 'aria']),
      text: v.string(),
      at: instant,
    }),
  ),
});
export type ConversationExport = v.InferOutput<typeof ConversationExport>;

/** The longest message that ARIA reads. */
export const MESSAGE_LENGTH_MAX = 2_000;
