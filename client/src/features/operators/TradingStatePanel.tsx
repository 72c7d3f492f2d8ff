import { type SubmitEvent, useState } from 'react';

import { explain } from '../../connection/problem';
import type { TradingScope, TradingState } from '../../protocol/operators';
import { useSetTradingState, useTradingState } from '../../store/operators';
import { usePermission } from '../../store/permissions';
import { useGalaxy } from '../../store/resources';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import { Select } from '../../ui/Select';
import { Failed, Loading } from '../../ui/State';
import styles from './TradingStatePanel.module.css';
import { STATES } from './words';

const KINDS = [
  { value: 'game', label: 'Game' },
  { value: 'port', label: 'Port' },
  { value: 'player', label: 'Player' },
] as const;

/** What the risk gate lets through, for the game, a port or a player, and changing it. */
export function TradingStatePanel() {
  const [kind, setKind] = useState<TradingScope['kind']>('game');
  const [portId, setPortId] = useState<string | null>(null);
  const [player, setPlayer] = useState<string | null>(null);
  const scope = scopeOf(kind, portId, player);
  return (
    <Panel
      title="Trading"
      aside={<Segments label="Trading of" value={kind} onChange={setKind} options={KINDS} />}
    >
      <div className={styles.panel}>
        {kind === 'port' && <PortChoice portId={portId} onChoose={setPortId} />}
        {kind === 'player' && <PlayerChoice onChoose={setPlayer} />}
        {scope === null ? (
          <p className={styles.quiet}>Say whose trading you ask for.</p>
        ) : (
          <StateOf key={JSON.stringify(scope)} scope={scope} />
        )}
      </div>
    </Panel>
  );
}

function scopeOf(
  kind: TradingScope['kind'],
  portId: string | null,
  player: string | null,
): TradingScope | null {
  switch (kind) {
    case 'game':
      return { kind };
    case 'port':
      return portId === null ? null : { kind, portId };
    case 'player':
      return player === null ? null : { kind, player };
  }
}

interface PortChoiceProps {
  readonly portId: string | null;
  readonly onChoose: (portId: string | null) => void;
}

function PortChoice({ portId, onChoose }: PortChoiceProps) {
  const ports = (useGalaxy().data?.sectors ?? []).flatMap((sector) => sector.ports);
  const options = ports.map(({ port_id, name }) => ({
    value: port_id,
    label: `${name} (${port_id})`,
  }));
  return (
    <Select
      label="Port"
      options={[{ value: '', label: 'Choose a port' }, ...options]}
      value={portId ?? ''}
      onChange={(value) => onChoose(value === '' ? null : value)}
    />
  );
}

function PlayerChoice({ onChoose }: { readonly onChoose: (player: string) => void }) {
  const [text, setText] = useState('');
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (text.trim() !== '') onChoose(text.trim());
  }
  return (
    <form onSubmit={submit}>
      <Field
        label="Name or id of the player"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        value={text}
        suffix={
          <Button type="submit" look="quiet" small>
            Look
          </Button>
        }
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

function StateOf({ scope }: { readonly scope: TradingScope }) {
  const may = usePermission();
  const found = useTradingState(scope);
  if (found.data === undefined) {
    return found.error === null ? (
      <Loading label="Loading the state of trading" lines={2} />
    ) : (
      <Failed reason={explain(found.error)} onRetry={() => void found.refetch()} />
    );
  }
  const { state } = found.data;
  return (
    <>
      <p className={styles.state} data-state={state} role="status">
        <span className={styles.light} aria-hidden="true" />
        {STATES[state]}
      </p>
      {may(scope.kind === 'player' ? 'players:halt' : 'markets:halt') ? (
        <StateForm scope={scope} state={state} />
      ) : (
        <p className={styles.quiet}>Your role may see this, not change it.</p>
      )}
    </>
  );
}

interface StateFormProps {
  readonly scope: TradingScope;
  readonly state: TradingState;
}

function StateForm({ scope, state }: StateFormProps) {
  const set = useSetTradingState(scope);
  const [next, setNext] = useState(state);
  const [reason, setReason] = useState('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    set.mutate({ state: next, reason: reason.trim() }, { onSuccess: () => setReason('') });
  }

  return (
    <form className={styles.form} onSubmit={submit}>
      <Segments
        label="New state"
        wide
        value={next}
        onChange={setNext}
        options={(['active', 'reducing', 'halted'] as const).map((value) => ({
          value,
          label: STATES[value],
        }))}
      />
      <Field
        label="Reason"
        autoComplete="off"
        maxLength={200}
        hint="Those concerned are told it, and the audit trail keeps it."
        value={reason}
        error={set.error === null ? undefined : explain(set.error)}
        onChange={(event) => {
          setReason(event.target.value);
          set.reset();
        }}
      />
      <Button
        type="submit"
        look={next === 'active' ? 'primary' : 'danger'}
        busy={set.isPending}
        disabled={next === state || reason.trim() === ''}
      >
        {next === state
          ? `Is ${STATES[state].toLowerCase()}`
          : `Set to ${STATES[next].toLowerCase()}`}
      </Button>
    </form>
  );
}
