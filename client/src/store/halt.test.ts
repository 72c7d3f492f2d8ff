import { expect, it } from 'vitest';

import { createHaltStore, endHalt, learnHalt } from './halt';

it('learns of a halt from its refusals only, until something is executed again', () => {
  const store = createHaltStore();
  learnHalt(store, { code: 'insufficient_credits', reason: 'You have 3.' }, 'port-1');
  expect(store.getState().halt).toBeNull();
  learnHalt(store, { code: 'port_halted', reason: 'Halted here.' }, 'port-1');
  expect(store.getState().halt).toEqual({
    code: 'port_halted',
    reason: 'Halted here.',
    portId: 'port-1',
  });
  endHalt(store);
  expect(store.getState().halt).toBeNull();
});
