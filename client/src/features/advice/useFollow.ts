import type { Recommendation } from '../../protocol/advice';
import { useServices } from '../../store/services';
import { usePlayer } from '../../store/resources';
import { fillIn } from '../../store/plan';

/** Where the player is to look next. */
export type Sight = 'ticket' | 'galaxy';

/**
 * Return how to take up a recommendation: it becomes the plan, and an order that can be placed at
 * the port where the ship is docked is filled in on the ticket.
 */
export function useFollow(): (recommendation: Recommendation) => Sight {
  const { plan } = useServices().stores;
  const dockedPortId = usePlayer().data?.docked_port_id ?? null;
  return (recommendation) => {
    plan.setState({ followed: recommendation });
    const { buy, sell, commodity, quantity } = recommendation;
    const side = buy === null ? 'sell' : 'buy';
    if ((buy ?? sell).port_id !== dockedPortId) return 'galaxy';
    fillIn(plan, { side, commodity, quantity });
    return 'ticket';
  };
}
