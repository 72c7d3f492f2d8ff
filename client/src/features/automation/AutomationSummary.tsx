import { explain } from '../../connection/problem';
import { useAutomationCommands, useAutomationStatus } from '../../store/automation';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import { formatLocalTime, formatProfit, formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Failed, Loading } from '../../ui/State';
import { Switch } from '../../ui/Switch';
import styles from './AutomationSummary.module.css';

/** The master switch, and what rules traded in the last 24 hours. */
export function AutomationSummary() {
  const status = useAutomationStatus();
  const { turn, pauseOnDisconnect } = useAutomationCommands();
  if (status.data === undefined) {
    return (
      <Panel title="Automation">
        {status.error === null ? (
          <Loading label="Loading your automation" />
        ) : (
          <Failed reason={explain(status.error)} onRetry={() => void status.refetch()} />
        )}
      </Panel>
    );
  }
  const { totalProfitToday, tradesExecuted, rulesActive, lastAction } = status.data;
  const active = turn.isPending ? turn.variables : status.data.isActive;
  const figures = [
    [
      'Profit, 24 h',
      <Change key="p" value={totalProfitToday} text={formatProfit(totalProfitToday)} />,
    ],
    ['Trades, 24 h', formatUnits(tradesExecuted)],
    ['Active rules', formatUnits(rulesActive)],
  ] as const;
  return (
    <Panel
      title="Automation"
      aside={
        <Switch
          label={active ? 'On' : 'Off'}
          checked={active}
          disabled={turn.isPending}
          onChange={(next) => turn.mutate(next)}
        />
      }
    >
      <Figures layout="grid" rows={figures} />
      <div className={styles.pause}>
        <Switch
          label="Pause my rules if my connection is lost"
          checked={
            pauseOnDisconnect.isPending
              ? pauseOnDisconnect.variables
              : status.data.pauseOnDisconnect
          }
          disabled={pauseOnDisconnect.isPending}
          onChange={(next) => pauseOnDisconnect.mutate(next)}
        />
      </div>
      <p className={styles.last}>
        {lastAction === null
          ? 'No rule has traded yet.'
          : `${formatLocalTime(lastAction.timestamp)}: ${lastAction.reasoning}`}
      </p>
    </Panel>
  );
}
