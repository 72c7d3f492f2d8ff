import type { Projection, Spot } from './mapProjection';

/** How a map is looked at: magnified, and moved by pixels. */
export interface MapView {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

export const WHOLE: MapView = { zoom: 1, x: 0, y: 0 };
export const ZOOM_MAX = 8;

/** Return the projection as the view shows it. */
export function seen(project: Projection, { zoom, x, y }: MapView): Projection {
  return (sector) => {
    const spot = project(sector);
    return { x: spot.x * zoom + x, y: spot.y * zoom + y };
  };
}

/** Magnify by a factor around a spot, which stays where it is unless the map would leave its frame. */
export function zoomed(view: MapView, factor: number, at: Spot, size: MapSize): MapView {
  const zoom = Math.min(ZOOM_MAX, Math.max(1, view.zoom * factor));
  const change = zoom / view.zoom;
  return kept(
    { zoom, x: at.x - (at.x - view.x) * change, y: at.y - (at.y - view.y) * change },
    size,
  );
}

/** Move the map by pixels. */
export function panned(view: MapView, by: Spot, size: MapSize): MapView {
  return kept({ ...view, x: view.x + by.x, y: view.y + by.y }, size);
}

/** Keep the frame filled with the map. */
function kept({ zoom, x, y }: MapView, { width, height }: MapSize): MapView {
  return { zoom, x: within(x, width * (1 - zoom)), y: within(y, height * (1 - zoom)) };
}

function within(offset: number, least: number): number {
  return Math.min(0, Math.max(least, offset));
}
