import { explain } from '../../connection/problem';
import { commodityName } from '../../protocol/commodity';
import type { PlacedOrder } from '../../protocol/order';
import { useOrderHistory } from '../../store/orders';
import { usePortName } from '../../store/resources';
import { formatLocalTime, formatPrice, formatUnits } from '../../ui/format';
import { MoreRecords, RecordCard, RecordList } from '../../ui/RecordList';
import { SideTag } from '../../ui/SideTag';
import { Empty, Failed, Loading } from '../../ui/State';
import type { Column } from '../../ui/Table';
import { closeWords } from './words';

const COLUMNS: readonly Column[] = [
  { name: 'Order' },
  { name: 'Limit' },
  { name: 'Filled' },
  { name: 'Average price' },
  { name: 'Port' },
  { name: 'How it ended' },
  { name: 'Placed' },
  { name: 'Closed' },
];

/** The player's closed orders, newest first, each with the reason why it closed. */
export function OrderHistory() {
  const history = useOrderHistory();
  if (history.data === undefined) {
    return history.error === null ? (
      <Loading label="Loading your orders" lines={6} />
    ) : (
      <Failed reason={explain(history.error)} onRetry={() => void history.refetch()} />
    );
  }
  const orders = history.data.pages.flatMap((page) => page.items);
  if (orders.length === 0) {
    return (
      <Empty title="No closed orders yet">
        Limit orders come here when they are filled, cancelled or expired.
      </Empty>
    );
  }
  return (
    <>
      <RecordList
        label="Your closed orders"
        items={orders}
        keyOf={({ order_id }) => order_id}
        columns={COLUMNS}
        row={(order) => <ClosedOrderRow order={order} />}
        card={(order) => <ClosedOrderCard order={order} />}
      />
      <MoreRecords text="Show older orders" pages={history} />
    </>
  );
}

function ClosedOrderRow({ order }: { readonly order: PlacedOrder }) {
  const portName = usePortName();
  return (
    <tr>
      <td>
        <SideTag side={order.side} name={commodityName(order.commodity)} />
      </td>
      <td>{formatUnits(order.limit_credits)}</td>
      <td>
        {formatUnits(order.filled)} / {formatUnits(order.quantity)}
      </td>
      <td>{averagePrice(order)}</td>
      <td>{portName(order.port_id)}</td>
      <td>{closeWords(order)}</td>
      <td>{formatLocalTime(order.placed_at)}</td>
      <td>{order.closed_at === null ? '–' : formatLocalTime(order.closed_at)}</td>
    </tr>
  );
}

function ClosedOrderCard({ order }: { readonly order: PlacedOrder }) {
  const portName = usePortName();
  return (
    <RecordCard
      title={<SideTag side={order.side} name={commodityName(order.commodity)} />}
      note={`${closeWords(order) ?? ''} · ${portName(order.port_id)}`}
      figure={`${formatUnits(order.filled)} / ${formatUnits(order.quantity)} at ${formatUnits(order.limit_credits)}`}
      detail={order.closed_at === null ? '' : formatLocalTime(order.closed_at)}
    />
  );
}

/** Write what an order's fills cost or brought a unit; a dash where there were none. */
function averagePrice({ filled, filled_credits }: PlacedOrder): string {
  return filled === 0 ? '–' : formatPrice(filled_credits / filled);
}
