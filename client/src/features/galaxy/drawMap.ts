import type { SectorActivity } from '../../protocol/advice';
import type { Sector } from '../../protocol/shapes';
import type { Projection } from './mapProjection';

export interface MapColours {
  readonly warp: string;
  readonly port: string;
  readonly empty: string;
  readonly surface: string;
  readonly here: string;
  readonly activity: string;
  readonly text: string;
  readonly font: string;
}

/** Read the design tokens that hold at an element: a canvas cannot use them by itself. */
export function mapColours(element: Element): MapColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    warp: token('--line'),
    port: token('--accent-dim'),
    empty: token('--line-strong'),
    surface: token('--surface-panel'),
    here: token('--accent'),
    activity: token('--warn'),
    text: token('--text'),
    font: token('--font'),
  };
}

const PORT_RADIUS = 4.5;
const EMPTY_RADIUS = 2.5;
const HERE_RADIUS = 7;
const GLOW_LEAST = 7;
const GLOW_MOST = 16;

/** Draw what stays: warps and sectors. */
export function drawSectors(
  context: CanvasRenderingContext2D,
  sectors: readonly Sector[],
  project: Projection,
  colours: MapColours,
): void {
  const spots = new Map(sectors.map((sector) => [sector.sector_id, project(sector)]));
  context.strokeStyle = colours.warp;
  context.lineWidth = 1;
  context.beginPath();
  for (const sector of sectors) {
    const from = project(sector);
    for (const warp of sector.warps) {
      const to = spots.get(warp);
      // Warps lead both ways: each is drawn once.
      if (to === undefined || warp < sector.sector_id) continue;
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  }
  context.stroke();
  for (const sector of sectors) {
    const hasPort = sector.ports.length > 0;
    disc(context, project(sector), hasPort ? PORT_RADIUS : EMPTY_RADIUS);
    context.fillStyle = hasPort ? colours.port : colours.empty;
    context.fill();
  }
}

interface MapNews {
  readonly here: string;
  readonly chosen: string | null;
  /** Sectors of the plan, in the order of the flight. */
  readonly route: readonly string[];
  readonly activity: readonly SectorActivity[];
}

/** Draw what changes: the ship, its route, the activity, and the sector looked at. */
export function drawNews(
  context: CanvasRenderingContext2D,
  sectors: readonly Sector[],
  project: Projection,
  colours: MapColours,
  { here, chosen, route, activity }: MapNews,
): void {
  const byId = new Map(sectors.map((sector) => [sector.sector_id, sector]));
  for (const { sector_id, trades, arrivals, dockings } of activity) {
    const sector = byId.get(sector_id);
    if (sector === undefined) continue;
    const much = Math.min(1, Math.log1p(trades + arrivals + dockings) / Math.log1p(100));
    disc(context, project(sector), GLOW_LEAST + (GLOW_MOST - GLOW_LEAST) * much);
    context.strokeStyle = colours.activity;
    context.lineWidth = 1.5;
    context.stroke();
  }
  const way = [here, ...route].flatMap((id) => byId.get(id) ?? []).map(project);
  context.strokeStyle = colours.here;
  context.lineWidth = 2;
  context.beginPath();
  way.forEach(({ x, y }) => context.lineTo(x, y));
  context.stroke();
  const ship = byId.get(here);
  if (ship !== undefined) {
    disc(context, project(ship), HERE_RADIUS);
    context.fillStyle = colours.here;
    context.fill();
    label(context, ship, project, colours);
  }
  const looked = chosen === null ? undefined : byId.get(chosen);
  if (looked !== undefined && looked !== ship) label(context, looked, project, colours);
}

function disc(context: CanvasRenderingContext2D, at: { x: number; y: number }, radius: number) {
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
}

function label(
  context: CanvasRenderingContext2D,
  sector: Sector,
  project: Projection,
  colours: MapColours,
): void {
  const { x, y } = project(sector);
  context.font = `600 13px ${colours.font}`;
  context.textAlign = x < 80 ? 'left' : x > context.canvas.clientWidth - 80 ? 'right' : 'center';
  context.lineWidth = 4;
  context.strokeStyle = colours.surface;
  context.strokeText(sector.name, x, y - 12);
  context.fillStyle = colours.text;
  context.fillText(sector.name, x, y - 12);
}
