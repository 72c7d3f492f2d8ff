import { type RefObject, type SubmitEvent, useEffect, useRef, useState } from 'react';

import { explain } from '../../connection/problem';
import { useConnections } from '../../store/operators';
import { usePermission } from '../../store/permissions';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { formatLocalTime, formatUnits } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { PageTitle } from '../../ui/PageTitle';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import { Empty, Failed, Loading } from '../../ui/State';
import { ClosedConnections } from './ClosedConnections';
import { ConnectionDetail } from './ConnectionDetail';
import { NotRefreshed } from './NotRefreshed';
import { OpenConnections } from './OpenConnections';
import styles from './OperatorsPage.module.css';
import { TradingStatePanel } from './TradingStatePanel';

interface OperatorsPageProps {
  /** The connection that is explained. */
  readonly connectionId: string | null;
  readonly onSelect: (connectionId: string | null) => void;
}

/** For operators: who is connected and how well, one connection in full, and halts. */
export function OperatorsPage({ connectionId, onSelect }: OperatorsPageProps) {
  const may = usePermission();
  const [player, setPlayer] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const side = useRef<HTMLDivElement>(null);
  useFocusOfChoice(connectionId, list, side);
  return (
    <div className={styles.page} data-explains={connectionId !== null}>
      <PageTitle text="Operators" />
      {may('connections:read') && (
        <div ref={list} className={styles.list} tabIndex={-1}>
          <ConnectionsPanel
            key={player}
            player={player}
            selectedId={connectionId}
            onAsk={setPlayer}
            onSelect={onSelect}
          />
        </div>
      )}
      <div ref={side} className={styles.side} tabIndex={-1}>
        {may('connections:read') && (
          <Panel
            title={connectionId === null ? 'Connection' : `Connection ${connectionId}`}
            className={styles.detail}
            aside={
              connectionId !== null && (
                <Button
                  look="quiet"
                  small
                  aria-label="Back to all connections"
                  onClick={() => onSelect(null)}
                >
                  <Icon name="close" size={16} />
                </Button>
              )
            }
          >
            {connectionId === null ? (
              <Empty title="None chosen">Choose a connection to have it explained.</Empty>
            ) : (
              <ConnectionDetail key={connectionId} connectionId={connectionId} />
            )}
          </Panel>
        )}
        {may('trading_controls:read') && <TradingStatePanel />}
      </div>
    </div>
  );
}

/** Keep the focus where things are: what was pressed is gone, or hidden where there is room for one. */
function useFocusOfChoice(
  connectionId: string | null,
  list: RefObject<HTMLElement | null>,
  side: RefObject<HTMLElement | null>,
): void {
  const before = useRef(connectionId);
  useEffect(() => {
    if (connectionId === before.current) return;
    before.current = connectionId;
    if (connectionId === null) list.current?.focus();
    else if (list.current?.offsetParent === null) side.current?.focus();
  }, [connectionId, list, side]);
}

interface ConnectionsPanelProps {
  /** Whose connections are shown; null for everybody's. */
  readonly player: string | null;
  readonly selectedId: string | null;
  readonly onAsk: (player: string | null) => void;
  readonly onSelect: (connectionId: string) => void;
}

function ConnectionsPanel({ player, selectedId, onAsk, onSelect }: ConnectionsPanelProps) {
  const [shown, setShown] = useState<'open' | 'closed'>('open');
  const found = useConnections(player);
  const page = found.data;
  return (
    <Panel
      title="Connections"
      padded={false}
      className={styles.connections}
      aside={
        <Segments
          label="Connections that are"
          value={shown}
          onChange={setShown}
          options={[
            { value: 'open', label: 'Open' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      }
    >
      <div className={styles.head}>
        <PlayerFilter player={player} onAsk={onAsk} />
        {page !== undefined && (
          <p className={styles.facts}>
            {formatUnits(page.open)} open at gateway {page.gateways.join(', ')}, as of{' '}
            {formatLocalTime(page.as_of)}
          </p>
        )}
        {page !== undefined && page.silent.length > 0 && (
          <p className={styles.silent} role="alert">
            Gateway {page.silent.join(', ')} did not answer: its connections are not shown.
          </p>
        )}
        {page !== undefined && <NotRefreshed since={page.as_of} error={found.error} />}
      </div>
      {page === undefined && found.error === null && (
        <Loading label="Loading connections" lines={8} />
      )}
      {page === undefined && found.error !== null && (
        <Failed reason={explain(found.error)} onRetry={() => void found.refetch()} />
      )}
      {page !== undefined && shown === 'open' && (
        <OpenConnections page={page} selectedId={selectedId} onSelect={onSelect} />
      )}
      {page !== undefined && shown === 'closed' && (
        <ClosedConnections page={page} selectedId={selectedId} onSelect={onSelect} />
      )}
    </Panel>
  );
}

interface PlayerFilterProps {
  readonly player: string | null;
  readonly onAsk: (player: string | null) => void;
}

function PlayerFilter({ player, onAsk }: PlayerFilterProps) {
  const [text, setText] = useState(player ?? '');
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    onAsk(text.trim() === '' ? null : text.trim());
  }
  return (
    <form className={styles.filter} role="search" onSubmit={submit}>
      <Field
        label="Player, by name or id"
        quiet
        placeholder="All players; or a name or id"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit">Look</Button>
      {player !== null && <Button onClick={() => onAsk(null)}>All</Button>}
    </form>
  );
}
