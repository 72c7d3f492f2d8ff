import type { ReactNode } from 'react';

import { classes } from './classes';
import styles from './Figures.module.css';

interface FiguresProps {
  readonly rows: readonly (readonly [string, ReactNode])[];
  /**
   * One a line, its name to the left; or each under its name, side by side in a strip or in the
   * columns of a grid.
   */
  readonly layout?: 'lines' | 'strip' | 'grid';
}

/** Named figures. */
export function Figures({ rows, layout = 'lines' }: FiguresProps) {
  return (
    <dl className={classes(styles.figures, styles[layout])}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
