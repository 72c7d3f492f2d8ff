import * as v from 'valibot';

import {
  AutomationLimits,
  AutomationStatus,
  Rule,
  type RuleDraft,
  RuleTemplate,
  RuleTracePage,
} from '../protocol/automation';
import { Backtest, type BacktestOrder, Backtests } from '../protocol/backtest';
import { sendAs, type TokenSource } from './http';

const ROOT = '/trading/automation';
const BACKTESTS = `${ROOT}/backtests`;

/** The endpoints of automation rules. Every method may throw as `sendAs` does. */
export class AutomationApi {
  constructor(private readonly tokens: TokenSource) {}

  rules(): Promise<Rule[]> {
    return sendAs(this.tokens, { method: 'GET', path: `${ROOT}/rules`, answer: v.array(Rule) });
  }

  status(): Promise<AutomationStatus> {
    return sendAs(this.tokens, { method: 'GET', path: `${ROOT}/status`, answer: AutomationStatus });
  }

  limits(): Promise<AutomationLimits> {
    return sendAs(this.tokens, { method: 'GET', path: `${ROOT}/limits`, answer: AutomationLimits });
  }

  templates(): Promise<RuleTemplate[]> {
    const path = `${ROOT}/templates`;
    return sendAs(this.tokens, { method: 'GET', path, answer: v.array(RuleTemplate) });
  }

  /** Turn the master switch. */
  switchTo(active: boolean): Promise<unknown> {
    const body = { active };
    return sendAs(this.tokens, {
      method: 'POST',
      path: `${ROOT}/toggle`,
      body,
      answer: v.unknown(),
    });
  }

  /** Choose whether automation pauses while the player has no connection. */
  pauseOnDisconnect(commandId: string, active: boolean): Promise<unknown> {
    const path = `${ROOT}/disconnect-pause`;
    const body = { active, command_id: commandId };
    return sendAs(this.tokens, { method: 'POST', path, body, answer: v.unknown() });
  }

  /** Store a rule; sent again under the same command id it is stored once. */
  create(commandId: string, draft: RuleDraft): Promise<Rule> {
    const body = { ...draft, command_id: commandId };
    return sendAs(this.tokens, { method: 'POST', path: `${ROOT}/rules`, body, answer: Rule });
  }

  activate(ruleId: string, active: boolean): Promise<Rule> {
    const path = `${rulePath(ruleId)}/toggle`;
    return sendAs(this.tokens, { method: 'POST', path, body: { active }, answer: Rule });
  }

  delete(ruleId: string): Promise<unknown> {
    const path = rulePath(ruleId);
    return sendAs(this.tokens, { method: 'DELETE', path, answer: v.unknown() });
  }

  traces(
    ruleId: string,
    cursor: string | null,
    limit: number,
  ): Promise<v.InferOutput<typeof RuleTracePage>> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (cursor !== null) query.set('cursor', cursor);
    const path = `${rulePath(ruleId)}/traces?${query.toString()}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: RuleTracePage });
  }

  backtests(): Promise<Backtests> {
    return sendAs(this.tokens, { method: 'GET', path: BACKTESTS, answer: Backtests });
  }

  beginBacktest({ rule, hold, credits, hours }: BacktestOrder): Promise<Backtest> {
    const body = {
      ...(typeof rule === 'string' ? { rule_ids: [rule] } : { rule }),
      hold,
      ...(credits !== null && { credits }),
      ...(hours !== null && { hours }),
    };
    return sendAs(this.tokens, { method: 'POST', path: BACKTESTS, body, answer: Backtest });
  }

  backtest(backtestId: string): Promise<Backtest> {
    const path = backtestPath(backtestId);
    return sendAs(this.tokens, { method: 'GET', path, answer: Backtest });
  }

  /** Forget a backtest; one that is not done is stopped. */
  deleteBacktest(backtestId: string): Promise<unknown> {
    const path = backtestPath(backtestId);
    return sendAs(this.tokens, { method: 'DELETE', path, answer: v.unknown() });
  }
}

function backtestPath(backtestId: string): string {
  return `${BACKTESTS}/${encodeURIComponent(backtestId)}`;
}

function rulePath(ruleId: string): string {
  return `${ROOT}/rules/${encodeURIComponent(ruleId)}`;
}
