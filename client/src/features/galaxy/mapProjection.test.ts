import { describe, expect, it } from 'vitest';

import type { Sector } from '../../protocol/shapes';
import { fitted, nearest } from './mapProjection';

function sector(sector_id: string, x: number, y: number): Sector {
  return { sector_id, name: sector_id, x, y, port_ids: [], ports: [], warps: [] };
}

const SECTORS = [sector('a', 100, 100), sector('b', 300, 100), sector('c', 200, 200)];

describe('fitted', () => {
  it('keeps every sector on the map and the proportions as they are', () => {
    const project = fitted(SECTORS, 448, 900);
    const [a, b, c] = SECTORS.map(project);
    expect([a?.x, b?.x]).toEqual([24, 424]);
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBe(2 * ((c?.y ?? 0) - (a?.y ?? 0)));
  });
});

describe('nearest', () => {
  it('finds the sector at hand, and none beyond reach', () => {
    const project = fitted(SECTORS, 448, 900);
    const { x, y } = project(sector('b', 300, 100));
    expect(nearest(SECTORS, project, { x: x - 5, y: y + 3 }, 24)?.sector_id).toBe('b');
    expect(nearest(SECTORS, project, { x: x - 100, y }, 24)).toBeUndefined();
  });
});
