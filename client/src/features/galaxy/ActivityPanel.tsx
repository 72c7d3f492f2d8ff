import type { SectorActivity } from '../../protocol/advice';
import { usePulse } from '../../store/advice';
import { useSectorName } from '../../store/resources';
import { formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Empty, Loading } from '../../ui/State';
import styles from './ActivityPanel.module.css';

const SECTORS_SHOWN = 6;

/** What pilots do across the galaxy just now, nobody by name. */
export function ActivityPanel() {
  const pulse = usePulse();
  const busy = pulse?.activity.filter(isBusy) ?? [];
  return (
    <Panel
      title="Activity"
      aside={pulse === undefined ? undefined : `last ${pulse.window_seconds} s`}
      padded={false}
    >
      {pulse === undefined ? (
        <Loading label="Waiting for the galaxy’s pulse" lines={2} />
      ) : busy.length === 0 ? (
        <Empty title="All quiet">No pilot has traded, docked or arrived anywhere just now.</Empty>
      ) : (
        <ul aria-label="Busiest sectors">
          {busy.slice(0, SECTORS_SHOWN).map((activity) => (
            <ActivityRow key={activity.sector_id} activity={activity} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ActivityRow({ activity }: { readonly activity: SectorActivity }) {
  const sectorName = useSectorName();
  return (
    <li className={styles.row}>
      <span className={styles.name}>{sectorName(activity.sector_id)}</span>
      <span className={styles.detail}>{activityWords(activity)}</span>
    </li>
  );
}

/** Tell whether there is something to say of a sector: a pilot's birth alone is nothing. */
export function isBusy({ trades, arrivals, dockings }: SectorActivity): boolean {
  return trades + arrivals + dockings > 0;
}

/** Say what happened in a sector; counts of a hundred may be more. */
export function activityWords({ trades, arrivals, dockings }: SectorActivity): string {
  return [
    counted(trades, 'trade', 'trades'),
    counted(arrivals, 'arrival', 'arrivals'),
    counted(dockings, 'docking', 'dockings'),
  ]
    .filter((words) => words !== null)
    .join(', ');
}

function counted(count: number, one: string, many: string): string | null {
  if (count === 0) return null;
  return `${formatUnits(count)}${count >= 100 ? '+' : ''} ${count === 1 ? one : many}`;
}
