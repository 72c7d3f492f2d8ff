import { type SubmitEvent, useEffect, useRef, useState } from 'react';

import { ApiProblem, explain } from '../../connection/problem';
import type { Rule, RuleDraft } from '../../protocol/automation';
import type { Backtest, Backtests, Hold } from '../../protocol/backtest';
import { isInHand, useBacktest, useBacktestCommands, useBacktests } from '../../store/backtests';
import { useServerStatus } from '../../store/resources';
import { Button } from '../../ui/Button';
import { Change } from '../../ui/Change';
import { Field } from '../../ui/Field';
import { formatAge, formatLocalTime, formatProfit } from '../../ui/format';
import { Select } from '../../ui/Select';
import { Revealed } from '../../ui/Revealed';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './BacktestPanel.module.css';
import { BacktestReport } from './BacktestReport';
import { pastMissingMs, readStake, spanOptions } from './backtestDraft';

interface BacktestPanelProps {
  /** A stored rule, or one that is not. */
  readonly rule: Rule | RuleDraft;
}

/** What a rule would have done over the recorded past: begun here, followed, and shown. */
export function BacktestPanel({ rule }: BacktestPanelProps) {
  const backtests = useBacktests();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const panel = useRef<HTMLDivElement>(null);
  const loaded = backtests.data !== undefined;
  useEffect(() => {
    // Where there is one column, it lies below the rules.
    if (loaded) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [loaded]);
  if (backtests.data === undefined) {
    return backtests.error === null ? (
      <Loading label="Loading your backtests" lines={6} />
    ) : (
      <Failed reason={explain(backtests.error)} onRetry={() => void backtests.refetch()} />
    );
  }
  const { items, recorded } = backtests.data;
  // Of a rule that is not stored, only what was begun here: the next draft is another rule.
  const own = items.filter(({ backtest_id, rules }) =>
    'id' in rule ? rules.some(({ id }) => id === rule.id) : backtest_id === chosenId,
  );
  const shown = own.find(({ backtest_id }) => backtest_id === chosenId) ?? own[0];
  return (
    <div ref={panel} className={styles.panel}>
      <Beginning
        rule={rule}
        recorded={recorded}
        waits={items.some(isInHand)}
        onBegun={({ backtest_id }) => setChosenId(backtest_id)}
      />
      {shown !== undefined && (
        <BacktestView
          key={shown.backtest_id}
          backtestId={shown.backtest_id}
          sought={shown.backtest_id === chosenId}
        />
      )}
      {own.length > 1 && (
        <Earlier
          backtests={own.filter((one) => one !== shown)}
          onChoose={(backtestId) => setChosenId(backtestId)}
        />
      )}
    </div>
  );
}

interface BeginningProps extends BacktestPanelProps {
  readonly recorded: Backtests['recorded'];
  /** Whether another backtest is not over yet. */
  readonly waits: boolean;
  readonly onBegun: (backtest: Backtest) => void;
}

function Beginning({ rule, recorded, waits, onBegun }: BeginningProps) {
  const timeScale = useServerStatus().data?.time_scale;
  const { begin } = useBacktestCommands();
  const [stake, setStake] = useState('');
  const [fault, setFault] = useState<string | undefined>(undefined);
  const [hold, setHold] = useState<Hold>('empty');
  const [span, setSpan] = useState('all');
  const missingMs = pastMissingMs(recorded?.game_hours ?? 0, timeScale ?? 60);
  if (missingMs > 0) {
    return (
      <Empty title="No recorded past yet">
        A backtest needs a game hour that was recorded. Come back in {formatAge(missingMs)}.
      </Empty>
    );
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const read = readStake(stake);
    if ('fault' in read) {
      setFault(read.fault);
      return;
    }
    const hours = span === 'all' ? null : Number(span);
    const subject = 'id' in rule ? rule.id : rule;
    // Done with: a telephone's keyboard goes away, and the backtest may take the focus.
    if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur();
    begin.mutate({ rule: subject, hold, credits: read.credits, hours }, { onSuccess: onBegun });
  }
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <p className={styles.lead}>
        What would {rule.name} have done? It is run over the recorded market by the code that runs
        it live, at the port where it trades or where you are docked. Nothing is bought or sold.
      </p>
      <div className={styles.fields}>
        <Select
          label="Span"
          options={spanOptions(recorded?.game_hours ?? 0)}
          value={span}
          onChange={setSpan}
        />
        <Field
          label="Begin with"
          inputMode="numeric"
          autoComplete="off"
          placeholder="what you have"
          suffix="cr"
          value={stake}
          error={fault}
          onChange={(event) => {
            setStake(event.target.value);
            setFault(undefined);
          }}
        />
        <Select label="Hold" options={HOLD_OPTIONS} value={hold} onChange={setHold} />
        <Button type="submit" look="primary" busy={begin.isPending} disabled={waits}>
          Run backtest
        </Button>
      </div>
      {begin.error !== null && <Refused error={begin.error} />}
    </form>
  );
}

const HOLD_OPTIONS = [
  { value: 'empty', label: 'Empty' },
  { value: 'aboard', label: 'As it is now' },
] as const;

function Refused({ error }: { readonly error: unknown }) {
  const again = error instanceof ApiProblem ? error.retryAfterMs : null;
  return (
    <p className={styles.error} role="alert">
      {explain(error)}
      {again !== null && ` Try again in ${formatAge(again)}.`}
      {error instanceof ApiProblem && <code className={styles.code}>{error.code}</code>}
    </p>
  );
}

interface BacktestViewProps {
  readonly backtestId: string;
  /** Whether the player asked for this one, and so is led to it. */
  readonly sought: boolean;
}

/** A backtest on its way, or what it came to. */
function BacktestView({ backtestId, sought }: BacktestViewProps) {
  const backtest = useBacktest(backtestId);
  const { data } = backtest;
  if (data === undefined) {
    return backtest.error === null ? (
      <Loading label="Loading the backtest" lines={6} />
    ) : (
      <Failed reason={explain(backtest.error)} onRetry={() => void backtest.refetch()} />
    );
  }
  const stage = stageOf(data);
  // A new element at each stage, so that it is read out as the focus comes to it.
  return (
    <Revealed key={stage} label={STAGES[stage]} sought={sought}>
      <BacktestStage backtest={data} />
    </Revealed>
  );
}

const STAGES = {
  in_hand: 'Backtest on its way',
  failed: 'Backtest failed',
  done: 'Backtest finished',
} as const;

function stageOf(backtest: Backtest): keyof typeof STAGES {
  if (isInHand(backtest)) return 'in_hand';
  return backtest.failure === null ? 'done' : 'failed';
}

function BacktestStage({ backtest: data }: { readonly backtest: Backtest }) {
  const { remove } = useBacktestCommands();
  const drop = (text: string) => (
    <Button small busy={remove.isPending} onClick={() => remove.mutate(data.backtest_id)}>
      {text}
    </Button>
  );
  if (isInHand(data)) {
    return (
      <div className={styles.progress} role="status">
        <label>
          {data.status === 'queued' ? 'Waiting for its turn' : 'Going through the past'}
          <progress max={100} value={data.status === 'queued' ? undefined : data.progress} />
        </label>
        {drop('Cancel')}
      </div>
    );
  }
  if (data.failure !== null) {
    return (
      <div className={styles.progress} role="alert">
        <p>
          {data.failure.detail}
          <code className={styles.code}>{data.failure.code}</code>
        </p>
        {drop('Remove')}
      </div>
    );
  }
  return <BacktestReport backtest={data} action={drop('Delete')} />;
}

interface EarlierProps {
  readonly backtests: readonly Backtest[];
  readonly onChoose: (backtestId: string) => void;
}

function Earlier({ backtests, onChoose }: EarlierProps) {
  return (
    <section className={styles.earlier}>
      <h3 className={styles.heading}>Other backtests of this rule</h3>
      <ul>
        {backtests.map(({ backtest_id, created_at, status, headline }) => (
          <li key={backtest_id}>
            <button type="button" className={styles.other} onClick={() => onChoose(backtest_id)}>
              <span>{formatLocalTime(created_at)}</span>
              {headline === null ? (
                <span>{status}</span>
              ) : (
                <span>
                  <Change
                    value={headline.profit_credits}
                    text={formatProfit(headline.profit_credits)}
                  />{' '}
                  in {headline.span.game_hours} game hours
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
