import { useQuery } from '@tanstack/react-query';

import type { Commodity } from '../protocol/commodity';
import { resourceKeys } from './resourceKeys';
import { useServices } from './services';

/** Read the open orders for a good at a port. */
export function useOrderBook(portId: string, commodity: Commodity) {
  const { trading } = useServices();
  return useQuery({
    queryKey: resourceKeys.book(portId, commodity),
    queryFn: () => trading.book(portId, commodity),
  });
}
