import type { ComponentProps } from 'react';

import styles from './Button.module.css';
import { classes } from './classes';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'primary' | 'secondary' | 'quiet' | 'buy' | 'sell' | 'danger';
  readonly small?: boolean;
  readonly wide?: boolean;
  /** Under way: the button stays in place and cannot be pressed again. */
  readonly busy?: boolean;
}

export function Button({
  look = 'secondary',
  small = false,
  wide = false,
  busy = false,
  disabled,
  type = 'button',
  className,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      disabled={disabled === true || busy}
      className={classes(
        styles.button,
        styles[look],
        small && styles.small,
        wide && styles.wide,
        className,
      )}
    />
  );
}
