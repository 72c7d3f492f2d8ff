import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';

import type { Candles, MarketRealtime } from '../../protocol/shapes';
import { type Bar, barOfCandle, extendBars } from '../../store/candleSeries';
import styles from './CandleChart.module.css';
import { type ChartColours, chartColours, chartOptions } from './chartOptions';
import { type Cone, NO_CONE, type Point } from './forecastCone';

interface CandleChartProps {
  readonly label: string;
  readonly candles: Candles;
  /** The newest figures, which move the last candle; absent where the candles are a port's own. */
  readonly live: MarketRealtime | undefined;
  /** The forecast's line and bounds; null where there is none to draw. */
  readonly cone: Cone | null;
  /** Told whether simulated candles of before the universe's birth are in view. */
  readonly onPrehistory: (inView: boolean) => void;
}

interface Drawn {
  readonly chart: IChartApi;
  readonly prices: ISeriesApi<'Candlestick'>;
  readonly volumes: ISeriesApi<'Histogram'>;
  readonly forecast: Record<'middle' | 'low' | 'high', ISeriesApi<'Line'>>;
  readonly colours: ChartColours;
}

/** Candles, volume and forecast, the last candle moving with the live price. */
export function CandleChart({ label, candles, live, cone, onPrehistory }: CandleChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const last = useRef<Bar | undefined>(undefined);
  const hasHistory = useRef(false);

  useEffect(() => {
    if (frame.current === null) return;
    drawn.current = draw(frame.current);
    hasHistory.current = false;
    return () => {
      drawn.current?.chart.remove();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    if (drawn.current === null) return;
    const bars = candles.candles.map(barOfCandle);
    const bornAt = Date.parse(candles.prehistory_until) / 1_000;
    const { colours } = drawn.current;
    drawn.current.prices.setData(
      bars.map((bar) => (bar.openedAt < bornAt ? dimmed(bar, colours) : priceOf(bar))),
    );
    drawn.current.volumes.setData(bars.map(volumeOf));
    last.current = bars.at(-1);
    if (!hasHistory.current) showNewest(drawn.current.chart, bars.length, 0);
    hasHistory.current = true;
  }, [candles]);

  const aheadBars = cone?.aheadBars ?? 0;
  useEffect(() => {
    if (drawn.current === null) return;
    const { forecast } = drawn.current;
    const { middle, low, high } = cone ?? NO_CONE;
    forecast.middle.setData(middle.map(pointOf));
    forecast.low.setData(low.map(pointOf));
    forecast.high.setData(high.map(pointOf));
  }, [cone]);

  const count = candles.candles.length;
  useEffect(() => {
    if (drawn.current !== null) showNewest(drawn.current.chart, count, aheadBars);
    // A candle more is no reason to move what the player looks at; another horizon is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [aheadBars]);

  const bornAt = Date.parse(candles.prehistory_until) / 1_000;
  useEffect(() => {
    const timeScale = drawn.current?.chart.timeScale();
    function look(): void {
      const range = timeScale?.getVisibleRange() ?? null;
      onPrehistory(range !== null && Number(range.from) < bornAt);
    }
    timeScale?.subscribeVisibleTimeRangeChange(look);
    look();
    return () => timeScale?.unsubscribeVisibleTimeRangeChange(look);
  }, [bornAt, onPrehistory]);

  useEffect(() => {
    if (drawn.current === null || live === undefined) return;
    const bar = extendBars(last.current, candles.interval, live.price, Date.parse(live.game_time));
    if (bar === null) return;
    last.current = bar;
    drawn.current.prices.update(priceOf(bar));
  }, [live, candles]);

  return <div ref={frame} className={styles.frame} role="img" aria-label={label} />;
}

const BARS_SHOWN = 120;
/** Empty room for bars to come. */
const BARS_AHEAD = 4;
/** A long forecast in short candles would leave no room for what has been. */
const FORECAST_BARS_SHOWN = 90;

function showNewest(chart: IChartApi, count: number, aheadBars: number): void {
  const from = Math.max(-2, count - BARS_SHOWN);
  const ahead = Math.min(FORECAST_BARS_SHOWN, aheadBars);
  chart.timeScale().setVisibleLogicalRange({ from, to: count + BARS_AHEAD + ahead });
}

function draw(frame: HTMLDivElement): Drawn {
  const colours = chartColours(frame);
  const chart = createChart(frame, chartOptions(colours));
  const prices = chart.addSeries(CandlestickSeries, {
    upColor: colours.up,
    downColor: colours.down,
    wickUpColor: colours.up,
    wickDownColor: colours.down,
    borderVisible: false,
  });
  const volumes = chart.addSeries(HistogramSeries, {
    color: colours.volume,
    priceFormat: { type: 'volume' },
    priceScaleId: 'volume',
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const line = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false };
  const bound = {
    ...line,
    color: colours.bound,
    lineWidth: 1,
    lineStyle: LineStyle.Dashed,
  } as const;
  const forecast = {
    middle: chart.addSeries(LineSeries, { ...line, color: colours.forecast, lineWidth: 2 }),
    low: chart.addSeries(LineSeries, bound),
    high: chart.addSeries(LineSeries, bound),
  };
  return { chart, prices, volumes, forecast, colours };
}

function pointOf({ at, price }: Point) {
  return { time: at as UTCTimestamp, value: price };
}

function priceOf({ openedAt, open, high, low, close }: Bar) {
  return { time: openedAt as UTCTimestamp, open, high, low, close };
}

function dimmed(bar: Bar, colours: ChartColours) {
  const color = bar.close < bar.open ? colours.downDim : colours.upDim;
  return { ...priceOf(bar), color, wickColor: color };
}

function volumeOf({ openedAt, volume }: Bar) {
  const time = openedAt as UTCTimestamp;
  return volume === null ? { time } : { time, value: volume };
}
