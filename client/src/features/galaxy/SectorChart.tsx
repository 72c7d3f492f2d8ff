import type { Move, Sector } from '../../protocol/shapes';
import styles from './SectorChart.module.css';

const SIZE = 620;
const CENTRE = SIZE / 2;
const RADIUS_MIN = 120;
const RADIUS_MAX = 250;
const RINGS = 3;

export interface Course {
  readonly toSectorId: string;
  /** How much of it is flown, from 0 to 1. */
  readonly fraction: number;
}

interface SectorChartProps {
  readonly sector: Sector;
  readonly moves: readonly Move[];
  /** Where the ship is flying to, if it is under way. */
  readonly course: Course | null;
}

/** The sector in the middle and its warps around it, the farther the longer the flight. */
export function SectorChart({ sector, moves, course }: SectorChartProps) {
  const longest = Math.max(1, ...moves.map((move) => move.travel_seconds));
  return (
    <figure className={styles.figure}>
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        className={styles.chart}
        role="img"
        aria-label={`${sector.name} and the ${moves.length} sectors that warps lead to`}
      >
        {Array.from({ length: RINGS }, (_, ring) => (
          <circle
            key={ring}
            className={styles.ring}
            cx={CENTRE}
            cy={CENTRE}
            r={(RADIUS_MAX * (ring + 1)) / RINGS}
          />
        ))}
        {moves.map((move, index) => (
          <Neighbour
            key={move.sector_id}
            move={move}
            angle={(2 * Math.PI * index) / moves.length - Math.PI / 2}
            course={course?.toSectorId === move.sector_id ? course : null}
            radius={RADIUS_MIN + ((RADIUS_MAX - RADIUS_MIN) * move.travel_seconds) / longest}
          />
        ))}
        <circle
          className={course === null ? styles.here : styles.left}
          cx={CENTRE}
          cy={CENTRE}
          r={11}
        />
        <text className={styles.hereName} x={CENTRE} y={CENTRE + 34}>
          {sector.name}
        </text>
      </svg>
      <figcaption className={styles.caption}>
        <span className={styles.entry}>
          <span className={styles.key} data-kind="port" /> port
        </span>
        <span className={styles.entry}>
          <span className={styles.key} data-kind="empty" /> no port
        </span>
        <span>The farther out, the longer the flight. Directions have no meaning.</span>
      </figcaption>
    </figure>
  );
}

interface NeighbourProps {
  readonly move: Move;
  readonly angle: number;
  readonly radius: number;
  readonly course: Course | null;
}

function Neighbour({ move, angle, radius, course }: NeighbourProps) {
  const x = CENTRE + radius * Math.cos(angle);
  const y = CENTRE + radius * Math.sin(angle);
  const below = y >= CENTRE;
  return (
    <g>
      <line
        className={course === null ? styles.warp : styles.route}
        x1={CENTRE}
        y1={CENTRE}
        x2={x}
        y2={y}
      />
      <circle className={move.has_port ? styles.port : styles.empty} cx={x} cy={y} r={8} />
      <text className={styles.name} x={x} y={below ? y + 26 : y - 30}>
        {move.name}
      </text>
      <text className={styles.time} x={x} y={below ? y + 42 : y - 15}>
        {move.travel_seconds} s
      </text>
      {course !== null && (
        <circle
          className={styles.here}
          cx={CENTRE + (x - CENTRE) * course.fraction}
          cy={CENTRE + (y - CENTRE) * course.fraction}
          r={9}
        />
      )}
    </g>
  );
}
