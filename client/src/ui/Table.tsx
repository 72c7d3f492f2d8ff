import type { ReactNode } from 'react';

import styles from './Table.module.css';

interface TableProps {
  /** What the table shows, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly string[];
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
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
