import { expect, it } from 'vitest';

import { closedConnection } from '../../testing/operators';
import { before, endingWords, milliseconds, recoveryWords, refusedCount } from './words';

it('says who ended a connection, with what it said', () => {
  expect(endingWords(closedConnection({ closed_by: 'network', code: null, reason: '' }))).toBe(
    'lost',
  );
  expect(endingWords(closedConnection({ closed_by: 'client', code: 1001, reason: '' }))).toBe(
    'by the client, 1001',
  );
  expect(endingWords(closedConnection({ code: 4001, reason: 'nothing was read' }))).toBe(
    'by the server, 4001: nothing was read',
  );
});

it('sums up what a resumption recovered and lost', () => {
  expect(recoveryWords(null)).toBe('began anew');
  expect(recoveryWords([])).toBe('came back to its session');
  expect(
    recoveryWords([
      { channel: 'market.ore', outcome: 'replay', missed: 4 },
      { channel: 'market.fuel', outcome: 'replay', missed: 3 },
      { channel: 'account', outcome: 'lost', missed: 1 },
    ]),
  ).toBe('2 replayed, 1 lost; 8 updates meanwhile');
});

it('measures by the server’s clock alone', () => {
  expect(before('2026-11-30T10:00:05.500Z', '2026-11-30T10:00:00.000Z')).toBe('5.5 s');
});

it('writes short times with a tenth', () => {
  expect([null, 0, 0.02, 0.25, 1234].map(milliseconds)).toEqual([
    '–',
    '0.0 ms',
    'under 0.1 ms',
    '0.3 ms',
    '1,234 ms',
  ]);
});

it('counts refusals over all codes', () => {
  expect(refusedCount({ a: 2, b: 3 })).toBe(5);
});
