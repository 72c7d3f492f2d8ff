import { type ReactNode, type SubmitEvent, useState } from 'react';

import { explain } from '../../connection/problem';
import type { ConnectionExplanation } from '../../protocol/operators';
import { useCloseConnection, useConnection } from '../../store/operators';
import { usePermission } from '../../store/permissions';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { Figures } from '../../ui/Figures';
import { formatLocalTime, formatUnits } from '../../ui/format';
import { Failed, Loading } from '../../ui/State';
import { Table, WIDE_ONLY } from '../../ui/Table';
import styles from './ConnectionDetail.module.css';
import { NotRefreshed } from './NotRefreshed';
import {
  before,
  DIALECTS,
  endingWords,
  milliseconds,
  NONE,
  outcomeWords,
  playerWords,
  queueWords,
  recoveryWords,
} from './words';

/** Everything that is known of a connection, and closing it. */
export function ConnectionDetail({ connectionId }: { readonly connectionId: string }) {
  const connection = useConnection(connectionId);
  if (connection.data === undefined) {
    return connection.error === null ? (
      <Loading label="Loading the connection" lines={8} />
    ) : (
      <Failed reason={explain(connection.error)} onRetry={() => void connection.refetch()} />
    );
  }
  const whole = connection.data;
  return (
    <div className={styles.detail}>
      <NotRefreshed since={whole.as_of} error={connection.error} />
      <Figures rows={whole.open === null ? closedRows(whole) : openRows(whole)} />
      <Followed whole={whole} />
      <Recovery recovery={whole.recovery} />
      <Refusals whole={whole} />
      {whole.open !== null && <CloseButton connectionId={connectionId} />}
    </div>
  );
}

type Rows = readonly (readonly [string, ReactNode])[];

function openRows(whole: ConnectionExplanation): Rows {
  const { open, as_of } = whole;
  if (open === null) return [];
  return [
    ...commonRows(whole, open),
    ['Last frame', `${before(as_of, open.last_frame_at)} ago`],
    ['Round trip', milliseconds(open.round_trip_ms)],
    ['Takes nothing for', open.lag_ms === 0 ? NONE : milliseconds(open.lag_ms)],
    ['Queue', queueWords(open)],
    ['On coming', recoveryWords(whole.recovery)],
  ];
}

function closedRows(whole: ConnectionExplanation): Rows {
  const { closed } = whole;
  if (closed === null) return [];
  return [
    ...commonRows(whole, closed),
    ['Closed', formatLocalTime(closed.closed_at)],
    ['Why', endingWords(closed)],
    ['On coming', recoveryWords(whole.recovery)],
  ];
}

function commonRows(
  whole: ConnectionExplanation,
  line: NonNullable<ConnectionExplanation['open'] | ConnectionExplanation['closed']>,
): Rows {
  return [
    ['Player', playerWords(line.player_id)],
    ['Sign-in session', whole.session ?? NONE],
    ['Dialect', DIALECTS[line.dialect]],
    ['Address of the day', line.address.replace('address:', '')],
    ['Gateway', whole.gateway],
    ['Opened', formatLocalTime(line.opened_at)],
    ['Signed in', whole.authenticated_at === null ? NONE : formatLocalTime(whole.authenticated_at)],
    ['Messages received', formatUnits(whole.frames_received)],
    ['Updates left out', formatUnits(line.conflated)],
  ];
}

function Followed({ whole }: { readonly whole: ConnectionExplanation }) {
  if (whole.followed.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Channels">
      <h3 className={styles.title}>Channels</h3>
      <Table
        label="Channels followed"
        columns={[
          { name: 'Channel' },
          { name: 'Frames', wideOnly: true },
          { name: 'Offset' },
          { name: 'Left out' },
        ]}
      >
        {whole.followed.map(({ channel, epoch, offset, deltas, left_out }) => (
          <tr key={channel}>
            <td>{channel}</td>
            <td className={WIDE_ONLY}>{deltas ? 'Deltas' : 'Whole'}</td>
            <td title={epoch === null ? undefined : `epoch ${epoch}`}>
              {offset === null ? NONE : formatUnits(offset)}
            </td>
            <td>{formatUnits(left_out)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Recovery({ recovery }: Pick<ConnectionExplanation, 'recovery'>) {
  if (recovery === null || recovery.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Resumption">
      <h3 className={styles.title}>Resumption</h3>
      <Figures
        rows={recovery.map(({ channel, outcome, missed }) => [
          channel,
          outcomeWords(outcome, missed),
        ])}
      />
    </section>
  );
}

function Refusals({ whole }: { readonly whole: ConnectionExplanation }) {
  const codes = Object.entries(whole.refusals);
  return (
    <section className={styles.section} aria-label="Refusals">
      <h3 className={styles.title}>Refusals</h3>
      {codes.length === 0 ? (
        <p className={styles.quiet}>Nothing was refused.</p>
      ) : (
        <>
          <Figures rows={codes.map(([code, times]) => [code, formatUnits(times)])} />
          <ol className={styles.recent} aria-label="Last refusals">
            {whole.recent_refusals.map((refused, place) => (
              <li key={`${refused.at} ${place}`}>
                {formatLocalTime(refused.at)} <b>{refused.code}</b>
                {refused.command_id !== null && (
                  <span className={styles.quiet}> command {refused.command_id}</span>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function CloseButton({ connectionId }: { readonly connectionId: string }) {
  const may = usePermission();
  const [asking, setAsking] = useState(false);
  if (!may('connections:close')) return null;
  return (
    <div className={styles.actions}>
      <Button look="danger" onClick={() => setAsking(true)}>
        Close connection
      </Button>
      {asking && <CloseDialog connectionId={connectionId} onClose={() => setAsking(false)} />}
    </div>
  );
}

interface CloseDialogProps {
  readonly connectionId: string;
  readonly onClose: () => void;
}

function CloseDialog({ connectionId, onClose }: CloseDialogProps) {
  const close = useCloseConnection(connectionId);
  const [reason, setReason] = useState('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    close.mutate(reason.trim(), { onSuccess: onClose });
  }

  return (
    <Dialog title="Close this connection?" onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.quiet}>
          Its client may come back at once. The audit trail keeps that you closed it, and why.
        </p>
        <Field
          label="Reason"
          required
          maxLength={200}
          autoComplete="off"
          value={reason}
          error={close.error === null ? undefined : explain(close.error)}
          onChange={(event) => {
            setReason(event.target.value);
            close.reset();
          }}
        />
        <div className={styles.choice}>
          <Button onClick={onClose}>Leave it open</Button>
          <Button
            type="submit"
            look="danger"
            busy={close.isPending}
            disabled={reason.trim() === ''}
          >
            Close it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
