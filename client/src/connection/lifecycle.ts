/**
 * The life of the real-time connection as a pure state machine: events in, the next state and
 * effects out. The socket around it (realtime.ts) carries the effects out.
 */

/** Prices come about once a second; this long without one means they are old. */
export const STALE_AFTER_MS = 5_000;
/** This long without a frame means the line is dead, whatever the browser says. */
export const DEAD_AFTER_MS = 20_000;
/** Opening and authenticating must be done within this time. */
export const HANDSHAKE_MS = 12_000;
export const RETRY_FIRST_MS = 500;
export const RETRY_LONGEST_MS = 15_000;

export type Phase =
  'signed_out' | 'connecting' | 'authenticating' | 'live' | 'stale' | 'reconnecting';

export interface Lifecycle {
  readonly phase: Phase;
  /** Attempts since the last time it was live. */
  readonly attempt: number;
  /** When the phase began or, while live or stale, when the last frame came. */
  readonly sinceMs: number;
  /** While live or stale, when the last price came; other frames do not make prices new. */
  readonly pricedAtMs: number;
  /** The server says that what it shows grows old, and has not taken it back. */
  readonly toldStale: boolean;
}

export type LifecycleEvent =
  | { readonly type: 'sign_in' }
  | { readonly type: 'sign_out' }
  | { readonly type: 'opened' }
  | { readonly type: 'authenticated' }
  /** The server would not have the token. */
  | { readonly type: 'refused' }
  | { readonly type: 'closed' }
  | { readonly type: 'frame' }
  | { readonly type: 'price' }
  | { readonly type: 'told_stale' }
  | { readonly type: 'told_fresh' }
  /** A look at the clock; prices are old after `staleAfterMs`, if not after the usual time. */
  | { readonly type: 'tick'; readonly staleAfterMs?: number }
  | { readonly type: 'retry_due' }
  /** The network came back, or the page was shown again. */
  | { readonly type: 'woken' };

export type Effect =
  | { readonly type: 'open' }
  | { readonly type: 'authenticate' }
  | { readonly type: 'renew_token' }
  | { readonly type: 'close' }
  | { readonly type: 'retry'; readonly delayMs: number };

export const SIGNED_OUT: Lifecycle = {
  phase: 'signed_out',
  attempt: 0,
  sinceMs: 0,
  pricedAtMs: 0,
  toldStale: false,
};

/**
 * Advance the connection's life.
 *
 * @param nowMs monotonic milliseconds.
 * @param random uniform in [0, 1): the jitter, so that clients do not come back in step.
 * @returns the state itself when nothing changed, and the effects in the order to carry them out.
 */
export function advance(
  state: Lifecycle,
  event: LifecycleEvent,
  nowMs: number,
  random: number,
): readonly [Lifecycle, readonly Effect[]] {
  switch (event.type) {
    case 'sign_in':
      return state.phase === 'signed_out' ? connect(0, nowMs) : unchanged(state);
    case 'sign_out':
      return [SIGNED_OUT, [{ type: 'close' }]];
    case 'opened':
      return state.phase === 'connecting'
        ? [{ ...state, phase: 'authenticating' }, [{ type: 'authenticate' }]]
        : unchanged(state);
    case 'authenticated':
      return state.phase === 'authenticating'
        ? [{ phase: 'live', attempt: 0, sinceMs: nowMs, pricedAtMs: nowMs, toldStale: false }, []]
        : unchanged(state);
    case 'refused':
      if (state.phase === 'signed_out') return unchanged(state);
      return waitAndRetry(state, nowMs, random, [{ type: 'close' }, { type: 'renew_token' }]);
    case 'closed':
      return state.phase === 'signed_out' || state.phase === 'reconnecting'
        ? unchanged(state)
        : waitAndRetry(state, nowMs, random, []);
    case 'frame':
      return isOpen(state) ? [{ ...state, sinceMs: nowMs }, []] : unchanged(state);
    case 'price':
      return isOpen(state)
        ? [{ ...state, phase: state.toldStale ? 'stale' : 'live', pricedAtMs: nowMs }, []]
        : unchanged(state);
    case 'told_stale':
      return isOpen(state) ? [{ ...state, phase: 'stale', toldStale: true }, []] : unchanged(state);
    case 'told_fresh':
      // The next price makes it live.
      return isOpen(state) ? [{ ...state, toldStale: false }, []] : unchanged(state);
    case 'tick':
      return watch(state, event.staleAfterMs ?? STALE_AFTER_MS, nowMs, random);
    case 'retry_due':
      return state.phase === 'reconnecting' ? connect(state.attempt, nowMs) : unchanged(state);
    case 'woken':
      return state.phase === 'reconnecting' ? connect(0, nowMs) : unchanged(state);
  }
}

/** Tell whether the client has been let in, and frames come. */
export function isOpen({ phase }: Lifecycle): boolean {
  return phase === 'live' || phase === 'stale';
}

function watch(
  state: Lifecycle,
  staleAfterMs: number,
  nowMs: number,
  random: number,
): readonly [Lifecycle, readonly Effect[]] {
  const quietMs = nowMs - state.sinceMs;
  switch (state.phase) {
    case 'signed_out':
    case 'reconnecting':
      return unchanged(state);
    case 'connecting':
    case 'authenticating':
      return quietMs > HANDSHAKE_MS
        ? waitAndRetry(state, nowMs, random, [{ type: 'close' }])
        : unchanged(state);
    case 'live':
    case 'stale':
      if (quietMs > DEAD_AFTER_MS) return waitAndRetry(state, nowMs, random, [{ type: 'close' }]);
      return state.phase === 'live' && nowMs - state.pricedAtMs > staleAfterMs
        ? [{ ...state, phase: 'stale' }, []]
        : unchanged(state);
  }
}

function connect(attempt: number, nowMs: number): readonly [Lifecycle, readonly Effect[]] {
  return [{ ...SIGNED_OUT, phase: 'connecting', attempt, sinceMs: nowMs }, [{ type: 'open' }]];
}

function waitAndRetry(
  state: Lifecycle,
  nowMs: number,
  random: number,
  before: readonly Effect[],
): readonly [Lifecycle, readonly Effect[]] {
  const delayMs = retryDelayMs(state.attempt, random);
  return [
    { ...SIGNED_OUT, phase: 'reconnecting', attempt: state.attempt + 1, sinceMs: nowMs },
    [...before, { type: 'retry', delayMs }],
  ];
}

/** Return the wait before an attempt: half of an exponential step for certain, half by chance. */
export function retryDelayMs(attempt: number, random: number): number {
  const step = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** attempt);
  return Math.round(step / 2 + (step / 2) * random);
}

function unchanged(state: Lifecycle): readonly [Lifecycle, readonly Effect[]] {
  return [state, []];
}
