import { explain } from '../../connection/problem';
import { commodityName } from '../../protocol/commodity';
import type { Trade } from '../../protocol/trade';
import { useHistory, usePortName } from '../../store/resources';
import { Change } from '../../ui/Change';
import {
  formatCredits,
  formatGalaxyDate,
  formatLocalTime,
  formatPrice,
  formatProfit,
  formatUnits,
} from '../../ui/format';
import { MoreRecords, RecordCard, RecordList } from '../../ui/RecordList';
import { SideTag } from '../../ui/SideTag';
import { Empty, Failed, Loading } from '../../ui/State';
import type { Column } from '../../ui/Table';
import styles from './HistoryTable.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Trade' },
  { name: 'Port' },
  { name: 'By' },
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
      <RecordList
        label="Your trades"
        items={trades}
        keyOf={({ trade_id }) => trade_id}
        columns={COLUMNS}
        row={(trade) => <HistoryRow trade={trade} />}
        card={(trade) => <HistoryCard trade={trade} />}
      />
      <MoreRecords text="Show older trades" pages={history} />
    </>
  );
}

function HistoryRow({ trade }: { readonly trade: Trade }) {
  const portName = usePortName();
  return (
    <tr>
      <td>
        <SideTag side={trade.side} name={commodityName(trade.commodity)} />
      </td>
      <td className={styles.muted}>{portName(trade.port_id)}</td>
      <td className={styles.muted}>{tradedBy(trade)}</td>
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
    <RecordCard
      title={<SideTag side={trade.side} name={commodityName(trade.commodity)} />}
      note={`${portName(trade.port_id)} · ${tradedBy(trade)} · ${formatLocalTime(trade.executed_at)}`}
      figure={`${formatUnits(trade.quantity)} at ${formatPrice(trade.total_credits / trade.quantity)}`}
      detail={
        trade.profit_credits === null ? (
          `fees ${formatCredits(trade.fees_credits)}`
        ) : (
          <Profit credits={trade.profit_credits} />
        )
      }
    />
  );
}

/** Say what made a trade: a rule, a limit order that was filled, or the player at once. */
function tradedBy(trade: Trade): string {
  if (trade.rule_id != null) return 'rule';
  return trade.order_id == null ? 'at once' : 'limit order';
}

function Profit({ credits }: { readonly credits: number | null }) {
  if (credits === null) return <span className={styles.muted}>–</span>;
  return <Change value={credits} text={formatProfit(credits)} />;
}
