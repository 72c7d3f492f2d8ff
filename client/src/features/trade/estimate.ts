/**
 * What an order will come to, by the published price curve: each unit bought raises the price of
 * the next, each unit sold lowers it (docs/ARCHITECTURE, "Price curve").
 */
import type { PortGood } from '../../protocol/shapes';

/** The price falls by this exponent as stock rises by one target. */
const ELASTICITY = 0.9;
/** The port asks so much more and pays so much less than the curve says. */
const HALF_SPREAD = 0.04;
const TAX_BPS = 100;
const BPS = 10_000;
/** A port stores at most this many times its target of a good. */
const STOCK_RATIO_MAX = 4;
/** Keeps a price that was divided and multiplied again from being rounded to the next whole one. */
const A_LITTLE = 1e-6;
/** How far the market may move against an order before it is refused, where no limit is set. */
const SLIPPAGE = 0.02;

export type Side = 'buy' | 'sell';

/** Credits and credits a unit; `totalCredits` is what the player pays or gets after fees. */
export interface Estimate {
  readonly goodsCredits: number;
  readonly feeCredits: number;
  readonly totalCredits: number;
  readonly averagePrice: number;
  readonly worstPrice: number;
}

/** The curve around a good's present stock: what the price is made of but for its base. */
function curve(good: PortGood, halfUnits: number): number {
  return Math.exp(ELASTICITY * (1 - halfUnits / 2 / good.target));
}

/**
 * Find the good's whole base price from its quotes, which are rounded. Where several would give the
 * same quotes, the one that is worse for the player, so that an estimate never promises too much.
 */
function basePrice(good: PortGood, side: Side): number | null {
  const askFactor = (1 + HALF_SPREAD) * curve(good, 2 * good.stock - 1);
  const bidFactor = (1 - HALF_SPREAD) * curve(good, 2 * good.stock + 1);
  const { ask_price: ask, bid_price: bid } = good;
  const own = side === 'buy' ? ask : bid;
  if (own === null) return null;
  const most = Math.min(
    ask === null ? Infinity : ask / askFactor,
    bid === null ? Infinity : (bid + 1) / bidFactor,
  );
  const least = Math.max(
    ask === null ? 0 : (ask - 1) / askFactor,
    bid === null ? 0 : bid / bidFactor,
  );
  if (Math.floor(most) < Math.ceil(least)) {
    // Live quotes moved one side away from the stock, so only the order's own side tells.
    return side === 'buy' ? (own - A_LITTLE) / askFactor : (own + A_LITTLE) / bidFactor;
  }
  return side === 'buy' ? Math.floor(most) : Math.ceil(least);
}

/** Return the price of unit `index` (0 is the first) of an order, at the good's base price. */
function priceOfUnit(good: PortGood, side: Side, base: number, index: number): number {
  return side === 'buy'
    ? Math.ceil(base * (1 + HALF_SPREAD) * curve(good, 2 * (good.stock - index) - 1))
    : Math.floor(base * (1 - HALF_SPREAD) * curve(good, 2 * (good.stock + index) + 1));
}

/** Return what a purchase at a limit puts aside: the most that it can cost, with the fee. */
export function reserveFor(limitPrice: number, quantity: number): number {
  const goodsCredits = limitPrice * quantity;
  return goodsCredits + fee(goodsCredits);
}

/** Return the units that can be ordered at a limit so that credits cover what is put aside. */
export function largestPurchase(credits: number, limitPrice: number): number {
  let quantity = Math.floor(credits / limitPrice);
  while (quantity > 0 && reserveFor(limitPrice, quantity) > credits) quantity -= 1;
  return quantity;
}

function fee(goodsCredits: number): number {
  return Math.ceil((goodsCredits * TAX_BPS) / BPS);
}

/** Return how many units the port could sell, or take into its store. */
function portUnits(good: PortGood, side: Side): number {
  return side === 'buy' ? good.stock : Math.max(0, STOCK_RATIO_MAX * good.target - good.stock);
}

/**
 * Estimate an order of at least one unit; null where the port does not deal in it, or not in as
 * much: what it does not have has no price.
 */
export function estimateOrder(good: PortGood, side: Side, quantity: number): Estimate | null {
  const base = basePrice(good, side);
  if (base === null || quantity > portUnits(good, side)) return null;
  let goodsCredits = 0;
  let worstPrice = 0;
  for (let index = 0; index < quantity; index += 1) {
    worstPrice = priceOfUnit(good, side, base, index);
    goodsCredits += worstPrice;
  }
  const feeCredits = fee(goodsCredits);
  return {
    goodsCredits,
    feeCredits,
    totalCredits: side === 'buy' ? goodsCredits + feeCredits : goodsCredits - feeCredits,
    averagePrice: goodsCredits / quantity,
    worstPrice,
  };
}

/** Return the price bound that lets the market move a little, but no further, before refusal. */
export function protectivePrice(side: Side, worstPrice: number): number {
  return side === 'buy'
    ? Math.ceil(worstPrice * (1 + SLIPPAGE))
    : Math.floor(worstPrice * (1 - SLIPPAGE));
}

/** What stands between a player and a larger order. */
export type Bound = 'credits' | 'hold' | 'stock' | 'cargo' | 'store' | 'closed';

export interface Largest {
  readonly quantity: number;
  readonly bound: Bound;
}

export interface Means {
  readonly credits: number;
  readonly holdFree: number;
  readonly cargo: number;
}

/** Return the largest order that the player and the port can carry out, and what bounds it. */
export function largestOrder(good: PortGood, side: Side, means: Means): Largest {
  const open = side === 'buy' ? good.sells : good.buys;
  if (!open) return { quantity: 0, bound: 'closed' };
  if (side === 'sell') {
    const room = portUnits(good, side);
    return room < means.cargo
      ? { quantity: room, bound: 'store' }
      : { quantity: means.cargo, bound: 'cargo' };
  }
  const limit: Largest =
    good.stock < means.holdFree
      ? { quantity: good.stock, bound: 'stock' }
      : { quantity: means.holdFree, bound: 'hold' };
  const base = basePrice(good, side);
  if (base === null) return { quantity: 0, bound: 'stock' };
  let goodsCredits = 0;
  for (let index = 0; index < limit.quantity; index += 1) {
    goodsCredits += priceOfUnit(good, side, base, index);
    if (goodsCredits + fee(goodsCredits) > means.credits) {
      return { quantity: index, bound: 'credits' };
    }
  }
  return limit;
}
