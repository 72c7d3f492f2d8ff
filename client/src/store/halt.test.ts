import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';

import { playerState } from '../testing/shapes';
import { heedRefusal, letsTrade } from './halt';
import { resourceKeys } from './resourceKeys';

it('lets both sides trade, sales only, or neither', () => {
  const sides = ['buy', 'sell'] as const;
  const allowed = (['active', 'reducing', 'halted'] as const).map((state) =>
    sides.map((side) => letsTrade({ state, scope: null, reason: null }, side)),
  );
  expect(allowed).toEqual([
    [true, true],
    [false, true],
    [false, false],
  ]);
});

it('reads the player again after a refusal that tells of a halt, and after no other', () => {
  const resources = new QueryClient();
  resources.setQueryData(resourceKeys.player, playerState());
  const isStale = () => resources.getQueryState(resourceKeys.player)?.isInvalidated;
  heedRefusal(resources, 'insufficient_credits');
  expect(isStale()).toBe(false);
  heedRefusal(resources, 'port_halted');
  expect(isStale()).toBe(true);
});
