import type { Journey } from '../../protocol/shapes';

export interface Progress {
  /** 0 at departure, 1 on arrival. */
  readonly fraction: number;
  readonly remainingMs: number;
}

/**
 * Tell how far a journey has come.
 *
 * @param serverNowMs the server's time, which rules arrivals.
 */
export function journeyProgress(journey: Journey, serverNowMs: number): Progress {
  const departedMs = Date.parse(journey.departed_at);
  const arrivesMs = Date.parse(journey.arrives_at);
  const remainingMs = Math.max(0, arrivesMs - serverNowMs);
  const lengthMs = arrivesMs - departedMs;
  const fraction = lengthMs <= 0 ? 1 : (serverNowMs - departedMs) / lengthMs;
  return { fraction: Math.min(1, Math.max(0, fraction)), remainingMs };
}
