import type { ReactNode } from 'react';

import styles from './PressableRow.module.css';

interface PressableRowProps {
  /** What the row is about; the button's name. */
  readonly title: string;
  readonly selected: boolean;
  readonly onPress: () => void;
  /** What stands below the title, if anything. */
  readonly below?: ReactNode;
  /** The other cells. */
  readonly children: ReactNode;
}

/** A row of a table that is chosen by a press anywhere on it. */
export function PressableRow({ title, selected, onPress, below, children }: PressableRowProps) {
  return (
    <tr data-selected={selected} data-pressable="true" className={styles.row}>
      <td>
        <button type="button" className={styles.name} aria-pressed={selected} onClick={onPress}>
          {title}
        </button>
        {below}
      </td>
      {children}
    </tr>
  );
}
