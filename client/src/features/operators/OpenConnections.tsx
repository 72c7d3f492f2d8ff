import type { ConnectionPage, OpenConnection } from '../../protocol/operators';
import { formatUnits } from '../../ui/format';
import { RecordList } from '../../ui/RecordList';
import { Empty } from '../../ui/State';
import type { Column } from '../../ui/Table';
import { ConnectionCard, ConnectionRow, type LineProps } from './ConnectionLine';
import styles from './Connections.module.css';
import { before, DIALECTS, milliseconds, NONE, queueWords } from './words';

const COLUMNS: readonly Column[] = [
  { name: 'Player' },
  { name: 'Dialect' },
  { name: 'Open for' },
  { name: 'Last frame' },
  { name: 'Channels' },
  { name: 'Lag' },
  { name: 'Queue' },
  { name: 'Left out' },
  { name: 'Refused' },
  { name: 'Round trip' },
];

interface OpenConnectionsProps extends Omit<LineProps, 'line'> {
  readonly page: ConnectionPage;
}

/** The open connections, the most troubled first. */
export function OpenConnections({ page, ...choice }: OpenConnectionsProps) {
  if (page.connections.length === 0) {
    return <Empty title="No open connections">Nobody whom you ask for is connected here.</Empty>;
  }
  return (
    <>
      <RecordList
        label="Open connections"
        items={page.connections}
        keyOf={({ connection_id }) => connection_id}
        columns={COLUMNS}
        row={(line) => (
          <ConnectionRow line={line} {...choice}>
            <td className={styles.muted}>{DIALECTS[line.dialect]}</td>
            <td className={styles.muted}>{before(page.as_of, line.opened_at)}</td>
            <td className={styles.muted}>{before(page.as_of, line.last_frame_at)} ago</td>
            <td>{line.channels}</td>
            <td>
              <Figure warns={line.lag_ms > 0} text={lagWords(line)} />
            </td>
            <td>
              <Figure warns={line.queued_frames > 0} text={queueWords(line)} />
            </td>
            <td>
              <Figure warns={line.conflated > 0} text={formatUnits(line.conflated)} />
            </td>
            <td>
              <Figure warns={line.refused > 0} text={formatUnits(line.refused)} />
            </td>
            <td>{milliseconds(line.round_trip_ms)}</td>
          </ConnectionRow>
        )}
        card={(line) => (
          <ConnectionCard
            line={line}
            {...choice}
            note={`${line.connection_id} · ${DIALECTS[line.dialect]} · open ${before(page.as_of, line.opened_at)}`}
            figure={<Figure warns={line.lag_ms > 0} text={`lag ${lagWords(line)}`} />}
            detail={
              <Figure warns={line.refused > 0} text={`${formatUnits(line.refused)} refused`} />
            }
          />
        )}
      />
      {page.left_out > 0 && (
        <p className={styles.rest}>
          {formatUnits(page.left_out)} calmer ones are not shown. Look for a player to see his.
        </p>
      )}
    </>
  );
}

function lagWords({ lag_ms }: OpenConnection): string {
  return lag_ms === 0 ? NONE : milliseconds(lag_ms);
}

function Figure({ warns, text }: { readonly warns: boolean; readonly text: string }) {
  return <span className={warns ? styles.warns : undefined}>{text}</span>;
}
