import { Fragment, type ReactNode } from 'react';

import styles from './Figures.module.css';

/** Named figures, one a line. */
export function Figures({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.figures}>
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <div className={styles.row}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        </Fragment>
      ))}
    </dl>
  );
}
