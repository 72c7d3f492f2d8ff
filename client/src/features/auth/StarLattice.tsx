import styles from './StarLattice.module.css';

const WIDTH = 900;
const HEIGHT = 900;
const STARS = 64;
const WARP_REACH = 150;

interface Star {
  readonly x: number;
  readonly y: number;
}

/** Spread stars evenly, the same ones each time (R2 low-discrepancy sequence, Roberts 2018). */
function stars(): readonly Star[] {
  return Array.from({ length: STARS }, (_, index) => ({
    x: Math.round(((0.5 + 0.754_877_666 * (index + 1)) % 1) * WIDTH),
    y: Math.round(((0.5 + 0.569_840_291 * (index + 1)) % 1) * HEIGHT),
  }));
}

function warps(all: readonly Star[]): readonly (readonly [Star, Star])[] {
  return all.flatMap((from, index) =>
    all
      .slice(index + 1)
      .filter((to) => Math.hypot(to.x - from.x, to.y - from.y) < WARP_REACH)
      .map((to) => [from, to] as const),
  );
}

const STARS_DRAWN = stars();
const WARPS_DRAWN = warps(STARS_DRAWN);

/** A chart of stars and warps behind the claim; decoration only. */
export function StarLattice() {
  return (
    <svg
      className={styles.lattice}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {WARPS_DRAWN.map(([from, to], index) => (
        <line
          key={index}
          className={index % 9 === 4 ? styles.route : styles.warp}
          x1={from.x}
          y1={from.y}
          x2={to.x}
          y2={to.y}
        />
      ))}
      {STARS_DRAWN.map(({ x, y }, index) => (
        <circle
          key={index}
          className={index % 5 === 0 ? styles.port : styles.star}
          cx={x}
          cy={y}
          r={index % 5 === 0 ? 4 : 2.2}
        />
      ))}
    </svg>
  );
}
