import { lazy, Suspense, useState } from 'react';

import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';

const AlertsDialog = lazy(async () => ({
  default: (await import('../features/alerts/AlertsDialog')).AlertsDialog,
}));

/** Opens the list of alerts. */
export function AlertsButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        look="quiet"
        small
        aria-haspopup="dialog"
        aria-label="Alerts"
        onClick={() => setOpen(true)}
      >
        <Icon name="bell" />
      </Button>
      {open && (
        <Suspense fallback={null}>
          <AlertsDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
