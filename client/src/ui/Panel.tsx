import { type ReactNode, useId } from 'react';

import { classes } from './classes';
import styles from './Panel.module.css';

interface PanelProps {
  readonly title: string;
  readonly aside?: ReactNode;
  /** False where the content draws to the panel's edge, as tables do. */
  readonly padded?: boolean;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A titled region of a page. */
export function Panel({ title, aside, padded = true, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={classes(styles.panel, className)} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        {aside !== undefined && <div className={styles.aside}>{aside}</div>}
      </header>
      <div className={classes(styles.body, padded && styles.padded)}>{children}</div>
    </section>
  );
}
