import type { QueryClient } from '@tanstack/react-query';

import type { TradingStatus } from '../protocol/shapes';
import type { Side } from '../protocol/trade';
import { resourceKeys } from './resourceKeys';

/** The refusals by which the risk gate lets nothing, or only sales, through. */
const HALT_CODES: ReadonlySet<string> = new Set([
  'game_halted',
  'player_halted',
  'port_halted',
  'reducing_only',
]);

/** Tell whether operators let a side be traded. */
export function letsTrade({ state }: TradingStatus, side: Side): boolean {
  switch (state) {
    case 'active':
      return true;
    case 'reducing':
      return side === 'sell';
    case 'halted':
      return false;
  }
}

/** Read again what may be traded where a refusal says so: the push of a halt may have been lost. */
export function heedRefusal(resources: QueryClient, code: string): void {
  if (HALT_CODES.has(code)) {
    void resources.invalidateQueries({ queryKey: resourceKeys.player });
  }
}
