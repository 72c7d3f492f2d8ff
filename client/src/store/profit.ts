import { useQuery } from '@tanstack/react-query';

import { resourceKeys } from './resourceKeys';
import { useServices } from './services';

/** Trades are told as they come, but bids move and the last 24 hours pass without any event. */
const PROFIT_EVERY_MS = 30_000;

/** Read the player's profit and loss; every trade has it read again. */
export function useProfit() {
  const { trading } = useServices();
  return useQuery({
    queryKey: resourceKeys.profit,
    queryFn: () => trading.profit(),
    refetchInterval: PROFIT_EVERY_MS,
  });
}
