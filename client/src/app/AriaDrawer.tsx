import { lazy, Suspense, useEffect } from 'react';

import { Loading } from '../ui/State';
import styles from './AriaDrawer.module.css';

// Comes when ARIA is first asked for.
const AriaPanel = lazy(async () => ({
  default: (await import('../features/aria/AriaPanel')).AriaPanel,
}));

/** ARIA's place: beside the page on a desk, over it on a phone. Escape closes it. */
export function AriaDrawer({ onClose }: { readonly onClose: () => void }) {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      // An open dialog takes the key for itself.
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) onClose();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [onClose]);
  return (
    <aside className={styles.drawer} aria-label="Assistant">
      <Suspense fallback={<Loading label="Calling ARIA" />}>
        <AriaPanel onClose={onClose} />
      </Suspense>
    </aside>
  );
}
