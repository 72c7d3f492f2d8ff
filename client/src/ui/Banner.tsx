import type { ReactNode } from 'react';

import styles from './Banner.module.css';

interface BannerProps {
  readonly title: string;
  /** What there is to do about it, if a button does it. */
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

/** Something that stands in the player's way on every page, until it is over. */
export function Banner({ title, action, children }: BannerProps) {
  return (
    <div className={styles.banner} role="alert">
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        <div className={styles.detail}>{children}</div>
      </div>
      {action}
    </div>
  );
}
