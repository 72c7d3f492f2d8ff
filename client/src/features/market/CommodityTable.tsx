import { COMMODITIES, type Commodity, commodityName } from '../../protocol/commodity';
import { useQuote } from '../../store/services';
import { Change } from '../../ui/Change';
import { classes } from '../../ui/classes';
import { formatPercent, formatPrice, formatUnits } from '../../ui/format';
import { PressableRow } from '../../ui/PressableRow';
import { type Column, Table, WIDE_ONLY } from '../../ui/Table';
import styles from './CommodityTable.module.css';
import { LivePrice } from './LivePrice';

const COLUMNS: readonly Column[] = [
  { name: 'Commodity' },
  { name: 'Price' },
  { name: '24h' },
  { name: 'Bid', wideOnly: true },
  { name: 'Ask', wideOnly: true },
  { name: 'Volume', wideOnly: true },
];

interface CommodityTableProps {
  readonly selected: Commodity;
  readonly onSelect: (commodity: Commodity) => void;
}

/** The ten commodities with their live figures; one is selected. */
export function CommodityTable({ selected, onSelect }: CommodityTableProps) {
  return (
    <Table label="Commodities" columns={COLUMNS}>
      {COMMODITIES.map((commodity) => (
        <CommodityRow
          key={commodity}
          commodity={commodity}
          selected={commodity === selected}
          onSelect={onSelect}
        />
      ))}
    </Table>
  );
}

interface CommodityRowProps {
  readonly commodity: Commodity;
  readonly selected: boolean;
  readonly onSelect: (commodity: Commodity) => void;
}

function CommodityRow({ commodity, selected, onSelect }: CommodityRowProps) {
  const quote = useQuote(commodity);
  const market = quote?.market;
  return (
    <PressableRow
      title={commodityName(commodity)}
      selected={selected}
      onPress={() => onSelect(commodity)}
      below={
        market !== undefined && (
          <p className={styles.detail}>volume {formatUnits(market.volume_24h)}</p>
        )
      }
    >
      {quote === undefined || market === undefined ? (
        <td colSpan={5} className={styles.waiting}>
          waiting for the first price
        </td>
      ) : (
        <>
          <td>
            <LivePrice quote={quote} />
            <p className={styles.detail}>
              {formatPrice(market.bid)} / {formatPrice(market.ask)}
            </p>
          </td>
          <td>
            <Change value={market.change_24h} text={formatPercent(market.change_24h)} />
          </td>
          <td className={classes(styles.muted, WIDE_ONLY)}>{formatPrice(market.bid)}</td>
          <td className={classes(styles.muted, WIDE_ONLY)}>{formatPrice(market.ask)}</td>
          <td className={classes(styles.muted, WIDE_ONLY)}>{formatUnits(market.volume_24h)}</td>
        </>
      )}
    </PressableRow>
  );
}
