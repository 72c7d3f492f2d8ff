import type {
  ClosedConnection,
  ConnectionExplanation,
  OpenConnection,
  TradingState,
} from '../../protocol/operators';
import { formatAge, formatUnits } from '../../ui/format';

export const NONE = '–';

export const DIALECTS: Record<OpenConnection['dialect'], string> = {
  native: 'native',
  foundation: 'Foundation',
  unknown: 'not said yet',
};

export const STATES: Record<TradingState, string> = {
  active: 'Open',
  reducing: 'Sales only',
  halted: 'Halted',
};

const OUTCOMES = {
  replay: 'replayed',
  snapshot: 'taken anew',
  lost: 'lost',
} as const;

/** Say whose a connection is. */
export function playerWords(playerId: string | null): string {
  return playerId ?? 'not signed in';
}

/** Say how long before another moment something was; both are of the server's clock. */
export function before(asOf: string, instant: string): string {
  return formatAge(Date.parse(asOf) - Date.parse(instant));
}

/** Write a time that may be short. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms > 0 && ms < 0.05) return 'under 0.1 ms';
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${formatUnits(ms)} ms`;
}

/** Say what waits for a reader. */
export function queueWords({ queued_frames, queued_bytes }: OpenConnection): string {
  if (queued_frames === 0 && queued_bytes === 0) return '0';
  return `${formatUnits(queued_frames)} frames, ${formatUnits(queued_bytes)} B`;
}

/** Say what a resumption recovered and lost. */
export function recoveryWords(recovery: ConnectionExplanation['recovery']): string {
  if (recovery === null) return 'began anew';
  if (recovery.length === 0) return 'came back to its session';
  const missed = recovery.reduce((sum, channel) => sum + channel.missed, 0);
  const parts = (['replay', 'snapshot', 'lost'] as const).flatMap((outcome) => {
    const channels = recovery.filter((channel) => channel.outcome === outcome).length;
    return channels === 0 ? [] : [`${channels} ${OUTCOMES[outcome]}`];
  });
  return `${parts.join(', ')}; ${formatUnits(missed)} updates meanwhile`;
}

/** Say how one channel of a resumption went on. */
export function outcomeWords(outcome: keyof typeof OUTCOMES, missed: number): string {
  return `${OUTCOMES[outcome]}, ${formatUnits(missed)} missed`;
}

/** Say who ended a connection, and why. */
export function endingWords({ closed_by, code, reason }: ClosedConnection): string {
  const by = closed_by === 'network' ? 'lost' : `by the ${closed_by}`;
  if (code === null) return by;
  return reason === '' ? `${by}, ${code}` : `${by}, ${code}: ${reason}`;
}

/** Count all refusals. */
export function refusedCount(refusals: Readonly<Record<string, number>>): number {
  return Object.values(refusals).reduce((sum, times) => sum + times, 0);
}
