import {
  COMPARISONS,
  CONDITION_TYPES,
  type Comparison,
  type ConditionType,
} from '../../protocol/automation';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { Select } from '../../ui/Select';
import { type ConditionText, naturalComparison, type RuleFaults } from './ruleDraft';
import styles from './RuleForm.module.css';

interface ConditionFieldsProps {
  readonly side: 'buy' | 'sell';
  readonly conditions: readonly ConditionText[];
  readonly conditionsMax: number;
  readonly faults: RuleFaults;
  readonly onChange: (conditions: readonly ConditionText[]) => void;
}

const TYPE_NAMES: Record<ConditionType, string> = {
  price_below: 'Low price',
  price_above: 'High price',
  margin_exceeds: 'Margin over cost',
  ai_confidence: 'Forecast confidence',
};
const TYPE_OPTIONS = CONDITION_TYPES.map((value) => ({ value, label: TYPE_NAMES[value] }));

const COMPARISON_NAMES: Record<Comparison, string> = {
  less_than: 'below',
  greater_than: 'above',
  equals: 'equal to',
};
const COMPARISON_OPTIONS = COMPARISONS.map((value) => ({
  value,
  label: COMPARISON_NAMES[value],
}));

const UNITS: Record<ConditionType, string> = {
  price_below: 'cr',
  price_above: 'cr',
  margin_exceeds: '%',
  ai_confidence: '0–1',
};

/** The conditions of one side of a rule; all of them must hold. */
export function ConditionFields({
  side,
  conditions,
  conditionsMax,
  faults,
  onChange,
}: ConditionFieldsProps) {
  const { newId } = useServices();
  const change = (key: string, changes: Partial<ConditionText>) =>
    onChange(conditions.map((one) => (one.key === key ? { ...one, ...changes } : one)));
  const type = side === 'buy' ? 'price_below' : 'margin_exceeds';
  function add(): void {
    const comparison = naturalComparison(type);
    onChange([...conditions, { key: newId(), type, comparison, value: '' }]);
  }
  const title = side === 'buy' ? 'Buy when all of these hold' : 'Sell when all of these hold';
  return (
    <fieldset className={styles.side}>
      <legend className={styles.legend}>{title}</legend>
      {conditions.map((condition, index) => (
        <div key={condition.key} className={styles.condition}>
          <Select
            quiet
            label={`Input of condition ${index + 1} to ${side}`}
            options={TYPE_OPTIONS}
            value={condition.type}
            onChange={(next) =>
              change(condition.key, { type: next, comparison: naturalComparison(next) })
            }
          />
          <Select
            quiet
            label={`Comparison of condition ${index + 1} to ${side}`}
            options={COMPARISON_OPTIONS}
            value={condition.comparison}
            onChange={(comparison) => change(condition.key, { comparison })}
          />
          <Field
            quiet
            label={`Value of condition ${index + 1} to ${side}`}
            inputMode="decimal"
            autoComplete="off"
            suffix={UNITS[condition.type]}
            value={condition.value}
            error={faults[condition.key]}
            onChange={(event) => change(condition.key, { value: event.target.value })}
          />
          <Button
            look="quiet"
            aria-label={`Remove condition ${index + 1} to ${side}`}
            onClick={() => onChange(conditions.filter(({ key }) => key !== condition.key))}
          >
            <Icon name="close" size={16} />
          </Button>
        </div>
      ))}
      <Button small disabled={conditions.length >= conditionsMax} onClick={add}>
        Add a condition to {side}
      </Button>
    </fieldset>
  );
}
