/** A time that begins and ends by the server's clock: a journey, the life of a quote. */
export interface Span {
  /** RFC 3339. */
  readonly from: string;
  readonly until: string;
}

export interface Progress {
  /** 0 at the beginning, 1 at the end. */
  readonly fraction: number;
  readonly remainingMs: number;
}

/**
 * Tell how much of a span has passed.
 *
 * @param serverNowMs the server's time, which rules beginnings and ends.
 */
export function spanProgress({ from, until }: Span, serverNowMs: number): Progress {
  const fromMs = Date.parse(from);
  const untilMs = Date.parse(until);
  const lengthMs = untilMs - fromMs;
  const fraction = lengthMs <= 0 ? 1 : (serverNowMs - fromMs) / lengthMs;
  return {
    fraction: Math.min(1, Math.max(0, fraction)),
    remainingMs: Math.max(0, untilMs - serverNowMs),
  };
}
