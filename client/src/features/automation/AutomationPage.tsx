import { useState } from 'react';

import { AUTOMATION_LIMITS } from '../../protocol/automation';
import { useRules } from '../../store/automation';
import { Button } from '../../ui/Button';
import { formatUnits } from '../../ui/format';
import { PageTitle } from '../../ui/PageTitle';
import { Panel } from '../../ui/Panel';
import { Empty } from '../../ui/State';
import styles from './AutomationPage.module.css';
import { AutomationSummary } from './AutomationSummary';
import { RuleForm } from './RuleForm';
import { RuleList } from './RuleList';
import { TraceList } from './TraceList';

/** What the player lets rules do for him: the master switch, his rules, and why they act. */
export function AutomationPage() {
  const [writing, setWriting] = useState(false);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const rules = useRules().data ?? [];
  const selected = rules.find((rule) => rule.id === selectedId) ?? rules[0];
  const full = rules.length >= AUTOMATION_LIMITS.rules;
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
                {rules.length} of {AUTOMATION_LIMITS.rules}
              </span>
              <Button small disabled={full || writing} onClick={() => setWriting(true)}>
                New rule
              </Button>
            </>
          }
        >
          <RuleList
            selectedId={selected?.id ?? null}
            onSelect={(id) => {
              setSelectedId(id);
              setWriting(false);
            }}
          />
        </Panel>
        <LimitsPanel />
      </div>
      {writing ? (
        <Panel title="New rule" className={styles.detail}>
          <RuleForm
            onStored={(id) => {
              setSelectedId(id);
              setWriting(false);
            }}
            onCancel={() => setWriting(false)}
          />
        </Panel>
      ) : (
        <Panel
          title={selected === undefined ? 'Decisions' : `Decisions of ${selected.name}`}
          aside="newest first"
          padded={false}
          className={styles.detail}
        >
          {selected === undefined ? (
            <Empty title="No decisions yet">
              A rule leaves a trace whenever it trades, or would have traded but for something in
              its way.
            </Empty>
          ) : (
            <TraceList key={selected.id} rule={selected} />
          )}
        </Panel>
      )}
    </div>
  );
}

function LimitsPanel() {
  const limits = AUTOMATION_LIMITS;
  return (
    <details className={styles.limits}>
      <summary>Limits of automated trades</summary>
      <ul>
        <li>{limits.tradesPerHour} trades in any hour</li>
        <li>{limits.secondsBetweenTrades} seconds between two trades</li>
        <li>{formatUnits(limits.investmentCredits)} credits a trade</li>
        <li>{limits.creditsSharePercent}% of your credits in one trade</li>
        <li>{formatUnits(limits.dailyLossCredits)} credits of losses in any 24 hours</li>
      </ul>
    </details>
  );
}
