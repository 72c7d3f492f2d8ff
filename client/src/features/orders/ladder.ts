import type { Commodity } from '../../protocol/commodity';
import type { PlacedOrder } from '../../protocol/order';
import type { BookLevel, PortMarket } from '../../protocol/shapes';
import type { Side } from '../../protocol/trade';

/** A price at which somebody offers a good (sell) or wants it (buy). */
export interface Rung {
  readonly side: Side;
  readonly price: number;
  /** The port's own quote, or the orders of players. */
  readonly by: 'port' | 'players';
  /** Units of all orders at this price; null for the port, whose curve goes on from its quote. */
  readonly units: number | null;
  readonly orders: number;
  /** The units among them that are the player's own. */
  readonly own: number;
  /** Units from the best price to this one. */
  readonly depth: number;
}

/**
 * Lay out a good's book as a ladder, dearest first: what is offered, then what is wanted, the port's
 * own price in its place on each side. At the same price the port comes first in turn.
 */
export function ladder(
  port: PortMarket,
  commodity: Commodity,
  open: readonly PlacedOrder[],
): readonly Rung[] {
  const good = port.goods.find((candidate) => candidate.commodity === commodity);
  const book = port.books.find((candidate) => candidate.commodity === commodity);
  const here = open.filter(
    (order) => order.port_id === port.port_id && order.commodity === commodity,
  );
  const sells = rungs('sell', book?.sells ?? [], priceOf(good?.ask_price, good?.sells), here);
  const buys = rungs('buy', book?.buys ?? [], priceOf(good?.bid_price, good?.buys), here);
  return [...[...sells].reverse(), ...buys];
}

/** The prices of a side, in the order in which they act. */
function rungs(
  side: Side,
  levels: readonly BookLevel[],
  portPrice: number | null,
  open: readonly PlacedOrder[],
): readonly Rung[] {
  let depth = 0;
  const players = levels.map(({ price_credits: price, quantity: units, orders }): Rung => {
    depth += units;
    return { side, price, by: 'players', units, orders, own: ownUnits(open, side, price), depth };
  });
  if (portPrice === null) return players;
  const comesFirst = ({ price }: Rung) => (side === 'sell' ? price < portPrice : price > portPrice);
  const before = players.filter(comesFirst);
  const port: Rung = {
    side,
    price: portPrice,
    by: 'port',
    units: null,
    orders: 0,
    own: 0,
    depth: before.at(-1)?.depth ?? 0,
  };
  return [...before, port, ...players.slice(before.length)];
}

/** Return the port's price on a side; null where it does not deal that way or has none. */
function priceOf(price: number | null | undefined, deals: boolean | undefined): number | null {
  return deals === true ? (price ?? null) : null;
}

function ownUnits(open: readonly PlacedOrder[], side: Side, price: number): number {
  return open
    .filter((order) => order.side === side && order.limit_credits === price)
    .reduce((sum, { quantity, filled }) => sum + quantity - filled, 0);
}
