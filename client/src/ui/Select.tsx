import { type ComponentProps, useId } from 'react';

import styles from './Field.module.css';

interface SelectProps<Value extends string> extends Omit<
  ComponentProps<'select'>,
  'id' | 'className' | 'onChange' | 'value'
> {
  readonly label: string;
  /** Whether the label is for those only who cannot see the surroundings. */
  readonly quiet?: boolean;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** A labelled choice of one from a list. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, quiet = false, options, value, onChange, ...select } = props;
  const id = useId();
  return (
    <div className={styles.field}>
      {!quiet && (
        <div className={styles.label}>
          <label htmlFor={id}>{label}</label>
        </div>
      )}
      <div className={styles.box}>
        <select
          {...select}
          id={id}
          aria-label={quiet ? label : undefined}
          className={styles.select}
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
