import type { ReactNode } from 'react';

import { Button } from './Button';
import styles from './State.module.css';

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** What a region says when there is nothing to show yet, and how to change that. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className={styles.state}>
      <p className={styles.title}>{title}</p>
      {children !== undefined && <p className={styles.text}>{children}</p>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}

interface FailedProps {
  readonly reason: string;
  readonly onRetry: () => void;
}

/** What a region says when its content could not be read. */
export function Failed({ reason, onRetry }: FailedProps) {
  return (
    <div className={styles.state} role="alert">
      <p className={styles.title}>Not available</p>
      <p className={styles.text}>{reason}</p>
      <div className={styles.action}>
        <Button small onClick={onRetry}>
          Try again
        </Button>
      </div>
    </div>
  );
}

/** What a region shows while its content is on the way. */
export function Loading({ label, lines = 4 }: { readonly label: string; readonly lines?: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={styles.bar} />
      ))}
    </div>
  );
}
