import styles from './Change.module.css';

/** A signed figure; its colour repeats what the sign says. */
export function Change({ value, text }: { readonly value: number; readonly text: string }) {
  const direction = value > 0 ? 'up' : value < 0 ? 'down' : 'none';
  return (
    <span className={styles.change} data-direction={direction}>
      {text}
    </span>
  );
}
