import { explain } from '../../connection/problem';
import { type Commodity, commodityName } from '../../protocol/commodity';
import type { PortGood } from '../../protocol/shapes';
import { usePort } from '../../store/resources';
import { classes } from '../../ui/classes';
import { formatUnits } from '../../ui/format';
import { PressableRow } from '../../ui/PressableRow';
import { Empty, Failed, Loading } from '../../ui/State';
import { type Column, Table, WIDE_ONLY } from '../../ui/Table';
import styles from './PortGoods.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Commodity' },
  { name: 'Port bids' },
  { name: 'Port asks' },
  { name: 'Stock' },
  { name: 'Target', wideOnly: true },
  { name: 'Level', wideOnly: true },
];

interface PortGoodsProps {
  readonly portId: string | null;
  readonly selected: Commodity;
  readonly onSelect: (commodity: Commodity) => void;
}

/** What the port deals in, with its own prices. */
export function PortGoods({ portId, selected, onSelect }: PortGoodsProps) {
  const port = usePort(portId);
  if (portId === null) {
    return <Empty title="Not docked">Dock at a port to see its prices and to trade.</Empty>;
  }
  if (port.data === undefined) {
    return port.error === null ? (
      <Loading label="Loading the port's goods" lines={6} />
    ) : (
      <Failed reason={explain(port.error)} onRetry={() => void port.refetch()} />
    );
  }
  return (
    <Table label={`Goods at ${port.data.name}`} columns={COLUMNS}>
      {port.data.goods.map((good) => (
        <GoodRow
          key={good.commodity}
          good={good}
          selected={good.commodity === selected}
          onSelect={onSelect}
        />
      ))}
    </Table>
  );
}

interface GoodRowProps {
  readonly good: PortGood;
  readonly selected: boolean;
  readonly onSelect: (commodity: Commodity) => void;
}

function GoodRow({ good, selected, onSelect }: GoodRowProps) {
  const { commodity, stock, target } = good;
  return (
    <PressableRow
      title={commodityName(commodity)}
      selected={selected}
      onPress={() => onSelect(commodity)}
    >
      <td className={styles.price}>
        <PortPrice price={good.bid_price} open={good.buys} closed="not bought" none="full" />
      </td>
      <td className={styles.price}>
        <PortPrice price={good.ask_price} open={good.sells} closed="not sold" none="sold out" />
      </td>
      <td>
        {formatUnits(stock)}
        <p className={styles.detail}>of {formatUnits(target)}</p>
      </td>
      <td className={classes(styles.muted, WIDE_ONLY)}>{formatUnits(target)}</td>
      <td className={WIDE_ONLY}>
        <StockLevel stock={stock} target={target} />
      </td>
    </PressableRow>
  );
}

interface PortPriceProps {
  readonly price: number | null;
  /** Whether the port deals on this side. */
  readonly open: boolean;
  readonly closed: string;
  /** What it means that a side that is open has no price. */
  readonly none: string;
}

function PortPrice({ price, open, closed, none }: PortPriceProps) {
  if (!open) return <span className={styles.closed}>{closed}</span>;
  return price === null ? <span className={styles.closed}>{none}</span> : formatUnits(price);
}

/** Stock against target: low stock makes a good dear, a glut makes it cheap. */
function StockLevel({ stock, target }: { readonly stock: number; readonly target: number }) {
  const percent = target === 0 ? 0 : Math.round((100 * stock) / target);
  return (
    <span className={styles.level}>
      <meter
        className={styles.meter}
        min={0}
        max={200}
        value={Math.min(200, percent)}
        aria-label="Stock in per cent of the target"
      />
      <span className={styles.percent}>{percent}%</span>
    </span>
  );
}
