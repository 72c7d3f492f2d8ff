import type { ReactNode } from 'react';

import { explain } from '../../connection/problem';
import type { Rule, RuleTrace } from '../../protocol/automation';
import { useTraces } from '../../store/automation';
import { usePortName } from '../../store/resources';
import { Button } from '../../ui/Button';
import { formatGalaxyDate, formatLocalTime, formatUnits } from '../../ui/format';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './TraceList.module.css';
import { wireName, conditionWords, inputValue, verdictWords } from './words';

/** Why a rule did or did not trade: each verdict with all that it saw. */
export function TraceList({ rule }: { readonly rule: Rule }) {
  const traces = useTraces(rule.id);
  if (traces.data === undefined) {
    return traces.error === null ? (
      <Loading label="Loading the decisions" lines={6} />
    ) : (
      <Failed reason={explain(traces.error)} onRetry={() => void traces.refetch()} />
    );
  }
  const items = traces.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Empty title="Nothing decided yet">
        {rule.isActive
          ? 'It is judged once a game minute. It leaves a trace when its conditions hold.'
          : 'It rests. Switch it on, and automation too, to have it judged.'}
      </Empty>
    );
  }
  return (
    <>
      <ol aria-label="Decisions">
        {items.map((trace) => (
          <TraceItem key={`${trace.at} ${trace.side}`} trace={trace} />
        ))}
      </ol>
      {traces.hasNextPage && (
        <div className={styles.more}>
          <Button busy={traces.isFetchingNextPage} onClick={() => void traces.fetchNextPage()}>
            Show older decisions
          </Button>
        </div>
      )}
    </>
  );
}

interface TraceItemProps {
  readonly trace: RuleTrace;
  /** When it was, where that is not told by the reader's own clock. */
  readonly gameTime?: string;
  /** What came of it, after why. */
  readonly children?: ReactNode;
}

/** One verdict with all that it saw. */
export function TraceItem({ trace, gameTime, children }: TraceItemProps) {
  const portName = usePortName();
  const place = trace.port_id === null ? 'not docked' : portName(trace.port_id);
  return (
    <li className={styles.trace} data-verdict={trace.verdict}>
      <p className={styles.head}>
        <strong className={styles.verdict}>{verdictWords(trace)}</strong>
        <span className={styles.when}>
          {gameTime === undefined ? formatLocalTime(trace.at) : formatGalaxyDate(gameTime)} ·{' '}
          {place}
          {trace.market_version !== null && ` · version ${formatUnits(trace.market_version)}`}
        </span>
      </p>
      <p>
        {trace.detail}
        {trace.code !== null && <code className={styles.code}>{trace.code}</code>}
      </p>
      {children}
      <ul className={styles.conditions}>
        {trace.conditions.map((condition, index) => (
          <li key={index} data-holds={condition.holds}>
            <span className={styles.mark} aria-hidden="true">
              {condition.holds ? '✓' : '✕'}
            </span>
            <span>
              {conditionWords(condition, trace.side)}:{' '}
              {condition.input === null
                ? 'there was none'
                : `it was ${inputValue(condition.type, condition.input)}`}
              , {condition.holds ? 'holds' : 'does not hold'}
            </span>
          </li>
        ))}
      </ul>
      {trace.caps.length > 0 && (
        <ul className={styles.caps} aria-label="Limits">
          {trace.caps.map(({ name, used, limit }) => (
            <li key={name}>
              {wireName(name)} {formatUnits(used)} of {formatUnits(limit)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
