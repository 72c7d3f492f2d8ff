import { type SubmitEvent, useState } from 'react';

import { ApiProblem, explain } from '../../connection/problem';
import {
  type AutomationLimits,
  RISK_LEVELS,
  type RuleDraft,
  type RuleTemplate,
} from '../../protocol/automation';
import { COMMODITIES, commodityName } from '../../protocol/commodity';
import { useAutomationCommands, useRuleTemplates } from '../../store/automation';
import { usePlayer, usePort } from '../../store/resources';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { BacktestPanel } from './BacktestPanel';
import { ConditionFields } from './ConditionFields';
import { readRule, type RuleFaults, type RuleText, ruleText } from './ruleDraft';
import styles from './RuleForm.module.css';
import { RISK_NAMES } from './words';

const COMMODITY_OPTIONS = COMMODITIES.map((value) => ({ value, label: commodityName(value) }));
const RISK_OPTIONS = RISK_LEVELS.map((value) => ({ value, label: RISK_NAMES[value] }));
const ANYWHERE = '';

const BLANK: RuleText = {
  name: '',
  commodity: 'organics',
  portId: null,
  buy: [],
  sell: [],
  riskLevel: 'moderate',
  maxInvestment: '5000',
};

interface RuleFormProps {
  readonly limits: AutomationLimits;
  readonly onStored: (ruleId: string) => void;
  readonly onCancel: () => void;
}

/** A new rule: from a template or from nothing; it is stored resting. */
export function RuleForm({ limits, onStored, onCancel }: RuleFormProps) {
  const { newId } = useServices();
  const { create } = useAutomationCommands();
  const [text, setText] = useState<RuleText>(BLANK);
  const [faults, setFaults] = useState<RuleFaults>({});
  const [tested, setTested] = useState<RuleDraft | null>(null);
  // One id over every attempt, so that a rule is stored once whatever happens to the answers.
  const [commandId, setCommandId] = useState(newId);

  function change(changes: Partial<RuleText>): void {
    setText({ ...text, ...changes });
    setFaults({});
    setTested(null);
    setCommandId(newId());
    create.reset();
  }

  function withDraft(take: (draft: RuleDraft) => void): void {
    const read = readRule(text, limits);
    if ('faults' in read) setFaults(read.faults);
    else take(read.draft);
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    withDraft((draft) => {
      create.mutate({ commandId, draft }, { onSuccess: ({ id }) => onStored(id) });
    });
  }

  return (
    <>
      <form className={styles.form} noValidate onSubmit={submit}>
        <Templates onChoose={(template) => change(ruleText(template, newId))} />
        <Field
          label="Name"
          autoComplete="off"
          value={text.name}
          error={faults.name ?? fieldFault(create.error, 'name')}
          onChange={(event) => change({ name: event.target.value })}
        />
        <div className={styles.pair}>
          <Select
            label="Commodity"
            options={COMMODITY_OPTIONS}
            value={text.commodity}
            onChange={(commodity) => change({ commodity })}
          />
          <PlaceSelect portId={text.portId} onChange={(portId) => change({ portId })} />
        </div>
        <ConditionFields
          side="buy"
          conditions={text.buy}
          conditionsMax={limits.conditions_of_a_side}
          faults={faults}
          onChange={(buy) => change({ buy })}
        />
        <ConditionFields
          side="sell"
          conditions={text.sell}
          conditionsMax={limits.conditions_of_a_side}
          faults={faults}
          onChange={(sell) => change({ sell })}
        />
        {faults.conditions !== undefined && (
          <p className={styles.error} role="alert">
            {faults.conditions}
          </p>
        )}
        <div className={styles.pair}>
          <Select
            label="Share put into one trade"
            options={RISK_OPTIONS}
            value={text.riskLevel}
            onChange={(riskLevel) => change({ riskLevel })}
          />
          <Field
            label="Invest at most"
            inputMode="numeric"
            autoComplete="off"
            suffix="cr"
            value={text.maxInvestment}
            error={faults.maxInvestment}
            onChange={(event) => change({ maxInvestment: event.target.value })}
          />
        </div>
        {create.error !== null && (
          <p className={styles.error} role="alert">
            {explain(create.error)}
            {create.error instanceof ApiProblem && (
              <code className={styles.code}>{create.error.code}</code>
            )}
          </p>
        )}
        <div className={styles.actions}>
          <Button onClick={onCancel}>Cancel</Button>
          <Button onClick={() => withDraft(setTested)}>Backtest</Button>
          <Button type="submit" look="primary" busy={create.isPending}>
            Store rule
          </Button>
        </div>
      </form>
      {tested !== null && (
        <section className={styles.tested} aria-label={`Backtest of ${tested.name}`}>
          <BacktestPanel rule={tested} />
        </section>
      )}
    </>
  );
}

function Templates({ onChoose }: { readonly onChoose: (template: RuleTemplate) => void }) {
  const templates = useRuleTemplates().data ?? [];
  if (templates.length === 0) return null;
  return (
    <div>
      <p className={styles.caption}>Begin with</p>
      <ul className={styles.templates}>
        {templates.map((template) => (
          <li key={template.template_id}>
            <button type="button" className={styles.template} onClick={() => onChoose(template)}>
              <span className={styles.templateName}>{template.name}</span>
              <span className={styles.caption}>{template.description}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface PlaceSelectProps {
  readonly portId: string | null;
  readonly onChange: (portId: string | null) => void;
}

/** Where the rule trades: wherever the ship is docked, or at the port where it is now. */
function PlaceSelect({ portId, onChange }: PlaceSelectProps) {
  const dockedId = usePlayer().data?.docked_port_id ?? null;
  const port = usePort(dockedId).data;
  const options = [
    { value: ANYWHERE, label: 'Wherever docked' },
    ...(port === undefined ? [] : [{ value: port.port_id, label: `Only at ${port.name}` }]),
  ];
  return (
    <Select
      label="Where"
      options={options}
      value={portId ?? ANYWHERE}
      onChange={(chosen) => onChange(chosen === ANYWHERE ? null : chosen)}
    />
  );
}

function fieldFault(error: unknown, field: string): string | undefined {
  return error instanceof ApiProblem ? error.fields[field] : undefined;
}
