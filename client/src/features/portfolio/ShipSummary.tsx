import type { PlayerState } from '../../protocol/shapes';
import { classTitle, unitsAboard } from '../../protocol/ship';
import { Change } from '../../ui/Change';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatProfit, formatUnits } from '../../ui/format';
import styles from './ShipSummary.module.css';

/** The ship, its hold, and the player's means. */
export function ShipSummary({ player }: { readonly player: PlayerState }) {
  const { ship } = player;
  const aboard = unitsAboard(ship);
  const profit = player.realised_profit_credits;
  const figures = [
    ['Ship', classTitle(ship.class)],
    ['Credits', formatCredits(player.credits)],
    ['Turns', `${formatUnits(player.turns)} of ${formatUnits(player.turns_max)}`],
    ['Realised profit', <Change key="profit" value={profit} text={formatProfit(profit)} />],
  ] as const;
  return (
    <div className={styles.summary}>
      <Figures layout="grid" rows={figures} />
      <div className={styles.hold}>
        <span className={styles.caption} id="hold-label">
          Hold
        </span>
        <progress
          className={styles.bar}
          value={aboard}
          max={ship.cargo_capacity}
          aria-labelledby="hold-label"
        />
        <span className={styles.count}>
          {formatUnits(aboard)} / {formatUnits(ship.cargo_capacity)}
        </span>
      </div>
    </div>
  );
}
