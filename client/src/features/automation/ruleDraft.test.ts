import { describe, expect, it } from 'vitest';

import { automationLimits, rule } from '../../testing/advice';
import { readRule, type RuleText, ruleText } from './ruleDraft';

function text(changes: Partial<RuleText> = {}): RuleText {
  let keys = 0;
  return { ...ruleText(rule(), () => `key-${(keys += 1)}`), ...changes };
}

function faults(changes: Partial<RuleText>): readonly string[] {
  const read = readRule(text(changes), automationLimits());
  return 'faults' in read ? Object.keys(read.faults) : [];
}

function condition(type: 'price_below' | 'ai_confidence' | 'margin_exceeds', value: string) {
  return { buy: [{ key: 'c', type, comparison: 'less_than' as const, value }] };
}

describe('readRule', () => {
  it('holds a rule to the limits that the server names', () => {
    const limits = automationLimits({ investment_credits: 500, name_length_max: 4 });
    expect(readRule(text({ name: 'Five5', maxInvestment: '501' }), limits)).toEqual({
      faults: {
        name: 'Name it with 3 to 4 characters.',
        maxInvestment: 'Enter whole credits, from 1 to 500.',
      },
    });
  });

  it('makes of a stored rule’s text the same rule', () => {
    const draft = { ...rule(), id: undefined, isActive: undefined };
    expect(readRule(text(), automationLimits())).toEqual({ draft });
  });

  it.each([
    ['a short name', { name: ' ab ' }, ['name']],
    ['a long name', { name: 'x'.repeat(51) }, ['name']],
    ['no investment', { maxInvestment: '0' }, ['maxInvestment']],
    ['part of a credit', { maxInvestment: '1.5' }, ['maxInvestment']],
    ['more than the limit', { maxInvestment: '100,001' }, ['maxInvestment']],
    ['an investment in no digits', { maxInvestment: '1e3' }, ['maxInvestment']],
    ['no condition', { buy: [], sell: [] }, ['conditions']],
    ['an empty value', condition('price_below', ''), ['c']],
    ['a word for a value', condition('margin_exceeds', 'NaN'), ['c']],
    ['a misplaced separator', condition('price_below', '5,0'), ['c']],
    ['a price below zero', condition('price_below', '-1'), ['c']],
    ['a probability above one', condition('ai_confidence', '1.2'), ['c']],
    ['a value of zero', condition('price_below', '0'), []],
    ['a loss as a margin', condition('margin_exceeds', '-10'), []],
  ] as const)('reads %s', (_, changes, at) => {
    expect(faults(changes)).toEqual(at);
  });
});
