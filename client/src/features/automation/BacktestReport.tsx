import { lazy, type ReactNode, Suspense } from 'react';

import type { Backtest, BacktestHeadline, BacktestTrade } from '../../protocol/backtest';
import { usePortName } from '../../store/resources';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import {
  formatCredits,
  formatGalaxyDate,
  formatProfit,
  formatRate,
  formatUnits,
} from '../../ui/format';
import { Empty } from '../../ui/State';
import styles from './BacktestPanel.module.css';
import { TraceItem } from './TraceList';
import { wireName } from './words';

/** The chart's library is loaded where there is something to draw. */
const EquityChart = lazy(async () => ({ default: (await import('./EquityChart')).EquityChart }));

interface BacktestReportProps {
  readonly backtest: Backtest;
  readonly action: ReactNode;
}

/** What a backtest came to: figures, equity, trades with their reasons, and what it cannot know. */
export function BacktestReport({ backtest, action }: BacktestReportProps) {
  const portName = usePortName();
  const { headline, result } = backtest;
  if (headline === null || result === null) return null;
  const { span } = headline;
  const blocked = Object.entries(result.blocked);
  return (
    <article className={styles.report} aria-label="Result of the backtest">
      <header className={styles.head}>
        <p>
          {formatGalaxyDate(span.from_game_time)} to {formatGalaxyDate(span.until_game_time)} at{' '}
          {portName(backtest.port_id)}, from {formatCredits(backtest.credits)}
        </p>
        {action}
      </header>
      <Summary headline={headline} />
      <div className={styles.chart}>
        <Suspense>
          <EquityChart
            label={`Equity: ${formatProfit(headline.profit_credits)} over ${span.game_hours} game hours`}
            points={result.equity}
          />
        </Suspense>
      </div>
      <section>
        <h3 className={styles.heading}>Trades</h3>
        {result.trades.length === 0 ? (
          <Empty title="It would not have traded">
            {blocked.length === 0
              ? 'Its conditions never held in that time.'
              : 'What stood in its way is counted below.'}
          </Empty>
        ) : (
          <ol aria-label="Trades of the backtest">
            {result.trades.map((trade) => (
              <TraceItem
                key={trade.trade.trade_id}
                trace={trade.trace}
                gameTime={trade.trade.game_time}
              >
                <TradeLine trade={trade} />
              </TraceItem>
            ))}
          </ol>
        )}
      </section>
      {blocked.length > 0 && (
        <section>
          <h3 className={styles.heading}>What kept it from trading</h3>
          <ul className={styles.blocked}>
            {blocked.map(([code, count]) => (
              <li key={code}>
                {wireName(code)}: {count === 1 ? 'once' : `${formatUnits(count)} times`}
                <code className={styles.code}>{code}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3 className={styles.heading}>What it cannot know</h3>
        <ul className={styles.notes}>
          {result.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </section>
    </article>
  );
}

function Summary({ headline }: { readonly headline: BacktestHeadline }) {
  const { profit_credits, realised_profit_credits, win_rate, wins, sales_count } = headline;
  const figures = [
    ['Profit', <Change key="profit" value={profit_credits} text={formatProfit(profit_credits)} />],
    [
      'Of sales',
      <Change
        key="sales"
        value={realised_profit_credits}
        text={formatProfit(realised_profit_credits)}
      />,
    ],
    [
      'Deepest fall',
      `${formatCredits(headline.max_drawdown_credits)}, ${headline.max_drawdown_percent.toFixed(2)}%`,
    ],
    ['Trades', formatUnits(headline.trades_count)],
    [
      'Sales with profit',
      win_rate === null ? 'none sold' : `${wins} of ${sales_count}, ${formatRate(win_rate)}`,
    ],
    ['Fees', formatCredits(headline.fees_credits)],
    ['Game hours', headline.span.game_hours.toFixed(1)],
  ] as const;
  return (
    <div className={styles.figures}>
      <Figures layout="grid" rows={figures} />
    </div>
  );
}

function TradeLine({ trade: { trade, reasoning } }: { readonly trade: BacktestTrade }) {
  const { profit_credits: profit } = trade;
  return (
    <p>
      {reasoning} Fees {formatCredits(trade.fees_credits)}
      {profit === null ? '.' : ', profit '}
      {profit !== null && <Change value={profit} text={formatProfit(profit)} />}
    </p>
  );
}
