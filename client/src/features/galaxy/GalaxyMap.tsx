import { type PointerEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';

import { explain } from '../../connection/problem';
import type { Sector } from '../../protocol/shapes';
import { usePulse } from '../../store/advice';
import { useGalaxy } from '../../store/resources';
import { usePlan } from '../../store/services';
import { Button } from '../../ui/Button';
import { Failed, Loading } from '../../ui/State';
import { activityWords, isBusy } from './ActivityPanel';
import { drawNews, drawSectors, mapColours } from './drawMap';
import styles from './GalaxyMap.module.css';
import { fitted, nearest } from './mapProjection';
import { panned, seen, WHOLE, zoomed, ZOOM_MAX } from './mapView';

/** How near a pointer must come to a sector, in pixels. */
const REACH = 24;
const ZOOM_STEP = 1.6;

/** Every sector of the galaxy, the ship among them, and where pilots are busy. */
export function GalaxyMap({ here }: { readonly here: string }) {
  const galaxy = useGalaxy();
  if (galaxy.data === undefined) {
    return galaxy.error === null ? (
      <Loading label="Loading the map" lines={8} />
    ) : (
      <Failed reason={explain(galaxy.error)} onRetry={() => void galaxy.refetch()} />
    );
  }
  return <Chart sectors={galaxy.data.sectors} here={here} />;
}

interface ChartProps {
  readonly sectors: readonly Sector[];
  readonly here: string;
}

/** Two layers: what stays is drawn once a size, what changes is drawn over it. */
function Chart({ sectors, here }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const lower = useRef<HTMLCanvasElement>(null);
  const upper = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(frame);
  const [view, setView] = useState(WHOLE);
  const project = useMemo(
    () => seen(fitted(sectors, width, height), view),
    [sectors, width, height, view],
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const { followed } = usePlan();
  const activity = usePulse()?.activity.filter(isBusy);

  useEffect(() => {
    const context = cleared(lower.current, width, height);
    if (context === null) return;
    drawSectors(context, sectors, project, mapColours(context.canvas));
  }, [sectors, width, height, project]);

  useEffect(() => {
    const context = cleared(upper.current, width, height);
    if (context === null) return;
    const path = followed?.path ?? [];
    drawNews(context, sectors, project, mapColours(context.canvas), {
      here,
      chosen,
      route: path.slice(path.indexOf(here) + 1),
      activity: activity ?? [],
    });
  }, [sectors, width, height, project, here, chosen, followed, activity]);

  const size = { width, height };
  const magnify = (factor: number) =>
    setView((now) => zoomed(now, factor, { x: width / 2, y: height / 2 }, size));

  function look(event: PointerEvent): void {
    if (event.buttons === 1 && event.type === 'pointermove') {
      const by = { x: event.movementX, y: event.movementY };
      setView((now) => panned(now, by, size));
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const spot = { x: event.clientX - box.left, y: event.clientY - box.top };
    const found = nearest(sectors, project, spot, REACH);
    setChosen(found?.sector_id ?? null);
  }

  const shown = sectors.find(({ sector_id }) => sector_id === (chosen ?? here));
  const happened = activity?.find(({ sector_id }) => sector_id === shown?.sector_id);
  return (
    <figure className={styles.figure}>
      <div
        ref={frame}
        className={styles.frame}
        data-zoomed={view.zoom > 1}
        role="img"
        aria-label={`Map of the ${sectors.length} sectors. The busiest are listed under Activity.`}
        onPointerMove={look}
        onPointerDown={look}
      >
        <canvas ref={lower} className={styles.layer} />
        <canvas ref={upper} className={styles.layer} />
      </div>
      <figcaption className={styles.caption}>
        <span className={styles.zoom}>
          <Button
            small
            aria-label="Zoom out"
            disabled={view.zoom <= 1}
            onClick={() => magnify(1 / ZOOM_STEP)}
          >
            −
          </Button>
          <Button
            small
            aria-label="Zoom in"
            disabled={view.zoom >= ZOOM_MAX}
            onClick={() => magnify(ZOOM_STEP)}
          >
            +
          </Button>
        </span>
        {shown !== undefined && (
          <>
            <strong>{shown.name}</strong>
            {shown.ports.map(({ name }) => ` · ${name}`)}
            {happened !== undefined && ` · ${activityWords(happened)}`}
          </>
        )}
      </figcaption>
    </figure>
  );
}

function useSize(ref: RefObject<HTMLElement | null>) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}

/** Return an empty canvas of the size, as sharp as the screen; null before there is one. */
function cleared(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const context = canvas?.getContext('2d') ?? null;
  if (context === null || width === 0) return null;
  const ratio = window.devicePixelRatio;
  context.canvas.width = Math.round(width * ratio);
  context.canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  return context;
}
