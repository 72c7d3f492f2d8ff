import type { ConnectionPage } from '../../protocol/operators';
import { formatLocalTime, formatUnits } from '../../ui/format';
import { PressableRow } from '../../ui/PressableRow';
import { RecordCard, RecordList } from '../../ui/RecordList';
import { Empty } from '../../ui/State';
import type { Column } from '../../ui/Table';
import styles from './Connections.module.css';
import { before, DIALECTS, endingWords, playerWords, refusedCount } from './words';

const COLUMNS: readonly Column[] = [
  { name: 'Player' },
  { name: 'Dialect' },
  { name: 'Was open for' },
  { name: 'Closed' },
  { name: 'Left out' },
  { name: 'Refused' },
  { name: 'Why' },
];

interface ClosedConnectionsProps {
  readonly page: ConnectionPage;
  readonly selectedId: string | null;
  readonly onSelect: (connectionId: string) => void;
}

/** The connections that were closed lately, newest first. */
export function ClosedConnections({ page, selectedId, onSelect }: ClosedConnectionsProps) {
  if (page.closed.length === 0) {
    return <Empty title="None closed lately">Who leaves appears here, with why.</Empty>;
  }
  return (
    <RecordList
      label="Closed connections"
      items={page.closed}
      keyOf={({ connection_id }) => connection_id}
      columns={COLUMNS}
      row={(line) => (
        <PressableRow
          title={playerWords(line.player_id)}
          selected={line.connection_id === selectedId}
          onPress={() => onSelect(line.connection_id)}
          below={<div className={styles.id}>{line.connection_id}</div>}
        >
          <td className={styles.muted}>{DIALECTS[line.dialect]}</td>
          <td className={styles.muted}>{before(line.closed_at, line.opened_at)}</td>
          <td className={styles.muted}>{formatLocalTime(line.closed_at)}</td>
          <td>{formatUnits(line.conflated)}</td>
          <td>{formatUnits(refusedCount(line.refusals))}</td>
          <td>{endingWords(line)}</td>
        </PressableRow>
      )}
      card={(line) => (
        <RecordCard
          title={
            <button
              type="button"
              className={styles.name}
              aria-pressed={line.connection_id === selectedId}
              onClick={() => onSelect(line.connection_id)}
            >
              {playerWords(line.player_id)}
            </button>
          }
          note={endingWords(line)}
          figure={formatLocalTime(line.closed_at)}
          detail={`open ${before(line.closed_at, line.opened_at)}`}
        />
      )}
    />
  );
}
