import { type Commodity, commodityName } from '../../protocol/commodity';
import type { PortMarket } from '../../protocol/shapes';
import { useKnownOrders } from '../../store/orders';
import { formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { type Column, Table, WIDE_ONLY } from '../../ui/Table';
import { ladder, type Rung } from './ladder';
import styles from './OrderBookPanel.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Side' },
  { name: 'Price' },
  { name: 'Units' },
  { name: 'Orders', wideOnly: true },
  { name: 'Depth' },
];

interface OrderBookPanelProps {
  readonly port: PortMarket;
  readonly commodity: Commodity;
}

/** The acting orders for a good at a port by price, beside what the port itself bids and asks. */
export function OrderBookPanel({ port, commodity }: OrderBookPanelProps) {
  const rungs = ladder(port, commodity, useKnownOrders());
  const deepest = Math.max(1, ...rungs.map(({ depth }) => depth));
  const isEmpty = rungs.every(({ by }) => by === 'port');
  const good = commodityName(commodity).toLowerCase();
  return (
    <Panel title={`Order book: ${good}`} aside={port.name} padded={false}>
      <div>
        <Table label={`Order book of ${good}`} columns={COLUMNS}>
          {rungs.map((rung) => (
            <BookRow key={`${rung.side} ${rung.by} ${rung.price}`} rung={rung} deepest={deepest} />
          ))}
        </Table>
      </div>
      <p className={styles.note}>
        {isEmpty
          ? 'No player’s order acts here just now: you trade with the port alone.'
          : 'Best price first, then the earlier order; at the same price the port comes first. Orders of players who are docked elsewhere wait and are not shown.'}
      </p>
    </Panel>
  );
}

function BookRow({ rung, deepest }: { readonly rung: Rung; readonly deepest: number }) {
  const { side, price, by, units, orders, own, depth } = rung;
  return (
    <tr className={styles.rung} data-side={side} data-by={by}>
      <td className={styles.muted}>
        {by === 'port' ? PORT_SIDES[side] : PLAYER_SIDES[side]}
        {own > 0 && <span className={styles.own}>yours {formatUnits(own)}</span>}
      </td>
      <td className={styles.price}>{formatUnits(price)}</td>
      <td>{units === null ? '–' : formatUnits(units)}</td>
      <td className={WIDE_ONLY}>{by === 'port' ? '–' : formatUnits(orders)}</td>
      <td>
        {by === 'players' && (
          <meter
            className={styles.depth}
            min={0}
            max={deepest}
            value={depth}
            aria-label={`${formatUnits(depth)} units to this price`}
          />
        )}
      </td>
    </tr>
  );
}

const PORT_SIDES = { sell: 'Port asks', buy: 'Port bids' } as const;
const PLAYER_SIDES = { sell: 'Offered', buy: 'Wanted' } as const;
