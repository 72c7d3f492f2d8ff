/** Shapes of automation rules, of their status, and of why they did or did not trade. */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

export const CONDITION_TYPES = [
  'price_below',
  'price_above',
  'margin_exceeds',
  'ai_confidence',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

export const COMPARISONS = ['less_than', 'greater_than', 'equals'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export const RISK_LEVELS = ['conservative', 'moderate', 'aggressive'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** A condition: `type` is the input that it looks at, `comparison` the operator. */
export const RuleCondition = v.object({
  type: v.picklist(CONDITION_TYPES),
  value: v.number(),
  comparison: v.picklist(COMPARISONS),
});
export type RuleCondition = v.InferOutput<typeof RuleCondition>;

/** What a player asks for; `portId` null: wherever the ship is docked. */
const ruleTerms = {
  name: v.string(),
  commodity,
  buyConditions: v.array(RuleCondition),
  sellConditions: v.array(RuleCondition),
  riskLevel: v.picklist(RISK_LEVELS),
  maxInvestment: units,
};

export const Rule = v.object({
  ...ruleTerms,
  id: v.string(),
  isActive: v.boolean(),
  portId: v.nullable(v.string()),
});
export type Rule = v.InferOutput<typeof Rule>;

/** A rule as it is asked for, before the server gave it an id. */
export type RuleDraft = Omit<Rule, 'id' | 'isActive'>;

export const RuleTemplate = v.object({
  ...ruleTerms,
  template_id: v.string(),
  description: v.string(),
});
export type RuleTemplate = v.InferOutput<typeof RuleTemplate>;

/**
 * `totalProfitToday` and `tradesExecuted` cover the last 24 hours of real time; `pausedAt` says when
 * automation was turned off because the player had no connection, if that is why it is off.
 */
export const AutomationStatus = v.object({
  isActive: v.boolean(),
  totalProfitToday: credits,
  tradesExecuted: units,
  rulesActive: units,
  lastAction: v.nullable(
    v.object({
      type: v.picklist(['buy', 'sell']),
      commodity,
      amount: units,
      profit: credits,
      timestamp: instant,
      reasoning: v.string(),
    }),
  ),
  pauseOnDisconnect: v.boolean(),
  pausedAt: v.nullable(instant),
});
export type AutomationStatus = v.InferOutput<typeof AutomationStatus>;

/** A verdict that mattered; `code` and `detail` say what stood in the way. */
export const RuleTrace = v.object({
  rule_id: v.string(),
  side: v.picklist(['buy', 'sell']),
  verdict: v.picklist(['fired', 'blocked']),
  at: instant,
  game_time: instant,
  port_id: v.nullable(v.string()),
  market_version: v.nullable(v.number()),
  conditions: v.array(
    v.object({ ...RuleCondition.entries, input: v.nullable(v.number()), holds: v.boolean() }),
  ),
  caps: v.array(v.object({ name: v.string(), used: v.number(), limit: v.number() })),
  quantity: v.nullable(units),
  code: v.nullable(v.string()),
  detail: v.string(),
});
export type RuleTrace = v.InferOutput<typeof RuleTrace>;

export const RuleTracePage = v.object({
  items: v.array(RuleTrace),
  next_cursor: v.nullable(v.string()),
});

/** What the server holds rules and automated trades to. */
export const AutomationLimits = v.object({
  rules: units,
  conditions_of_a_side: units,
  name_length_min: units,
  name_length_max: units,
  investment_credits: units,
  trades_per_hour: units,
  seconds_between_trades: units,
  loss_credits_in_24_hours: units,
  share_of_credits_percent: units,
});
export type AutomationLimits = v.InferOutput<typeof AutomationLimits>;
