import { useCancelCommands, useKnownOrders } from '../../store/orders';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Panel } from '../../ui/Panel';
import { OpenOrders } from './OpenOrders';

/** The most orders that the server keeps open for a player. */
const OPEN_ORDERS_MAX = 20;

/** The open orders, and the switch that cancels all of them at once. */
export function OpenOrdersPanel() {
  const open = useKnownOrders();
  const { cancelAll } = useCancelCommands();
  const { newId } = useServices();
  return (
    <Panel
      title="Open orders"
      padded={false}
      aside={
        <>
          <span>
            {open.length} of {OPEN_ORDERS_MAX}
          </span>
          <Button
            small
            look="danger"
            disabled={open.length === 0}
            busy={cancelAll.isPending}
            onClick={() => cancelAll.mutate(newId())}
          >
            Cancel all
          </Button>
        </>
      }
    >
      <OpenOrders />
    </Panel>
  );
}
