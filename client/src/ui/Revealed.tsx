import { type ReactNode, useEffect, useRef } from 'react';

import styles from './Revealed.module.css';

interface RevealedProps {
  readonly label: string;
  /** Whether a person asked for this, and so is led to it. */
  readonly sought: boolean;
  readonly children: ReactNode;
}

/**
 * A group that comes into view and takes the focus as it appears where it was sought, unless
 * something else is in use: what was pressed for it may be far away, or gone.
 */
export function Revealed({ label, sought, children }: RevealedProps) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!sought || group.current === null || isFillingIn(document.activeElement)) return;
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    group.current.focus({ preventScroll: true });
    group.current.scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' });
  }, [sought]);
  return (
    <div ref={group} role="group" aria-label={label} tabIndex={-1} className={styles.revealed}>
      {children}
    </div>
  );
}

function isFillingIn(element: Element | null): boolean {
  return element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
}
