import { Dialog } from '../ui/Dialog';
import { Figures } from '../ui/Figures';
import styles from './ShortcutsDialog.module.css';
import type { Shortcut } from './useShortcuts';

interface ShortcutsDialogProps {
  readonly shortcuts: readonly Shortcut[];
  readonly onClose: () => void;
}

export function ShortcutsDialog({ shortcuts, onClose }: ShortcutsDialogProps) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <Figures
        rows={shortcuts.map(({ key, does }) => [
          does,
          <kbd key={key} className={styles.key}>
            {key}
          </kbd>,
        ])}
      />
    </Dialog>
  );
}
