import { useState } from 'react';

import type { Phase } from '../connection/lifecycle';
import type { ConnectionStatus, Recovery } from '../store/connectionStatus';
import { useServerStatus } from '../store/resources';
import { useNow } from '../store/serverTime';
import { useConnectionStatus } from '../store/services';
import { Dialog } from '../ui/Dialog';
import { Figures } from '../ui/Figures';
import { formatAge, formatLocalTime, formatUnits } from '../ui/format';
import styles from './ConnectionIndicator.module.css';

const NAMES: Record<Phase, string> = {
  signed_out: 'Signed out',
  connecting: 'Connecting',
  authenticating: 'Signing in',
  live: 'Live',
  stale: 'Prices are old',
  reconnecting: 'Reconnecting',
};

/** Return the phase as people see it: who was live before connects again. */
function shownPhase({ phase, newestPriceAtMs }: ConnectionStatus): Phase {
  const again = newestPriceAtMs !== null && (phase === 'connecting' || phase === 'authenticating');
  return again ? 'reconnecting' : phase;
}

/** How the line to the server stands and how old the newest price is; details on demand. */
export function ConnectionIndicator() {
  const [open, setOpen] = useState(false);
  const phase = useConnectionStatus(shownPhase);
  const newestPriceAtMs = useConnectionStatus((status) => status.newestPriceAtMs);
  const nowMs = useNow(500);
  const age = newestPriceAtMs === null ? null : formatAge(nowMs - newestPriceAtMs);
  return (
    <>
      <button
        type="button"
        className={styles.indicator}
        data-phase={phase}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <span className={styles.light} aria-hidden="true" />
        <span className={styles.name}>{NAMES[phase]}</span>
        {age !== null && <span className={styles.age}>{age}</span>}
      </button>
      <span className={styles.spoken} role="status">
        {phase === 'stale' || phase === 'reconnecting' ? NAMES[phase] : ''}
      </span>
      {open && <ConnectionDialog age={age} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ConnectionDialogProps {
  readonly age: string | null;
  readonly onClose: () => void;
}

function ConnectionDialog({ age, onClose }: ConnectionDialogProps) {
  const status = useConnectionStatus((whole) => whole);
  const server = useServerStatus().data;
  const unknown = 'not known yet';
  return (
    <Dialog title="Connection" onClose={onClose}>
      <Figures
        rows={[
          ['State', NAMES[shownPhase(status)]],
          ['Newest price', age === null ? unknown : `${age} old`],
          ['Round trip', status.latencyMs === null ? unknown : `${status.latencyMs} ms`],
          ['Last reconnect', recoverySentence(status.recovery)],
          ['Updates missed', formatUnits(status.missed)],
          ['Server’s clock', clockSentence(status.clockAheadMs)],
          ['Pilots online', server === undefined ? unknown : formatUnits(server.players_online)],
          ['Server version', server?.version ?? unknown],
        ]}
      />
    </Dialog>
  );
}

/** Say what the last return after a loss recovered and lost. */
function recoverySentence(recovery: Recovery | null): string {
  if (recovery === null) return 'none on this page';
  const parts = [`${formatUnits(recovery.replayedUpdates)} updates replayed`];
  if (recovery.takenAnew > 0) parts.push(`${channels(recovery.takenAnew)} read anew`);
  if (recovery.lost > 0) parts.push(`${channels(recovery.lost)} lost what happened meanwhile`);
  return `${parts.join(', ')} · ${formatLocalTime(new Date(recovery.atMs).toISOString())}`;
}

function channels(count: number): string {
  return count === 1 ? 'one channel' : `${count} channels`;
}

function clockSentence(aheadMs: number): string {
  const seconds = (Math.abs(aheadMs) / 1_000).toFixed(1);
  return `${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} yours`;
}
