import { useId } from 'react';

import { classes } from './classes';
import styles from './Segments.module.css';

interface Segment<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly tone?: 'up' | 'down';
}

interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly options: readonly Segment<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly wide?: boolean;
}

/** A choice of one from a few, as a row of radio buttons: arrow keys move between them. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={props.label}
      className={classes(styles.segments, props.wide === true && styles.wide)}
    >
      {props.options.map(({ value, label, tone }) => (
        <label key={value} className={styles.segment} data-tone={tone}>
          <input
            type="radio"
            name={name}
            checked={value === props.value}
            onChange={() => props.onChange(value)}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
