import { type ComponentProps, type ReactNode, useEffect, useId, useRef } from 'react';

import styles from './Field.module.css';

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'className'> {
  readonly label: string;
  /** Whether the label is for those only who cannot see the surroundings. */
  readonly quiet?: boolean;
  /** Beside the label, such as what is available. */
  readonly aside?: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** After the text, inside the box, such as a unit or a button. */
  readonly suffix?: ReactNode;
}

/**
 * A labelled input; hint and error are read with it. It takes the focus when it turns out wrong, so
 * that nobody has to look for what is, unless another field is being filled in.
 */
export function Field(props: FieldProps) {
  const { label, quiet = false, aside, hint, error, suffix, ...input } = props;
  const id = useId();
  const note = error ?? hint;
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (error !== undefined && !(document.activeElement instanceof HTMLInputElement)) {
      box.current?.focus();
    }
  }, [error]);
  return (
    <div className={styles.field}>
      {!quiet && (
        <div className={styles.label}>
          <label htmlFor={id}>{label}</label>
          {aside !== undefined && <span className={styles.aside}>{aside}</span>}
        </div>
      )}
      <div className={styles.box} data-invalid={error !== undefined}>
        <input
          {...input}
          ref={box}
          id={id}
          className={styles.input}
          aria-label={quiet ? label : undefined}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {suffix !== undefined && <span className={styles.suffix}>{suffix}</span>}
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? styles.hint : styles.error}>
          {note}
        </p>
      )}
    </div>
  );
}
