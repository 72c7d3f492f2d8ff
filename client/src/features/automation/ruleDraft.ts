import type {
  AutomationLimits,
  Comparison,
  ConditionType,
  RiskLevel,
  Rule,
  RuleCondition,
  RuleDraft,
} from '../../protocol/automation';
import type { Commodity } from '../../protocol/commodity';
import { readDecimal, readWhole } from '../../ui/number';

/** A condition as it stands in the form: its value is still text. */
export interface ConditionText {
  readonly key: string;
  readonly type: ConditionType;
  readonly comparison: Comparison;
  readonly value: string;
}

/** A rule as it stands in the form. */
export interface RuleText {
  readonly name: string;
  readonly commodity: Commodity;
  readonly portId: string | null;
  readonly buy: readonly ConditionText[];
  readonly sell: readonly ConditionText[];
  readonly riskLevel: RiskLevel;
  readonly maxInvestment: string;
}

/** What is wrong with each part of the form; by the condition's key where it is a condition. */
export type RuleFaults = Readonly<Record<string, string>>;

/** The comparison that a type of condition says in its own name. */
export function naturalComparison(type: ConditionType): Comparison {
  return type === 'price_below' ? 'less_than' : 'greater_than';
}

/** Lay a template or a stored rule into the form. */
export function ruleText(
  rule: Omit<Rule, 'id' | 'isActive' | 'portId'>,
  newKey: () => string,
): RuleText {
  const texts = (conditions: readonly RuleCondition[]) =>
    conditions.map(({ type, comparison, value }) => ({
      key: newKey(),
      type,
      comparison,
      value: String(value),
    }));
  return {
    name: rule.name,
    commodity: rule.commodity,
    portId: null,
    buy: texts(rule.buyConditions),
    sell: texts(rule.sellConditions),
    riskLevel: rule.riskLevel,
    maxInvestment: String(rule.maxInvestment),
  };
}

/** Read the form: the rule it asks for, or what is wrong with it. */
export function readRule(
  text: RuleText,
  limits: AutomationLimits,
): { readonly draft: RuleDraft } | { readonly faults: RuleFaults } {
  const faults: Record<string, string> = {};
  const name = text.name.trim();
  if (name.length < limits.name_length_min || name.length > limits.name_length_max) {
    faults.name = `Name it with ${limits.name_length_min} to ${limits.name_length_max} characters.`;
  }
  const investment = readWhole(text.maxInvestment, {
    of: 'credits',
    max: limits.investment_credits,
  });
  if ('fault' in investment) faults.maxInvestment = investment.fault;
  if (text.buy.length + text.sell.length === 0) {
    faults.conditions = 'A rule without any condition would never trade: add one.';
  }
  const read = ({ key, type, comparison, value }: ConditionText): RuleCondition => {
    const number = readDecimal(value) ?? Number.NaN;
    const fault = conditionFault(type, number);
    if (fault !== null) faults[key] = fault;
    return { type, comparison, value: number };
  };
  const draft: RuleDraft = {
    name,
    commodity: text.commodity,
    portId: text.portId,
    buyConditions: text.buy.map(read),
    sellConditions: text.sell.map(read),
    riskLevel: text.riskLevel,
    maxInvestment: 'value' in investment ? investment.value : Number.NaN,
  };
  return Object.keys(faults).length === 0 ? { draft } : { faults };
}

function conditionFault(type: ConditionType, value: number): string | null {
  if (!Number.isFinite(value)) return 'Enter a number in digits, such as 1200.5 or 1,200.5.';
  switch (type) {
    case 'price_below':
    case 'price_above':
      return value < 0 ? 'A price is not below zero.' : null;
    case 'margin_exceeds':
      return null;
    case 'ai_confidence':
      return value < 0 || value > 1 ? 'A probability lies between 0 and 1.' : null;
  }
}
