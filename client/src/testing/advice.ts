/** Well-formed answers about forecasts, advice, rules and ARIA, for tests. */
import type { Recommendation } from '../protocol/advice';
import type { AutomationLimits, AutomationStatus, Rule } from '../protocol/automation';
import type { AriaAnswer, Proposal } from '../protocol/conversation';
import type { HorizonPerformance, PriceForecast } from '../protocol/forecast';

export function priceForecast(changes: Partial<PriceForecast> = {}): PriceForecast {
  return {
    commodity: 'ore',
    horizon: '1h',
    made_at: '2102-01-01T00:02:00Z',
    due_at: '2102-01-01T01:02:00Z',
    reference_price: 50,
    predicted_price: 56,
    direction: 'up',
    confidence: 0.73,
    edge: true,
    interval_80: { low: 48, high: 62 },
    interval_95: { low: 45, high: 66 },
    risk_level: 'medium',
    explanation: 'Most came from the 12 hour season.',
    model_id: 'linear-1',
    ...changes,
  };
}

export function horizonPerformance(changes: Partial<HorizonPerformance> = {}): HorizonPerformance {
  return {
    n: 1_200,
    n_independent: 400,
    flat: 3,
    hit_rate: 0.625,
    ci_low: 0.58,
    ci_high: 0.67,
    base_rate: 0.52,
    baselines: { persistence: 0.49, drift: null, mean_reversion: null, auto_ets: null },
    p_value: 0.001,
    brier: 0.2,
    calibration_error: 0.03,
    coverage_80: 0.81,
    coverage_95: 0.94,
    model_id: 'linear-1',
    ...changes,
  };
}

export function recommendation(changes: Partial<Recommendation> = {}): Recommendation {
  const side = { market_version: 1, total_credits: 1_000, fees_credits: 10 };
  return {
    kind: 'trade',
    commodity: 'ore',
    quantity: 20,
    buy: { ...side, port_id: 'port-1', port_name: 'Halden Dock', sector_id: 'sector-1' },
    sell: { ...side, port_id: 'port-3', port_name: 'Far Yard', sector_id: 'sector-3' },
    docking_fees_credits: 10,
    profit_credits: 300,
    travel_seconds: 9,
    turns: 2,
    path: ['sector-2', 'sector-3'],
    ...changes,
  };
}

export function automationLimits(changes: Partial<AutomationLimits> = {}): AutomationLimits {
  return {
    rules: 10,
    conditions_of_a_side: 10,
    name_length_min: 3,
    name_length_max: 50,
    investment_credits: 100_000,
    trades_per_hour: 20,
    seconds_between_trades: 30,
    loss_credits_in_24_hours: 500_000,
    share_of_credits_percent: 10,
    ...changes,
  };
}

export function rule(changes: Partial<Rule> = {}): Rule {
  return {
    id: 'rule-1',
    name: 'Cheap ore',
    commodity: 'ore',
    buyConditions: [{ type: 'price_below', value: 45, comparison: 'less_than' }],
    sellConditions: [],
    riskLevel: 'moderate',
    maxInvestment: 5_000,
    isActive: false,
    portId: null,
    ...changes,
  };
}

export function automationStatus(changes: Partial<AutomationStatus> = {}): AutomationStatus {
  return {
    isActive: true,
    totalProfitToday: 0,
    tradesExecuted: 1,
    rulesActive: 1,
    lastAction: null,
    pauseOnDisconnect: false,
    pausedAt: null,
    ...changes,
  };
}

export function proposal(changes: Partial<Proposal> = {}): Proposal {
  return {
    proposal_id: 'proposal-1',
    kind: 'trade',
    preview: {
      side: 'buy',
      commodity: 'ore',
      quantity: 10,
      port_id: 'port-1',
      port_name: 'Halden Dock',
      price_bound: 51,
      price_allowance: 2,
      total_credits: 499,
      fees_credits: 5,
      market_version: 10,
    },
    expires_at: '2999-01-01T00:00:00Z',
    ...changes,
  };
}

export function ariaAnswer(changes: Partial<AriaAnswer> = {}): AriaAnswer {
  return {
    conversation_id: 'conversation-1',
    message_id: 'message-1',
    answer: 'Ore costs 49 credits here.',
    sources: [{ tool: 'port_quote', market_version: 10, as_of: '2026-11-24T14:00:00Z' }],
    proposals: [],
    suggestions: [],
    provider: 'offline',
    ...changes,
  };
}
