import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';

import { explain } from '../../connection/problem';
import { type Commodity, commodityName } from '../../protocol/commodity';
import type { Horizon } from '../../protocol/forecast';
import { CANDLE_INTERVALS, type CandleInterval } from '../../protocol/shapes';
import { useForecast } from '../../store/advice';
import { useCandles } from '../../store/resources';
import { useQuote } from '../../store/services';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import { formatGalaxyDate, formatPercent, formatPrice, formatUnits } from '../../ui/format';
import { useDocumentTitle } from '../../ui/PageTitle';
import { Segments } from '../../ui/Segments';
import { Empty, Failed, Loading } from '../../ui/State';
import { forecastCone } from './forecastCone';
import { ForecastStrip } from './ForecastStrip';
import styles from './Instrument.module.css';

// The charting library is a third of the page: it comes when a chart is first looked at.
const CandleChart = lazy(async () => ({ default: (await import('./CandleChart')).CandleChart }));

interface InstrumentProps {
  readonly commodity: Commodity;
  /** The port where the ship is docked, whose own prices can be shown too. */
  readonly port: { readonly id: string; readonly name: string } | null;
  /** What can be done about the commodity, beside its name. */
  readonly actions?: ReactNode;
}

const INTERVALS = CANDLE_INTERVALS.map((value) => ({ value, label: value }));

/** The selected commodity: its figures and its chart. */
export function Instrument({ commodity, port, actions }: InstrumentProps) {
  const [horizon, setHorizon] = useState<Horizon>('6h');
  const [interval, setInterval] = useState<CandleInterval>('5m');
  const [scope, setScope] = useState<'galaxy' | 'port'>('galaxy');
  const portId = scope === 'port' ? (port?.id ?? null) : null;
  return (
    <section className={styles.instrument} aria-label={commodityName(commodity)}>
      <InstrumentHead commodity={commodity} actions={actions} />
      <div className={styles.controls}>
        <Segments
          label="Candle interval, in the galaxy's time"
          options={INTERVALS}
          value={interval}
          onChange={setInterval}
        />
        {port !== null && (
          <Segments
            label="Prices of"
            options={[
              { value: 'galaxy', label: 'Galaxy' },
              { value: 'port', label: port.name },
            ]}
            value={scope}
            onChange={setScope}
          />
        )}
      </div>
      <div className={styles.chart}>
        <ChartArea
          key={`${commodity} ${interval} ${portId ?? ''}`}
          commodity={commodity}
          interval={interval}
          portId={portId}
          horizon={horizon}
        />
      </div>
      <ForecastStrip commodity={commodity} horizon={horizon} onHorizon={setHorizon} />
    </section>
  );
}

interface InstrumentHeadProps {
  readonly commodity: Commodity;
  readonly actions: ReactNode;
}

function InstrumentHead({ commodity, actions }: InstrumentHeadProps) {
  const market = useQuote(commodity)?.market;
  const name = commodityName(commodity);
  useDocumentTitle(market === undefined ? name : `${formatPrice(market.price)} ${name}`);
  const figures =
    market === undefined
      ? []
      : ([
          ['Bid', formatPrice(market.bid)],
          ['Ask', formatPrice(market.ask)],
          ['24h high', formatPrice(market.high_24h)],
          ['24h low', formatPrice(market.low_24h)],
          ['24h volume', formatUnits(market.volume_24h)],
        ] as const);
  return (
    <header className={styles.head}>
      <div>
        <div className={styles.title}>
          <h1 className={styles.name}>{name}</h1>
          {actions}
        </div>
        {market !== undefined && (
          <p className={styles.price}>
            {formatPrice(market.price)}
            <span className={styles.change}>
              <Change value={market.change_24h} text={formatPercent(market.change_24h)} />
            </span>
          </p>
        )}
      </div>
      <Figures layout="strip" rows={figures} />
    </header>
  );
}

interface ChartAreaProps {
  readonly commodity: Commodity;
  readonly interval: CandleInterval;
  readonly portId: string | null;
  readonly horizon: Horizon;
}

function ChartArea({ commodity, interval, portId, horizon }: ChartAreaProps) {
  const [prehistory, setPrehistory] = useState(false);
  const forecast = useForecast(commodity, horizon).data;
  // A forecast is of the index; a port's own prices have none.
  const cone = useMemo(
    () => (portId !== null || forecast == null ? null : forecastCone(forecast, interval)),
    [forecast, interval, portId],
  );
  const candles = useCandles(commodity, interval, portId);
  const quote = useQuote(commodity);
  if (candles.data === undefined) {
    return candles.error === null ? (
      <Loading label="Loading the chart" />
    ) : (
      <Failed reason={explain(candles.error)} onRetry={() => void candles.refetch()} />
    );
  }
  if (candles.data.candles.length === 0) {
    return (
      <Empty title="No candles yet">
        The first one closes within {interval} of the galaxy's time.
      </Empty>
    );
  }
  const bornAt = candles.data.prehistory_until;
  return (
    <Suspense fallback={<Loading label="Loading the chart" />}>
      {prehistory && (
        <p className={styles.note}>Dim candles: simulated, before {formatGalaxyDate(bornAt)}</p>
      )}
      <CandleChart
        label={`${commodityName(commodity)}, candles of ${interval} in the galaxy's time`}
        candles={candles.data}
        live={portId === null ? quote?.market : undefined}
        cone={cone}
        onPrehistory={setPrehistory}
      />
    </Suspense>
  );
}
