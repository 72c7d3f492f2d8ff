import { useState } from 'react';

import type { AutomationLimits, Rule } from '../../protocol/automation';
import { useAutomationLimits, useRules } from '../../store/automation';
import { Button } from '../../ui/Button';
import { formatUnits } from '../../ui/format';
import { PageTitle } from '../../ui/PageTitle';
import { Panel } from '../../ui/Panel';
import { Empty } from '../../ui/State';
import styles from './AutomationPage.module.css';
import { AutomationSummary } from './AutomationSummary';
import { BacktestPanel } from './BacktestPanel';
import { RuleForm } from './RuleForm';
import { RuleList } from './RuleList';
import { TraceList } from './TraceList';

/** What the player lets rules do for him: the master switch, his rules, and why they act. */
export function AutomationPage() {
  const [view, setView] = useState<View>('decisions');
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const rules = useRules().data ?? [];
  const selected = rules.find((rule) => rule.id === selectedId) ?? rules[0];
  const limits = useAutomationLimits().data;
  const full = limits === undefined || rules.length >= limits.rules;
  const show = (next: View) => (ruleId: string) => {
    setSelectedId(ruleId);
    setView(next);
  };
  return (
    <div className={styles.page}>
      <PageTitle text="Automation" />
      <div className={styles.column}>
        <AutomationSummary />
        <Panel
          title="Rules"
          padded={false}
          className={styles.rules}
          aside={
            <>
              <span>
                {limits === undefined ? rules.length : `${rules.length} of ${limits.rules}`}
              </span>
              <Button small disabled={full || view === 'form'} onClick={() => setView('form')}>
                New rule
              </Button>
            </>
          }
        >
          <RuleList
            selectedId={selected?.id ?? null}
            onSelect={show('decisions')}
            onBacktest={show('backtest')}
          />
        </Panel>
        {limits !== undefined && <LimitsPanel limits={limits} />}
      </div>
      {view === 'form' && limits !== undefined ? (
        <Panel title="New rule" className={styles.detail}>
          <RuleForm
            limits={limits}
            onStored={show('decisions')}
            onCancel={() => setView('decisions')}
          />
        </Panel>
      ) : (
        <RulePanel
          rule={selected}
          backtest={view === 'backtest'}
          onBack={() => setView('decisions')}
        />
      )}
    </div>
  );
}

/** What the panel beside the rules shows. */
type View = 'decisions' | 'backtest' | 'form';

interface RulePanelProps {
  readonly rule: Rule | undefined;
  /** Whether to show what it would have done instead of what it did. */
  readonly backtest: boolean;
  readonly onBack: () => void;
}

function RulePanel({ rule, backtest, onBack }: RulePanelProps) {
  if (rule === undefined) {
    return (
      <Panel title="Decisions" padded={false} className={styles.detail}>
        <Empty title="No decisions yet">
          A rule leaves a trace whenever it trades, or would have traded but for something in its
          way.
        </Empty>
      </Panel>
    );
  }
  if (backtest) {
    return (
      <Panel
        title={`Backtest of ${rule.name}`}
        aside={
          <Button small onClick={onBack}>
            Decisions
          </Button>
        }
        padded={false}
        className={styles.detail}
      >
        <BacktestPanel key={rule.id} rule={rule} />
      </Panel>
    );
  }
  return (
    <Panel
      title={`Decisions of ${rule.name}`}
      aside="newest first"
      padded={false}
      className={styles.detail}
    >
      <TraceList key={rule.id} rule={rule} />
    </Panel>
  );
}

function LimitsPanel({ limits }: { readonly limits: AutomationLimits }) {
  return (
    <details className={styles.limits}>
      <summary>Limits of automated trades</summary>
      <ul>
        <li>{limits.trades_per_hour} trades in any hour</li>
        <li>{limits.seconds_between_trades} seconds between two trades</li>
        <li>{formatUnits(limits.investment_credits)} credits a trade</li>
        <li>{limits.share_of_credits_percent}% of your credits in one trade</li>
        <li>{formatUnits(limits.loss_credits_in_24_hours)} credits of losses in any 24 hours</li>
      </ul>
    </details>
  );
}
