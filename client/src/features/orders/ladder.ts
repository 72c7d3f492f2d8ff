import type { BookLevel, OrderBook, PlacedOrder } from '../../protocol/order';
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
 * Lay out a book as a ladder, dearest first: what is offered, then what is wanted, the port's own
 * quote in its place on each side. At the same price the port comes first in turn.
 */
export function ladder(book: OrderBook, open: readonly PlacedOrder[]): readonly Rung[] {
  const here = open.filter(
    ({ port_id, commodity }) => port_id === book.port_id && commodity === book.commodity,
  );
  const sells = rungs('sell', book.sells, book.ask_price, here);
  const buys = rungs('buy', book.buys, book.bid_price, here);
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

function ownUnits(open: readonly PlacedOrder[], side: Side, price: number): number {
  return open
    .filter((order) => order.side === side && order.limit_credits === price)
    .reduce((sum, { quantity, filled }) => sum + quantity - filled, 0);
}
