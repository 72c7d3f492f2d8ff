import type { PlayerState, PortGood, PortMarket } from '../../protocol/shapes';
import { useDeskState } from '../../store/services';
import type { Side } from './estimate';

/** What every form of the ticket is about. */
export interface OrderFormProps {
  readonly player: PlayerState;
  readonly port: PortMarket;
  readonly good: PortGood;
  readonly side: Side;
  /** Units of the good aboard that no open order offers. */
  readonly freeCargo: number;
  /** What a recommendation filled in; null where the player begins with nothing. */
  readonly initialQuantity: number | null;
}

/** Tell whether an order is under way, so that no other can be sent. */
export function useUnsettled(): boolean {
  const desk = useDeskState();
  return (
    desk.stage === 'sending' ||
    desk.stage === 'doubtful' ||
    (desk.stage === 'settled' && desk.outcome.kind === 'unknown')
  );
}
