/** Shapes of what a player is told to his advantage: recommendations, alerts, the pulse. */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

const AdvisedTrade = v.object({
  port_id: v.string(),
  port_name: v.string(),
  sector_id: v.string(),
  market_version: v.number(),
  total_credits: credits,
  fees_credits: credits,
});

/**
 * Buy here, sell there; `buy` is null where the goods are aboard already. The profit is after all
 * costs of the way; `path` names the sectors flown to, in order.
 */
export const Recommendation = v.object({
  kind: v.picklist(['trade', 'sale']),
  commodity,
  quantity: units,
  buy: v.nullable(AdvisedTrade),
  sell: AdvisedTrade,
  docking_fees_credits: credits,
  profit_credits: credits,
  travel_seconds: v.number(),
  turns: units,
  path: v.array(v.string()),
});
export type Recommendation = v.InferOutput<typeof Recommendation>;

export const Recommendations = v.object({
  recommendations: v.array(Recommendation),
  as_of: instant,
  game_time: instant,
});
export type Recommendations = v.InferOutput<typeof Recommendations>;

export const ALERT_CONDITIONS = ['price_below', 'price_above'] as const;
export type AlertCondition = (typeof ALERT_CONDITIONS)[number];

/** An alert that the player has set, on a port's price or, without `port_id`, on the index. */
export const PriceAlert = v.object({
  alert_id: v.string(),
  commodity,
  port_id: v.nullable(v.string()),
  condition: v.picklist(ALERT_CONDITIONS),
  value: v.number(),
  armed: v.boolean(),
  created_at: instant,
});
export type PriceAlert = v.InferOutput<typeof PriceAlert>;
export type PriceAlertDraft = Pick<PriceAlert, 'commodity' | 'port_id' | 'condition' | 'value'>;

/** A message that the player did not ask for just now; `priority` rises from 1 to 5. */
export const AIAlert = v.object({
  alert_id: v.string(),
  kind: v.picklist(['price', 'opportunity', 'risk', 'system']),
  priority: v.number(),
  title: v.string(),
  message: v.string(),
  created_at: instant,
  expires_at: instant,
  commodity: v.nullish(commodity),
  port_id: v.nullish(v.string()),
});
export type AIAlert = v.InferOutput<typeof AIAlert>;

export const Alerts = v.object({
  set: v.array(PriceAlert),
  received: v.array(AIAlert),
  limit: units,
});
export type Alerts = v.InferOutput<typeof Alerts>;

/** What happened in a sector; counts end at 100. */
export const SectorActivity = v.object({
  sector_id: v.string(),
  trades: units,
  arrivals: units,
  dockings: units,
  players: v.array(v.string()),
});
export type SectorActivity = v.InferOutput<typeof SectorActivity>;

/** What players did during the last seconds, nobody by name; busiest sectors first. */
export const UniversePulse = v.object({
  players_online: units,
  window_seconds: v.number(),
  trades: units,
  arrivals: units,
  dockings: units,
  newcomers: units,
  activity: v.array(SectorActivity),
});
export type UniversePulse = v.InferOutput<typeof UniversePulse>;
