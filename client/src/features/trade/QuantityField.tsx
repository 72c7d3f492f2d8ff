import { Field } from '../../ui/Field';
import { formatUnits } from '../../ui/format';
import type { Most } from './entry';
import styles from './QuantityField.module.css';

/** Marks the quantity input for the keyboard shortcuts. */
export const QUANTITY_INPUT_NAME = 'quantity';

interface QuantityFieldProps {
  readonly text: string;
  readonly most: Most;
  readonly error: string | undefined;
  readonly onChange: (text: string) => void;
}

/** How many units to order, with the most that can be. */
export function QuantityField({ text, most, error, onChange }: QuantityFieldProps) {
  return (
    <Field
      label="Quantity"
      name={QUANTITY_INPUT_NAME}
      inputMode="numeric"
      autoComplete="off"
      placeholder="0"
      aside={`max ${formatUnits(most.quantity)} · ${most.why}`}
      value={text}
      error={error}
      onChange={(event) => onChange(event.target.value)}
      suffix={
        <button
          type="button"
          className={styles.max}
          disabled={most.quantity === 0}
          onClick={() => onChange(String(most.quantity))}
        >
          Max
        </button>
      }
    />
  );
}
