import styles from './SideTag.module.css';

interface SideTagProps {
  readonly side: 'buy' | 'sell';
  /** What is bought or sold. */
  readonly name: string;
}

/** Says which way a trade or order goes, and what it is about. */
export function SideTag({ side, name }: SideTagProps) {
  return (
    <span className={styles.name}>
      <span className={styles.side} data-side={side}>
        {side === 'buy' ? 'Buy' : 'Sell'}
      </span>
      {name}
    </span>
  );
}
