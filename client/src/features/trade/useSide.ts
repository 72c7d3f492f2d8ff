import { useState } from 'react';

import { usePlan } from '../../store/services';
import type { Side } from './estimate';

/** The side of the ticket: the player's choice, until a recommendation fills another one in. */
export function useSide(): readonly [Side, (side: Side) => void] {
  const { draft } = usePlan();
  const [chosen, setChosen] = useState<{ readonly side: Side; readonly serial: number }>({
    side: draft?.side ?? 'buy',
    serial: draft?.serial ?? 0,
  });
  const serial = draft?.serial ?? 0;
  const side = draft !== null && serial > chosen.serial ? draft.side : chosen.side;
  return [side, (next) => setChosen({ side: next, serial })];
}
