/** Where a reader stands on a channel: the offset of the last frame it has seen in an epoch. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** How a published frame continues what the reader has seen. */
export type Continuity =
  | { readonly kind: 'first' }
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'gap'; readonly missed: number }
  /** The channel began again, so nothing seen before can be continued. */
  | { readonly kind: 'restarted' };

/** Compare the position of an arriving frame with the last one seen on its channel. */
export function continuity(seen: Position | undefined, arriving: Position): Continuity {
  if (seen === undefined) return { kind: 'first' };
  if (seen.epoch !== arriving.epoch) return { kind: 'restarted' };
  if (arriving.offset <= seen.offset) return { kind: 'duplicate' };
  const missed = arriving.offset - seen.offset - 1;
  return missed === 0 ? { kind: 'next' } : { kind: 'gap', missed };
}
