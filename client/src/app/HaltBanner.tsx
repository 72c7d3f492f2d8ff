import type { TradingStatus } from '../protocol/shapes';
import { usePlayer } from '../store/resources';
import { Banner } from '../ui/Banner';

type Scope = NonNullable<TradingStatus['scope']>;

const HALTED: Record<Scope, readonly [string, string]> = {
  game: [
    'Trading is halted in the whole galaxy',
    'Open orders rest and can be cancelled; you can fly and dock.',
  ],
  player: ['Your trading is halted', 'You can cancel open orders. Ask an operator when it ends.'],
  port: [
    'Trading is halted at this port',
    'You can cancel open orders here, or fly to another port and trade there.',
  ],
};

const REDUCING: Record<Scope, readonly [string, string]> = {
  game: ['Only sales are let through in the whole galaxy', 'You can sell and cancel orders.'],
  player: ['You may only sell', 'You can sell what you carry and cancel orders.'],
  port: [
    'Only sales are let through at this port',
    'You can sell here and cancel orders, and buy at other ports.',
  ],
};

/** Says what operators stopped where the ship is, and why, for as long as it holds. */
export function HaltBanner() {
  const status = usePlayer().data?.trading_state;
  if (status === undefined || status.state === 'active' || status.scope === null) return null;
  const [title, advice] = (status.state === 'halted' ? HALTED : REDUCING)[status.scope];
  return (
    <Banner title={title}>
      {status.reason !== null && <p>The reason given: {status.reason}</p>}
      <p>{advice}</p>
    </Banner>
  );
}
