import { useState } from 'react';

import { explain } from '../../connection/problem';
import type { Commodity } from '../../protocol/commodity';
import {
  type Horizon,
  type HorizonPerformance,
  HORIZONS,
  type PriceForecast,
} from '../../protocol/forecast';
import { useForecast, usePerformance } from '../../store/advice';
import { Button } from '../../ui/Button';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import {
  formatGalaxyDate,
  formatPercent,
  formatPrice,
  formatRate,
  formatUnits,
} from '../../ui/format';
import { Segments } from '../../ui/Segments';
import { ForecastRecord } from './ForecastRecord';
import styles from './ForecastStrip.module.css';

interface ForecastStripProps {
  readonly commodity: Commodity;
  readonly horizon: Horizon;
  readonly onHorizon: (horizon: Horizon) => void;
}

const OPTIONS = HORIZONS.map((value) => ({ value, label: value }));

/** What the model expects of the good's index, why, and how good it has been at that. */
export function ForecastStrip({ commodity, horizon, onHorizon }: ForecastStripProps) {
  const [recordOpen, setRecordOpen] = useState(false);
  return (
    <section className={styles.strip} aria-label="Forecast">
      <header className={styles.head}>
        <h2 className={styles.title}>Forecast</h2>
        <Segments
          label="Forecast horizon, in the galaxy's time"
          options={OPTIONS}
          value={horizon}
          onChange={onHorizon}
        />
        <Standing commodity={commodity} horizon={horizon} />
      </header>
      <Outlook commodity={commodity} horizon={horizon} />
      <footer className={styles.record}>
        <RecordLine horizon={horizon} />
        <Button look="quiet" small aria-haspopup="dialog" onClick={() => setRecordOpen(true)}>
          Record
        </Button>
      </footer>
      {recordOpen && <ForecastRecord onClose={() => setRecordOpen(false)} />}
    </section>
  );
}

interface OutlookProps {
  readonly commodity: Commodity;
  readonly horizon: Horizon;
}

function Standing({ commodity, horizon }: OutlookProps) {
  const forecast = useForecast(commodity, horizon).data;
  if (forecast == null) return null;
  return <span className={styles.due}>for {formatGalaxyDate(forecast.due_at)}</span>;
}

function Outlook({ commodity, horizon }: OutlookProps) {
  const forecast = useForecast(commodity, horizon);
  if (forecast.data === undefined) {
    return (
      <p className={styles.text}>
        {forecast.error === null ? 'Reading the forecast…' : explain(forecast.error)}
      </p>
    );
  }
  if (forecast.data === null) {
    return <p className={styles.text}>No forecast stands: there is too little of a past yet.</p>;
  }
  return (
    <>
      <ForecastFigures forecast={forecast.data} />
      <p className={styles.text}>{forecast.data.explanation}</p>
    </>
  );
}

function ForecastFigures({ forecast }: { readonly forecast: PriceForecast }) {
  const { predicted_price, reference_price, interval_80, direction, confidence } = forecast;
  const change = (100 * (predicted_price - reference_price)) / reference_price;
  const odds = `${direction} ${formatRate(confidence)}`;
  const figures = [
    [
      'Expected',
      <>
        {formatPrice(predicted_price)} <Change value={change} text={formatPercent(change)} />
      </>,
    ],
    ['4 in 5 within', `${formatPrice(interval_80.low)} – ${formatPrice(interval_80.high)}`],
    [
      'Direction',
      forecast.edge ? (
        `${odds} likely`
      ) : (
        <>
          <span className={styles.noEdge}>no edge</span> <span className={styles.odds}>{odds}</span>
        </>
      ),
    ],
    ['Risk', forecast.risk_level],
  ] as const;
  return <Figures layout="strip" rows={figures} />;
}

function RecordLine({ horizon }: { readonly horizon: Horizon }) {
  const performance = usePerformance();
  if (performance.data === undefined) {
    return <p>{performance.error === null ? 'Reading the record…' : explain(performance.error)}</p>;
  }
  return <p>{recordSentence(performance.data.horizons[horizon], horizon)}</p>;
}

/** Say in a sentence how forecasts over a horizon have done, and beside what. */
export function recordSentence(record: HorizonPerformance | undefined, horizon: Horizon): string {
  if (record === undefined || record.n === 0 || record.hit_rate === null) {
    return `No ${horizon} forecast has been scored yet: the first is when its time is over.`;
  }
  const within =
    record.ci_low === null || record.ci_high === null
      ? ''
      : ` (${formatRate(record.ci_low)} to ${formatRate(record.ci_high)})`;
  const beside = Object.entries({
    'base rate': record.base_rate,
    persistence: record.baselines.persistence,
    'mean reversion': record.baselines.mean_reversion,
  })
    .flatMap(([name, rate]) => (rate === null ? [] : [`${name} ${formatRate(rate)}`]))
    .join(', ');
  const right = `${formatRate(record.hit_rate)} of ${formatUnits(record.n)} right${within}`;
  return beside === '' ? `${right}.` : `${right}; ${beside}.`;
}
