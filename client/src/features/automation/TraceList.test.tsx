// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { RuleTrace } from '../../protocol/automation';
import { rule } from '../../testing/advice';
import { fakeServices, Provided } from '../../testing/services';
import { TraceList } from './TraceList';

afterEach(cleanup);

const BLOCKED: RuleTrace = {
  rule_id: 'rule-1',
  side: 'buy',
  verdict: 'blocked',
  at: '2026-11-24T14:00:00Z',
  game_time: '2102-01-03T00:10:00Z',
  port_id: 'port-1',
  market_version: 1_234,
  conditions: [
    { type: 'price_below', value: 45, comparison: 'less_than', input: 44, holds: true },
    { type: 'ai_confidence', value: 0.7, comparison: 'greater_than', input: null, holds: false },
  ],
  caps: [{ name: 'trades_in_an_hour', used: 20, limit: 20 }],
  quantity: null,
  code: 'automation_hourly_limit',
  detail: 'Twenty trades in an hour are the limit.',
};

function show(items: RuleTrace[], isActive = true): void {
  const services = fakeServices();
  vi.spyOn(services.automation, 'traces').mockResolvedValue({ items, next_cursor: null });
  vi.spyOn(services.api, 'galaxy').mockResolvedValue({ sectors: [] });
  render(
    <Provided services={services}>
      <TraceList rule={rule({ isActive })} />
    </Provided>,
  );
}

describe('TraceList', () => {
  it('says why a rule did not trade: verdict, reason, every condition, every limit', async () => {
    show([BLOCKED]);
    expect(await screen.findByText('Did not buy')).toBeTruthy();
    expect(screen.getByText('automation_hourly_limit')).toBeTruthy();
    expect(screen.getByText('ask below 45: it was 44, holds')).toBeTruthy();
    expect(
      screen.getByText('forecast confidence above 0.70: there was none, does not hold'),
    ).toBeTruthy();
    expect(screen.getByText('Trades in an hour 20 of 20')).toBeTruthy();
  });

  it('says what is missing where nothing was decided', async () => {
    show([], false);
    expect(await screen.findByText(/Switch it on, and automation too/)).toBeTruthy();
  });
});
