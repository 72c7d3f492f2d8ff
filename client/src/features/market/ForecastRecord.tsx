import { explain } from '../../connection/problem';
import { type HorizonPerformance, HORIZONS } from '../../protocol/forecast';
import { usePerformance } from '../../store/advice';
import { Dialog } from '../../ui/Dialog';
import { formatRate, formatUnits } from '../../ui/format';
import { Failed, Loading } from '../../ui/State';
import { Table } from '../../ui/Table';
import styles from './ForecastRecord.module.css';

const NONE = '–';

const ROWS: readonly (readonly [string, (record: HorizonPerformance) => string])[] = [
  ['Right direction', ({ hit_rate }) => rate(hit_rate)],
  ['95% interval', ({ ci_low, ci_high }) => range(ci_low, ci_high)],
  ['Scored', ({ n }) => formatUnits(n)],
  ['of them independent', ({ n_independent }) => formatUnits(n_independent)],
  ['Unmoved, not counted', ({ flat }) => formatUnits(flat)],
  ['Base rate', ({ base_rate }) => rate(base_rate)],
  ['Persistence', ({ baselines }) => rate(baselines.persistence)],
  ['Drift', ({ baselines }) => rate(baselines.drift)],
  ['Mean reversion', ({ baselines }) => rate(baselines.mean_reversion)],
  ['p-value', ({ p_value }) => figure(p_value)],
  ['Brier score', ({ brier }) => figure(brier)],
  ['Calibration error', ({ calibration_error }) => figure(calibration_error)],
  ['Within the 80% bounds', ({ coverage_80 }) => rate(coverage_80)],
  ['Within the 95% bounds', ({ coverage_95 }) => rate(coverage_95)],
];

/** The public record of the forecasts, beside what costs no thought. */
export function ForecastRecord({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Record of the forecasts" onClose={onClose}>
      <RecordTable />
    </Dialog>
  );
}

function RecordTable() {
  const performance = usePerformance();
  if (performance.data === undefined) {
    return performance.error === null ? (
      <Loading label="Loading the record" lines={8} />
    ) : (
      <Failed reason={explain(performance.error)} onRetry={() => void performance.refetch()} />
    );
  }
  const { horizons, days } = performance.data;
  const known = HORIZONS.map((horizon) => horizons[horizon]);
  return (
    <div className={styles.record}>
      <p className={styles.text}>
        Every forecast is stored before its outcome and scored when its time is over. These are the
        last {days} days of the galaxy.
      </p>
      <Table
        label="Record by horizon"
        columns={[{ name: 'Horizon' }, ...HORIZONS.map((name) => ({ name }))]}
      >
        {ROWS.map(([name, show]) => (
          <tr key={name}>
            <td>{name}</td>
            {known.map((record, index) => (
              <td key={HORIZONS[index]}>{record === undefined ? NONE : show(record)}</td>
            ))}
          </tr>
        ))}
      </Table>
      <p className={styles.text}>Model {known.find((record) => record)?.model_id ?? NONE}</p>
    </div>
  );
}

function rate(value: number | null): string {
  return value === null ? NONE : formatRate(value);
}

function range(low: number | null, high: number | null): string {
  return low === null || high === null ? NONE : `${whole(low)}–${whole(high)}`;
}

/** Bounds in whole per cent: three columns must fit on a phone. */
function whole(value: number): string {
  return `${Math.round(100 * value)}%`;
}

function figure(value: number | null): string {
  return value === null ? NONE : value.toFixed(3);
}
