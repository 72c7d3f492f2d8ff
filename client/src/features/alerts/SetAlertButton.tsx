import { useState } from 'react';

import { type Commodity, commodityName } from '../../protocol/commodity';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Icon } from '../../ui/Icon';
import { AlertForm } from './AlertForm';

interface SetAlertButtonProps {
  readonly commodity: Commodity;
  readonly port: { readonly id: string; readonly name: string } | null;
}

/** Opens the form for an alert on a commodity. */
export function SetAlertButton({ commodity, port }: SetAlertButtonProps) {
  const [open, setOpen] = useState(false);
  const name = commodityName(commodity).toLowerCase();
  return (
    <>
      <Button
        look="quiet"
        small
        aria-haspopup="dialog"
        aria-label={`Set an alert on ${name}`}
        onClick={() => setOpen(true)}
      >
        <Icon name="bell" size={16} />
      </Button>
      {open && (
        <Dialog title={`Alert on ${name}`} onClose={() => setOpen(false)}>
          <AlertForm commodity={commodity} port={port} onSet={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}
