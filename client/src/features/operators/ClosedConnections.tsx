import type { ConnectionPage } from '../../protocol/operators';
import { formatLocalTime, formatUnits } from '../../ui/format';
import { RecordList } from '../../ui/RecordList';
import { Empty } from '../../ui/State';
import type { Column } from '../../ui/Table';
import { ConnectionCard, ConnectionRow, type LineProps } from './ConnectionLine';
import styles from './Connections.module.css';
import { before, DIALECTS, endingWords, refusedCount } from './words';

const COLUMNS: readonly Column[] = [
  { name: 'Player' },
  { name: 'Dialect' },
  { name: 'Was open for' },
  { name: 'Closed' },
  { name: 'Left out' },
  { name: 'Refused' },
  { name: 'Why' },
];

interface ClosedConnectionsProps extends Omit<LineProps, 'line'> {
  readonly page: ConnectionPage;
}

/** The connections that were closed lately, newest first. */
export function ClosedConnections({ page, ...choice }: ClosedConnectionsProps) {
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
        <ConnectionRow line={line} {...choice}>
          <td className={styles.muted}>{DIALECTS[line.dialect]}</td>
          <td className={styles.muted}>{before(line.closed_at, line.opened_at)}</td>
          <td className={styles.muted}>{formatLocalTime(line.closed_at)}</td>
          <td>{formatUnits(line.conflated)}</td>
          <td>{formatUnits(refusedCount(line.refusals))}</td>
          <td>{endingWords(line)}</td>
        </ConnectionRow>
      )}
      card={(line) => (
        <ConnectionCard
          line={line}
          {...choice}
          note={endingWords(line)}
          figure={formatLocalTime(line.closed_at)}
          detail={`open ${before(line.closed_at, line.opened_at)}`}
        />
      )}
    />
  );
}
