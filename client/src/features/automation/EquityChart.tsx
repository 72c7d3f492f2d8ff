import { AreaSeries, createChart, LineSeries, type UTCTimestamp } from 'lightweight-charts';
import { useEffect, useRef } from 'react';

import type { EquityPoint } from '../../protocol/backtest';
import { chartColours, chartOptions } from '../market/chartOptions';
import styles from './EquityChart.module.css';

interface EquityChartProps {
  readonly label: string;
  readonly points: readonly EquityPoint[];
}

/** The equity over game time, and the credits that are part of it. */
export function EquityChart({ label, points }: EquityChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current === null) return;
    const colours = chartColours(frame.current);
    const chart = createChart(frame.current, {
      ...chartOptions(colours),
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.08 } },
    });
    const whole = { type: 'price', precision: 0, minMove: 1 } as const;
    const quiet = { priceLineVisible: false, lastValueVisible: false, priceFormat: whole };
    const credits = chart.addSeries(LineSeries, { ...quiet, color: colours.cross, lineWidth: 1 });
    const equity = chart.addSeries(AreaSeries, {
      ...quiet,
      lineColor: colours.forecast,
      topColor: colours.bound,
      bottomColor: 'transparent',
      lineWidth: 2,
    });
    credits.setData(points.map((point) => ({ time: timeOf(point), value: point.credits })));
    equity.setData(points.map((point) => ({ time: timeOf(point), value: point.equity })));
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [points]);
  return <div ref={frame} className={styles.frame} role="img" aria-label={label} />;
}

function timeOf({ game_time }: EquityPoint): UTCTimestamp {
  return (Date.parse(game_time) / 1_000) as UTCTimestamp;
}
