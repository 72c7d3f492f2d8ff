import type {
  Comparison,
  ConditionType,
  RiskLevel,
  RuleCondition,
  RuleTrace,
} from '../../protocol/automation';
import { formatPercent, formatPrice, formatUnits } from '../../ui/format';

const COMPARISONS: Record<Comparison, string> = {
  less_than: 'below',
  greater_than: 'above',
  equals: 'equal to',
};

export const RISK_NAMES: Record<RiskLevel, string> = {
  conservative: 'Conservative: a quarter a trade',
  moderate: 'Moderate: half a trade',
  aggressive: 'Aggressive: all at once',
};

/** Name the input that a condition looks at; a price is the ask for buying, the bid for selling. */
export function inputName(type: ConditionType, side: 'buy' | 'sell'): string {
  switch (type) {
    case 'price_below':
    case 'price_above':
      return side === 'buy' ? 'ask' : 'bid';
    case 'margin_exceeds':
      return 'margin';
    case 'ai_confidence':
      return 'forecast confidence';
  }
}

/** Write a value of a condition's input in its unit. */
export function inputValue(type: ConditionType, value: number): string {
  switch (type) {
    case 'price_below':
    case 'price_above':
      return Number.isInteger(value) ? formatUnits(value) : formatPrice(value);
    case 'margin_exceeds':
      return formatPercent(value);
    case 'ai_confidence':
      return value.toFixed(2);
  }
}

/** Say a condition in words. */
export function conditionWords(condition: RuleCondition, side: 'buy' | 'sell'): string {
  const { type, comparison, value } = condition;
  return `${inputName(type, side)} ${COMPARISONS[comparison]} ${inputValue(type, value)}`;
}

/** Say when a side of a rule trades; null for a side without conditions, which rests. */
export function sideWords(
  conditions: readonly RuleCondition[],
  side: 'buy' | 'sell',
): string | null {
  if (conditions.length === 0) return null;
  const words = conditions.map((condition) => conditionWords(condition, side)).join(' and ');
  return `${side === 'buy' ? 'Buy' : 'Sell'} when ${words}`;
}

/** Say in a few words what came of a judgement. */
export function verdictWords({ verdict, side, quantity }: RuleTrace): string {
  const verb = side === 'buy' ? 'buy' : 'sell';
  if (verdict === 'blocked') return `Did not ${verb}`;
  const done = side === 'buy' ? 'Bought' : 'Sold';
  return quantity === null ? done : `${done} ${formatUnits(quantity)}`;
}

/** Name a limit or a code for people; the wire's names are lower case with underscores. */
export function wireName(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
