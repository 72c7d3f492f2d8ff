import { explain } from '../../connection/problem';
import { formatLocalTime } from '../../ui/format';
import styles from './NotRefreshed.module.css';

interface NotRefreshedProps {
  /** As of when what is shown is. */
  readonly since: string;
  readonly error: unknown;
}

/** Says that what is shown is old, and why; nothing while it is renewed. */
export function NotRefreshed({ since, error }: NotRefreshedProps) {
  if (error === null) return null;
  return (
    <p className={styles.notice} role="alert">
      As of {formatLocalTime(since)}, not renewed since: {explain(error)}
    </p>
  );
}
