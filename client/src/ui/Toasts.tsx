import { useEffect } from 'react';

import { Button } from './Button';
import { Icon } from './Icon';
import styles from './Toasts.module.css';

const SHOWN_MS = 4_500;

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly text: string;
}

interface ToastsProps {
  readonly toasts: readonly Toast[];
  readonly onDismiss: (id: number) => void;
}

/** Short results, shown for a while and spoken once. */
export function Toasts({ toasts, onDismiss }: ToastsProps) {
  return (
    <div className={styles.stack} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} onDismiss={onDismiss} />
      ))}
    </div>
  );
}

function ToastCard({ toast, onDismiss }: { toast: Toast; onDismiss: (id: number) => void }) {
  const { id, tone, text } = toast;
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, onDismiss]);
  return (
    <div className={styles.toast} data-tone={tone}>
      <span>{text}</span>
      <Button look="quiet" small aria-label="Dismiss" onClick={() => onDismiss(id)}>
        <Icon name="close" size={14} />
      </Button>
    </div>
  );
}
