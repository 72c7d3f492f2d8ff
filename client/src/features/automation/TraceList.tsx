import { explain } from '../../connection/problem';
import type { Rule, RuleTrace } from '../../protocol/automation';
import { useTraces } from '../../store/automation';
import { usePortName } from '../../store/resources';
import { Button } from '../../ui/Button';
import { formatLocalTime, formatUnits } from '../../ui/format';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './TraceList.module.css';
import { capName, conditionWords, inputValue, verdictWords } from './words';

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

function TraceItem({ trace }: { readonly trace: RuleTrace }) {
  const portName = usePortName();
  const place = trace.port_id === null ? 'not docked' : portName(trace.port_id);
  return (
    <li className={styles.trace} data-verdict={trace.verdict}>
      <p className={styles.head}>
        <strong className={styles.verdict}>{verdictWords(trace)}</strong>
        <span className={styles.when}>
          {formatLocalTime(trace.at)} · {place}
          {trace.market_version !== null && ` · version ${formatUnits(trace.market_version)}`}
        </span>
      </p>
      <p>
        {trace.detail}
        {trace.code !== null && <code className={styles.code}>{trace.code}</code>}
      </p>
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
              {capName(name)} {formatUnits(used)} of {formatUnits(limit)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
