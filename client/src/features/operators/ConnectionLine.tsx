import type { ReactNode } from 'react';

import { PressableRow } from '../../ui/PressableRow';
import { RecordCard } from '../../ui/RecordList';
import styles from './ConnectionLine.module.css';
import { playerWords } from './words';

export interface LineProps {
  readonly line: { readonly connection_id: string; readonly player_id: string | null };
  readonly selectedId: string | null;
  readonly onSelect: (connectionId: string) => void;
}

/** A connection in a table; `children` are the cells after its player. */
export function ConnectionRow(props: LineProps & { readonly children: ReactNode }) {
  const { line, selectedId, onSelect, children } = props;
  return (
    <PressableRow
      title={playerWords(line.player_id)}
      selected={line.connection_id === selectedId}
      onPress={() => onSelect(line.connection_id)}
      below={<div className={styles.id}>{line.connection_id}</div>}
    >
      {children}
    </PressableRow>
  );
}

interface CardProps extends LineProps {
  readonly note: ReactNode;
  readonly figure: ReactNode;
  readonly detail: ReactNode;
}

/** A connection on a phone. */
export function ConnectionCard({ line, selectedId, onSelect, ...rest }: CardProps) {
  return (
    <RecordCard
      title={
        <button
          type="button"
          className={styles.name}
          aria-pressed={line.connection_id === selectedId}
          onClick={() => onSelect(line.connection_id)}
        >
          {playerWords(line.player_id)}
        </button>
      }
      {...rest}
    />
  );
}
