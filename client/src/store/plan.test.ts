import { describe, expect, it } from 'vitest';

import { recommendation } from '../testing/advice';
import { nextStep, type Standing } from './plan';

const HOME: Standing = { sectorId: 'sector-1', dockedPortId: 'port-1', cargo: 0 };

describe('nextStep', () => {
  const plan = recommendation();

  it.each<[string, Standing, object]>([
    ['buys where the good is', HOME, { kind: 'buy' }],
    ['leaves laden', { ...HOME, cargo: 20 }, { kind: 'undock' }],
    [
      'flies the way',
      { ...HOME, dockedPortId: null, cargo: 20 },
      { kind: 'fly', sectorId: 'sector-2' },
    ],
    [
      'flies on',
      { sectorId: 'sector-2', dockedPortId: null, cargo: 20 },
      { kind: 'fly', sectorId: 'sector-3' },
    ],
    [
      'docks where it sells',
      { sectorId: 'sector-3', dockedPortId: null, cargo: 20 },
      { kind: 'dock', portId: 'port-3' },
    ],
    ['sells', { sectorId: 'sector-3', dockedPortId: 'port-3', cargo: 20 }, { kind: 'sell' }],
    [
      'has no way back',
      { sectorId: 'sector-3', dockedPortId: null, cargo: 0 },
      { kind: 'off_course' },
    ],
  ])('%s', (_, standing, step) => {
    expect(nextStep(plan, standing)).toEqual(step);
  });

  it('goes on from the purchase where the way leads through one sector twice', () => {
    const buy = { ...plan.sell, port_id: 'port-2', sector_id: 'sector-2' };
    const there = recommendation({ buy, path: ['sector-2', 'sector-1', 'sector-3'] });
    const at = (sectorId: string, cargo: number) =>
      nextStep(there, { sectorId, dockedPortId: null, cargo });
    expect(at('sector-1', 0)).toEqual({ kind: 'fly', sectorId: 'sector-2' });
    expect(at('sector-2', 20)).toEqual({ kind: 'fly', sectorId: 'sector-1' });
    expect(at('sector-1', 20)).toEqual({ kind: 'fly', sectorId: 'sector-3' });
  });

  it('sells what is aboard already', () => {
    const sale = recommendation({ kind: 'sale', buy: null });
    expect(nextStep(sale, { ...HOME, dockedPortId: null })).toEqual({
      kind: 'fly',
      sectorId: 'sector-2',
    });
  });
});
