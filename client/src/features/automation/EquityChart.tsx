import {
  AreaSeries,
  createChart,
  LineSeries,
  LineStyle,
  TickMarkType,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';

import type { EquityPoint } from '../../protocol/backtest';
import { formatGalaxyDay } from '../../ui/format';
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
    const options = chartOptions(colours);
    const chart = createChart(frame.current, {
      ...options,
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.08 } },
      // The whole is shown, so there is nothing to move; the outer times are then written within.
      handleScroll: false,
      handleScale: false,
      timeScale: {
        ...options.timeScale,
        rightOffset: 0,
        lockVisibleTimeRangeOnResize: true,
        tickMarkFormatter: tickMark,
      },
    });
    const whole = { type: 'price', precision: 0, minMove: 1 } as const;
    const quiet = { priceLineVisible: false, lastValueVisible: false, priceFormat: whole };
    const equity = chart.addSeries(AreaSeries, {
      ...quiet,
      lineColor: colours.forecast,
      topColor: colours.bound,
      bottomColor: 'transparent',
      lineWidth: 2,
    });
    const credits = chart.addSeries(LineSeries, {
      ...quiet,
      color: colours.text,
      lineWidth: 1,
      lineStyle: LineStyle.Dashed,
    });
    equity.setData(points.map((point) => ({ time: timeOf(point), value: point.equity })));
    credits.setData(points.map((point) => ({ time: timeOf(point), value: point.credits })));
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [points]);
  return (
    <div className={styles.figure}>
      <ul className={styles.legend} aria-label="Lines of the chart">
        <li className={styles.equity}>Equity</li>
        <li className={styles.credits}>Credits in it</li>
      </ul>
      <div ref={frame} className={styles.frame} role="img" aria-label={label} />
    </div>
  );
}

function timeOf({ game_time }: EquityPoint): UTCTimestamp {
  return (Date.parse(game_time) / 1_000) as UTCTimestamp;
}

/** Write the day where it is another; the library's own writes the year where the chart begins. */
function tickMark(time: Time, type: TickMarkType): string | null {
  const isDay = type <= TickMarkType.DayOfMonth;
  return isDay && typeof time === 'number' ? formatGalaxyDay(time * 1_000) : null;
}
