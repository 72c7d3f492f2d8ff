import { useState } from 'react';

import { explain } from '../../connection/problem';
import type { Rule } from '../../protocol/automation';
import { commodityName } from '../../protocol/commodity';
import { useAutomationCommands, useRules } from '../../store/automation';
import { usePortName } from '../../store/resources';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { formatCredits } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Empty, Failed, Loading } from '../../ui/State';
import { Switch } from '../../ui/Switch';
import styles from './RuleList.module.css';
import { sideWords } from './words';

interface RuleListProps {
  readonly selectedId: string | null;
  readonly onSelect: (ruleId: string) => void;
  readonly onBacktest: (ruleId: string) => void;
}

/** The player's rules, each with its switch. */
export function RuleList({ selectedId, onSelect, onBacktest }: RuleListProps) {
  const rules = useRules();
  const [leaving, setLeaving] = useState<Rule | null>(null);
  if (rules.data === undefined) {
    return rules.error === null ? (
      <Loading label="Loading your rules" />
    ) : (
      <Failed reason={explain(rules.error)} onRetry={() => void rules.refetch()} />
    );
  }
  if (rules.data.length === 0) {
    return (
      <Empty title="No rules yet">
        A rule buys or sells a good for you where you are docked, when its conditions hold.
      </Empty>
    );
  }
  return (
    <>
      <ul aria-label="Your rules">
        {rules.data.map((rule) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            selected={rule.id === selectedId}
            onSelect={onSelect}
            onBacktest={onBacktest}
            onDelete={setLeaving}
          />
        ))}
      </ul>
      {leaving !== null && <DeleteDialog rule={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

interface RuleRowProps {
  readonly rule: Rule;
  readonly selected: boolean;
  readonly onSelect: (ruleId: string) => void;
  readonly onBacktest: (ruleId: string) => void;
  readonly onDelete: (rule: Rule) => void;
}

function RuleRow({ rule, selected, onSelect, onBacktest, onDelete }: RuleRowProps) {
  const { activate } = useAutomationCommands();
  const portName = usePortName();
  const active = activate.isPending ? activate.variables.active : rule.isActive;
  const where = rule.portId === null ? 'wherever docked' : `at ${portName(rule.portId)}`;
  return (
    <li className={styles.rule} data-selected={selected}>
      <button
        type="button"
        className={styles.name}
        aria-pressed={selected}
        onClick={() => onSelect(rule.id)}
      >
        {rule.name}
      </button>
      <p className={styles.detail}>
        {commodityName(rule.commodity)}, {where}, at most {formatCredits(rule.maxInvestment)}
      </p>
      {(['buy', 'sell'] as const).map((side) => (
        <p key={side} className={styles.condition}>
          {sideWords(side === 'buy' ? rule.buyConditions : rule.sellConditions, side)}
        </p>
      ))}
      <div className={styles.actions}>
        <Switch
          label={
            <>
              {active ? 'Active' : 'Resting'}
              <span className={styles.spoken}>: {rule.name}</span>
            </>
          }
          checked={active}
          disabled={activate.isPending}
          onChange={(next) => activate.mutate({ ruleId: rule.id, active: next })}
        />
        <div className={styles.buttons}>
          <Button small aria-label={`Backtest ${rule.name}`} onClick={() => onBacktest(rule.id)}>
            Backtest
          </Button>
          <Button
            look="quiet"
            small
            aria-label={`Delete ${rule.name}`}
            onClick={() => onDelete(rule)}
          >
            <Icon name="bin" size={16} />
          </Button>
        </div>
      </div>
    </li>
  );
}

interface DeleteDialogProps {
  readonly rule: Rule;
  readonly onClose: () => void;
}

function DeleteDialog({ rule, onClose }: DeleteDialogProps) {
  const { remove } = useAutomationCommands();
  return (
    <Dialog title="Delete this rule?" onClose={onClose}>
      <p>
        {rule.name} and the record of its decisions will be gone. Trades it has made stay as they
        are.
      </p>
      <div className={styles.choice}>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          look="danger"
          busy={remove.isPending}
          onClick={() =>
            remove.mutate({ ruleId: rule.id, name: rule.name }, { onSettled: onClose })
          }
        >
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
