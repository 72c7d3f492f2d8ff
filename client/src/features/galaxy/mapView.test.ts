import { describe, expect, it } from 'vitest';

import { panned, seen, WHOLE, zoomed, ZOOM_MAX } from './mapView';

const SIZE = { width: 400, height: 300 };

describe('zoomed', () => {
  it('leaves the spot in its place', () => {
    const at = { x: 100, y: 150 };
    const view = zoomed(WHOLE, 2, at, SIZE);
    expect(view.zoom).toBe(2);
    expect(seen((spot) => spot, view)(at)).toEqual(at);
  });

  it('goes no further than its bounds, and back to the whole map', () => {
    const near = zoomed(WHOLE, 100, { x: 400, y: 300 }, SIZE);
    expect(near.zoom).toBe(ZOOM_MAX);
    const back = zoomed(near, 0.001, { x: 0, y: 0 }, SIZE);
    expect([back.zoom, back.x + 0, back.y + 0]).toEqual([1, 0, 0]);
  });
});

describe('panned', () => {
  it('moves a magnified map, but never past its edges', () => {
    const view = zoomed(WHOLE, 2, { x: 200, y: 150 }, SIZE);
    expect(panned(view, { x: -10, y: 20 }, SIZE)).toEqual({ zoom: 2, x: -210, y: -130 });
    expect(panned(view, { x: 9_999, y: -9_999 }, SIZE)).toEqual({ zoom: 2, x: 0, y: -300 });
  });
});
