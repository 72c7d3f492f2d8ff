import type { Sector } from '../../protocol/shapes';

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export type Projection = (sector: Pick<Sector, 'x' | 'y'>) => Spot;

/** Room for the marks of the outermost sectors, in pixels. */
const MARGIN = 24;

/** Return where sectors lie on a map of a size in pixels: all of them on it, nothing distorted. */
export function fitted(sectors: readonly Sector[], width: number, height: number): Projection {
  const xs = sectors.map(({ x }) => x);
  const ys = sectors.map(({ y }) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  const spanX = Math.max(1, Math.max(...xs) - left);
  const spanY = Math.max(1, Math.max(...ys) - top);
  const scale = Math.max(0, Math.min((width - 2 * MARGIN) / spanX, (height - 2 * MARGIN) / spanY));
  const offsetX = (width - spanX * scale) / 2;
  const offsetY = (height - spanY * scale) / 2;
  return ({ x, y }) => ({ x: offsetX + (x - left) * scale, y: offsetY + (y - top) * scale });
}

/** Return the sector nearest to a spot, within a reach in pixels; undefined where none is. */
export function nearest(
  sectors: readonly Sector[],
  project: Projection,
  spot: Spot,
  reach: number,
): Sector | undefined {
  let found: Sector | undefined;
  let least = reach;
  for (const sector of sectors) {
    const { x, y } = project(sector);
    const distance = Math.hypot(x - spot.x, y - spot.y);
    if (distance > least) continue;
    least = distance;
    found = sector;
  }
  return found;
}
