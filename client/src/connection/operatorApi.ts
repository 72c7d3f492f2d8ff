import * as v from 'valibot';

import {
  Account,
  ConnectionExplanation,
  ConnectionPage,
  type TradingScope,
  type TradingState,
  TradingStateView,
} from '../protocol/operators';
import { sendAs, type TokenSource } from './http';

/** The endpoints of operators, each by a permission. Every method may throw as `sendAs` does. */
export class OperatorApi {
  constructor(private readonly tokens: TokenSource) {}

  /** Read what the signed-in player may do; anybody may ask that of himself. */
  account(): Promise<Account> {
    return sendAs(this.tokens, { method: 'GET', path: '/auth/me', answer: Account });
  }

  /** Read the connections of a player, by his id or name, or of all. */
  connections(player: string | null): Promise<ConnectionPage> {
    const query = player === null ? '' : `?player=${encodeURIComponent(player)}`;
    const path = `/admin/connections${query}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: ConnectionPage });
  }

  connection(connectionId: string): Promise<ConnectionExplanation> {
    const path = `/admin/connections/${encodeURIComponent(connectionId)}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: ConnectionExplanation });
  }

  close(connectionId: string, reason: string): Promise<unknown> {
    const path = `/admin/connections/${encodeURIComponent(connectionId)}/close`;
    const body = { reason };
    return sendAs(this.tokens, { method: 'POST', path, body, answer: v.unknown() });
  }

  tradingState(scope: TradingScope): Promise<v.InferOutput<typeof TradingStateView>> {
    const path = statePath(scope);
    return sendAs(this.tokens, { method: 'GET', path, answer: TradingStateView });
  }

  setTradingState(scope: TradingScope, state: TradingState, reason: string): Promise<unknown> {
    const body = { state, reason };
    const path = statePath(scope);
    return sendAs(this.tokens, { method: 'PUT', path, body, answer: v.unknown() });
  }
}

function statePath(scope: TradingScope): string {
  switch (scope.kind) {
    case 'game':
      return '/admin/trading-state';
    case 'port':
      return `/admin/trading-state/ports/${encodeURIComponent(scope.portId)}`;
    case 'player':
      return `/admin/trading-state/players/${encodeURIComponent(scope.player)}`;
  }
}
