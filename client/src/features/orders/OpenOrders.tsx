import { explain } from '../../connection/problem';
import { commodityName } from '../../protocol/commodity';
import type { PlacedOrder } from '../../protocol/order';
import { useCancelCommands, useOpenOrders } from '../../store/orders';
import { usePlayer, usePortName } from '../../store/resources';
import { useServerNow } from '../../store/serverTime';
import { Button } from '../../ui/Button';
import { formatCredits, formatLocalTime, formatUnits } from '../../ui/format';
import { RecordCard, RecordList } from '../../ui/RecordList';
import { SideTag } from '../../ui/SideTag';
import { Empty, Failed, Loading } from '../../ui/State';
import type { Column } from '../../ui/Table';
import styles from './OpenOrders.module.css';
import { lifeWords, orderWords, standingWords } from './words';

const COLUMNS: readonly Column[] = [
  { name: 'Order' },
  { name: 'Limit' },
  { name: 'Filled' },
  { name: 'Held' },
  { name: 'Port' },
  { name: 'Standing' },
  { name: 'Expires in' },
  { name: 'Cancel' },
];
const LIFE_DRAWN_EVERY_MS = 10_000;

/** The player's open orders at all ports, whether they act, and how to take them back. */
export function OpenOrders() {
  const open = useOpenOrders();
  const { cancel } = useCancelCommands();
  if (open.data === undefined) {
    return open.error === null ? (
      <Loading label="Loading your open orders" lines={3} />
    ) : (
      <Failed reason={explain(open.error)} onRetry={() => void open.refetch()} />
    );
  }
  if (open.data.length === 0) {
    return (
      <Empty title="No open orders">
        Place a limit order on the ticket of a port: it rests there until its price comes.
      </Empty>
    );
  }
  const busyId = cancel.isPending ? cancel.variables : null;
  return (
    <RecordList
      label="Your open orders"
      items={open.data}
      keyOf={({ order_id }) => order_id}
      columns={COLUMNS}
      row={(order) => (
        <OpenOrderRow
          order={order}
          busy={order.order_id === busyId}
          onCancel={() => cancel.mutate(order.order_id)}
        />
      )}
      card={(order) => (
        <OpenOrderCard
          order={order}
          busy={order.order_id === busyId}
          onCancel={() => cancel.mutate(order.order_id)}
        />
      )}
    />
  );
}

interface OpenOrderProps {
  readonly order: PlacedOrder;
  readonly busy: boolean;
  readonly onCancel: () => void;
}

function OpenOrderRow({ order, busy, onCancel }: OpenOrderProps) {
  const portName = usePortName();
  const nowMs = useServerNow(LIFE_DRAWN_EVERY_MS);
  return (
    <tr>
      <td>
        <SideTag side={order.side} name={commodityName(order.commodity)} />
      </td>
      <td>{formatUnits(order.limit_credits)}</td>
      <td>{filledWords(order)}</td>
      <td className={styles.muted}>{heldWords(order)}</td>
      <td className={styles.muted}>{portName(order.port_id)}</td>
      <td>
        <Standing order={order} />
      </td>
      <td className={styles.muted} title={formatLocalTime(order.expires_at)}>
        {lifeWords(order, nowMs)}
      </td>
      <td>
        <CancelButton order={order} busy={busy} onCancel={onCancel} />
      </td>
    </tr>
  );
}

function OpenOrderCard({ order, busy, onCancel }: OpenOrderProps) {
  const nowMs = useServerNow(LIFE_DRAWN_EVERY_MS);
  return (
    <RecordCard
      title={<SideTag side={order.side} name={commodityName(order.commodity)} />}
      note={
        <>
          <Standing order={order} /> · {lifeWords(order, nowMs)} left · {heldWords(order)} held
        </>
      }
      figure={`${filledWords(order)} at ${formatUnits(order.limit_credits)}`}
      detail={<CancelButton order={order} busy={busy} onCancel={onCancel} />}
    />
  );
}

function CancelButton({ order, busy, onCancel }: OpenOrderProps) {
  return (
    <Button
      small
      busy={busy}
      aria-label={`Cancel the order to ${orderWords(order)}`}
      onClick={onCancel}
    >
      Cancel
    </Button>
  );
}

function Standing({ order }: { readonly order: PlacedOrder }) {
  const portName = usePortName();
  const dockedPortId = usePlayer().data?.docked_port_id ?? null;
  const acts = order.port_id === dockedPortId;
  return (
    <span className={acts ? styles.acts : styles.waits}>
      {standingWords(order, dockedPortId, portName)}
    </span>
  );
}

function filledWords({ filled, quantity }: PlacedOrder): string {
  return `${formatUnits(filled)} / ${formatUnits(quantity)}`;
}

/** Say what is put aside for an order: credits for a purchase, units of the cargo for a sale. */
function heldWords({ side, held_credits, quantity, filled }: PlacedOrder): string {
  return side === 'buy' ? formatCredits(held_credits) : `${formatUnits(quantity - filled)} units`;
}
