import { commodityName } from '../../protocol/commodity';
import type { PlayerState, PortMarket } from '../../protocol/shapes';
import { type CargoLine, cargoLines } from '../../protocol/ship';
import { useQuote } from '../../store/services';
import { Change } from '../../ui/Change';
import { formatCredits, formatPrice, formatProfit, formatUnits } from '../../ui/format';
import { Empty } from '../../ui/State';
import { type Column, Table, WIDE_ONLY } from '../../ui/Table';
import styles from './CargoTable.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Good' },
  { name: 'Units' },
  { name: 'Average cost', wideOnly: true },
  { name: 'Bid', wideOnly: true },
  { name: 'Value' },
  { name: 'Gain' },
];

interface CargoTableProps {
  readonly player: PlayerState;
  /** The port where the ship is docked, whose bids count there. */
  readonly port: PortMarket | undefined;
}

/** What the hold carries, what it cost, and what it would bring: here, or across the galaxy. */
export function CargoTable({ player, port }: CargoTableProps) {
  const lines = cargoLines(player.ship);
  if (lines.length === 0) {
    return (
      <Empty title="The hold is empty">
        Buy where a good is plentiful, sell where it is short.
      </Empty>
    );
  }
  return (
    <Table label="Cargo" columns={COLUMNS}>
      {lines.map((line) => (
        <CargoRow key={line.commodity} line={line} player={player} port={port} />
      ))}
    </Table>
  );
}

interface CargoRowProps extends CargoTableProps {
  readonly line: CargoLine;
}

function CargoRow({ line, player, port }: CargoRowProps) {
  const { commodity, units } = line;
  const quote = useQuote(commodity);
  const here = port?.goods.find((good) => good.commodity === commodity && good.buys)?.bid_price;
  const bid = here ?? quote?.market.bid;
  const cost = player.average_cost[commodity];
  const value = bid === undefined ? null : Math.floor(bid * units);
  const gain = value === null || cost === undefined ? null : Math.round(value - cost * units);
  return (
    <tr>
      <td className={styles.name}>
        {commodityName(commodity)}
        <p className={styles.detail}>
          {cost !== undefined && `cost ${formatPrice(cost)}`}
          {bid !== undefined && ` · bid ${formatPrice(bid)}`}
        </p>
      </td>
      <td>{formatUnits(units)}</td>
      <td className={WIDE_ONLY}>{cost === undefined ? '–' : formatPrice(cost)}</td>
      <td className={WIDE_ONLY}>
        {bid === undefined ? '–' : formatPrice(bid)}
        <span className={styles.where}>{typeof here === 'number' ? 'here' : 'galaxy'}</span>
      </td>
      <td>{value === null ? '–' : formatCredits(value)}</td>
      <td>{gain === null ? '–' : <Change value={gain} text={formatProfit(gain)} />}</td>
    </tr>
  );
}
