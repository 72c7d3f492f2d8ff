import type { TradingStatus } from '../../protocol/shapes';

type Scope = NonNullable<TradingStatus['scope']>;

/** What is stopped, and what can be done all the same. */
export interface HaltWords {
  readonly title: string;
  readonly advice: string;
}

const HALTED: Record<Scope, HaltWords> = {
  game: {
    title: 'Trading is halted in the whole galaxy',
    advice: 'Open orders rest and can be cancelled; you can fly and dock.',
  },
  player: {
    title: 'Your trading is halted',
    advice: 'You can cancel open orders. Ask an operator when it ends.',
  },
  port: {
    title: 'Trading is halted at this port',
    advice: 'You can cancel open orders here, or fly to another port and trade there.',
  },
};

const REDUCING: Record<Scope, HaltWords> = {
  game: {
    title: 'Only sales are let through in the whole galaxy',
    advice: 'You can sell and cancel orders.',
  },
  player: {
    title: 'You may only sell',
    advice: 'You can sell what you carry and cancel orders.',
  },
  port: {
    title: 'Only sales are let through at this port',
    advice: 'You can sell here and cancel orders, and buy at other ports.',
  },
};

/** Say what operators stopped; null where they stopped nothing. */
export function haltWords({ state, scope }: TradingStatus): HaltWords | null {
  if (state === 'active' || scope === null) return null;
  return (state === 'halted' ? HALTED : REDUCING)[scope];
}
