import type { ReactNode } from 'react';
import { Link } from 'wouter';

import { explain } from '../../connection/problem';
import { COMMODITIES, type Commodity, commodityName } from '../../protocol/commodity';
import type { ProfitStatement, TradeResult } from '../../protocol/profit';
import { useProfit } from '../../store/profit';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatLocalTime, formatProfit, formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Failed, Loading } from '../../ui/State';
import { type Column, Table, WIDE_ONLY } from '../../ui/Table';
import styles from './ProfitPanel.module.css';

const COLUMNS: readonly Column[] = [
  { name: 'Good' },
  { name: 'Bought', wideOnly: true },
  { name: 'Sold', wideOnly: true },
  { name: 'Fees', wideOnly: true },
  { name: 'Last 24 h' },
  { name: 'Realised' },
  { name: 'Unrealised' },
];

interface ProfitPanelProps {
  /** The address of the page that lists every trade. */
  readonly tradesAt: string;
}

/** Profit and loss: realised and not, of the last day and ever, by good, after all fees. */
export function ProfitPanel({ tradesAt }: ProfitPanelProps) {
  const statement = useProfit();
  const { data } = statement;
  return (
    <Panel
      title="Profit and loss"
      aside={data === undefined ? undefined : `as of ${formatLocalTime(data.as_of)}`}
      padded={false}
    >
      {data !== undefined && <Statement statement={data} tradesAt={tradesAt} />}
      {data === undefined && statement.error === null && (
        <Loading label="Loading profit and loss" />
      )}
      {data === undefined && statement.error !== null && (
        <Failed reason={explain(statement.error)} onRetry={() => void statement.refetch()} />
      )}
    </Panel>
  );
}

interface StatementProps extends ProfitPanelProps {
  readonly statement: ProfitStatement;
}

function Statement({ statement, tradesAt }: StatementProps) {
  const { all_time, last_24h, port_fees_credits } = statement;
  const figures: readonly (readonly [string, ReactNode])[] = [
    ['Realised, last 24 h', <Gain key="day" credits={last_24h.profit_credits} />],
    ['Realised, all time', <Gain key="ever" credits={all_time.profit_credits} />],
    ['Unrealised', <Gain key="open" credits={statement.unrealised_credits} />],
    ['Trading fees', formatCredits(all_time.fees_credits)],
    ['Port fees', formatCredits(port_fees_credits)],
    ['Held for orders', formatCredits(statement.held_credits)],
    ['Equity', formatCredits(statement.equity_credits)],
  ];
  return (
    <div className={styles.statement}>
      <div className={styles.figures}>
        <Figures layout="grid" rows={figures} />
      </div>
      <GoodsTable statement={statement} />
      <p className={styles.note}>
        A sale’s profit is what it brought less fees and cost, first in, first out. Unrealised is
        the cargo at the best bid where you are docked, against its cost; a dash where nobody bids.{' '}
        <Link href={tradesAt}>See every trade and order.</Link>
      </p>
    </div>
  );
}

function GoodsTable({ statement }: { readonly statement: ProfitStatement }) {
  const rows = goodRows(statement);
  if (rows.length === 0) return null;
  return (
    <Table label="Profit by good" columns={COLUMNS}>
      {rows.map(({ commodity, ever, day, unrealised }) => (
        <tr key={commodity}>
          <td className={styles.name}>{commodityName(commodity)}</td>
          <td className={WIDE_ONLY}>{formatUnits(ever?.units_bought ?? 0)}</td>
          <td className={WIDE_ONLY}>{formatUnits(ever?.units_sold ?? 0)}</td>
          <td className={WIDE_ONLY}>{formatCredits(ever?.fees_credits ?? 0)}</td>
          <td>
            <SalesGain result={day} />
          </td>
          <td>
            <SalesGain result={ever} />
          </td>
          <td>
            {unrealised === null ? (
              <span className={styles.muted}>–</span>
            ) : (
              <Gain credits={unrealised} />
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface GoodRow {
  readonly commodity: Commodity;
  readonly ever: TradeResult | undefined;
  readonly day: TradeResult | undefined;
  /** Null where there is none aboard, or nobody bids for it. */
  readonly unrealised: number | null;
}

/** Return a row for each good that was traded or is aboard, in the order of commodities. */
function goodRows({ goods, holdings }: ProfitStatement): readonly GoodRow[] {
  return COMMODITIES.flatMap((commodity) => {
    const good = goods.find((candidate) => candidate.commodity === commodity);
    const holding = holdings.find((candidate) => candidate.commodity === commodity);
    if (good === undefined && holding === undefined) return [];
    const unrealised = holding?.unrealised_credits ?? null;
    return [{ commodity, ever: good?.all_time, day: good?.last_24h, unrealised }];
  });
}

/** What sales came to; a dash before the first. */
function SalesGain({ result }: { readonly result: TradeResult | undefined }) {
  if (result === undefined || result.sales === 0) return <span className={styles.muted}>–</span>;
  return <Gain credits={result.profit_credits} />;
}

function Gain({ credits }: { readonly credits: number }) {
  return <Change value={credits} text={formatProfit(credits)} />;
}
