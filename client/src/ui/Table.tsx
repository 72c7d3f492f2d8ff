import type { ReactNode } from 'react';

import styles from './Table.module.css';

export interface Column {
  readonly name: string;
  /** Left out where there is little room, as its cells are with the class WIDE_ONLY. */
  readonly wideOnly?: boolean;
}

/** The class of cells in columns that are left out where there is little room. */
export const WIDE_ONLY = styles.wideOnly;

interface TableProps {
  /** What the table shows, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column[];
  /** Rows: `tr` elements with a cell for each column, numbers to the right. */
  readonly children: ReactNode;
}

/** A table of figures; the first column is text, the others numbers. */
export function Table({ label, columns, children }: TableProps) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ name, wideOnly }) => (
              <th key={name} scope="col" className={wideOnly === true ? WIDE_ONLY : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
