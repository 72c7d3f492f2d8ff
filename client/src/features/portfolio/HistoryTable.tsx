import { explain } from '../../connection/problem';
import { commodityName } from '../../protocol/commodity';
import type { Trade } from '../../protocol/shapes';
import { useHistory, usePortName } from '../../store/resources';
import { Button } from '../../ui/Button';
import { Change } from '../../ui/Change';
import {
  formatCredits,
  formatGalaxyDate,
  formatLocalTime,
  formatPrice,
  formatProfit,
  formatUnits,
} from '../../ui/format';
import { Empty, Failed, Loading } from '../../ui/State';
import { type Column, Table } from '../../ui/Table';
import styles from './HistoryTable.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Trade' },
  { name: 'Port' },
  { name: 'Units' },
  { name: 'Average price' },
  { name: 'Goods' },
  { name: 'Fees' },
  { name: 'Profit' },
  { name: 'Galaxy date' },
  { name: 'When' },
];

/** The player's trades, newest first. */
export function HistoryTable() {
  const history = useHistory();
  if (history.data === undefined) {
    return history.error === null ? (
      <Loading label="Loading your trades" lines={6} />
    ) : (
      <Failed reason={explain(history.error)} onRetry={() => void history.refetch()} />
    );
  }
  const trades = history.data.pages.flatMap((page) => page.items);
  if (trades.length === 0) {
    return (
      <Empty title="No trades yet">Your first one appears here with its price and fees.</Empty>
    );
  }
  return (
    <>
      <div className={styles.wide}>
        <Table label="Your trades" columns={COLUMNS}>
          {trades.map((trade) => (
            <HistoryRow key={trade.trade_id} trade={trade} />
          ))}
        </Table>
      </div>
      <ul className={styles.narrow} aria-label="Your trades">
        {trades.map((trade) => (
          <HistoryCard key={trade.trade_id} trade={trade} />
        ))}
      </ul>
      {history.hasNextPage && (
        <div className={styles.more}>
          <Button busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Show older trades
          </Button>
        </div>
      )}
    </>
  );
}

function HistoryRow({ trade }: { readonly trade: Trade }) {
  const portName = usePortName();
  return (
    <tr>
      <td>
        <TradeName trade={trade} />
      </td>
      <td className={styles.muted}>{portName(trade.port_id)}</td>
      <td>{formatUnits(trade.quantity)}</td>
      <td>{formatPrice(trade.total_credits / trade.quantity)}</td>
      <td>{formatCredits(trade.total_credits)}</td>
      <td className={styles.muted}>{formatCredits(trade.fees_credits)}</td>
      <td>
        <Profit credits={trade.profit_credits} />
      </td>
      <td className={styles.muted}>{formatGalaxyDate(trade.game_time)}</td>
      <td className={styles.muted}>{formatLocalTime(trade.executed_at)}</td>
    </tr>
  );
}

function HistoryCard({ trade }: { readonly trade: Trade }) {
  const portName = usePortName();
  return (
    <li className={styles.card}>
      <div>
        <TradeName trade={trade} />
        <p className={styles.muted}>
          {portName(trade.port_id)} · {formatLocalTime(trade.executed_at)}
        </p>
      </div>
      <div className={styles.figures}>
        <p>
          {formatUnits(trade.quantity)} at {formatPrice(trade.total_credits / trade.quantity)}
        </p>
        <p className={styles.muted}>
          {trade.profit_credits === null ? (
            `fees ${formatCredits(trade.fees_credits)}`
          ) : (
            <Profit credits={trade.profit_credits} />
          )}
        </p>
      </div>
    </li>
  );
}

function TradeName({ trade }: { readonly trade: Trade }) {
  return (
    <span className={styles.name}>
      <span className={styles.side} data-side={trade.side}>
        {trade.side === 'buy' ? 'Buy' : 'Sell'}
      </span>
      {commodityName(trade.commodity)}
    </span>
  );
}

function Profit({ credits }: { readonly credits: number | null }) {
  if (credits === null) return <span className={styles.muted}>–</span>;
  return <Change value={credits} text={formatProfit(credits)} />;
}
