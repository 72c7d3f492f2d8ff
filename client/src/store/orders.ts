import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';

import { explain, NoAnswer } from '../connection/problem';
import type { PlacedOrder } from '../protocol/order';
import { resourceKeys } from './resourceKeys';
import { useAnnounce, useServices } from './services';

const ORDERS_PAGE = 50;
const CANCEL_RETRIES = 3;
const NO_ORDERS: readonly PlacedOrder[] = [];

/** Read the player's open orders at all ports; they follow the account's news from then on. */
export function useOpenOrders() {
  const { trading } = useServices();
  return useQuery<readonly PlacedOrder[]>({
    queryKey: resourceKeys.openOrders,
    queryFn: async () => (await trading.orders('open', null, ORDERS_PAGE)).items,
  });
}

/** Return the open orders as far as they are known. */
export function useKnownOrders(): readonly PlacedOrder[] {
  return useOpenOrders().data ?? NO_ORDERS;
}

export function useOrderHistory() {
  const { trading } = useServices();
  return useInfiniteQuery({
    queryKey: resourceKeys.orderHistory,
    queryFn: ({ pageParam }) => trading.orders('closed', pageParam, ORDERS_PAGE),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** A cancel that got no answer is sent again under its id, which acts once. */
function isUnanswered(failures: number, error: unknown): boolean {
  return failures < CANCEL_RETRIES && error instanceof NoAnswer;
}

/** The commands that close orders; each speaks its result. */
export function useCancelCommands() {
  const { trading, resources } = useServices();
  const announce = useAnnounce();

  async function onSettled(): Promise<void> {
    await Promise.all(
      [resourceKeys.openOrders, resourceKeys.orderHistory, resourceKeys.player].map((queryKey) =>
        resources.invalidateQueries({ queryKey }),
      ),
    );
  }
  const onError = (error: unknown) => announce('bad', explain(error));

  const cancel = useMutation({
    // An order is cancelled once, so its own id names the command, whoever presses how often.
    mutationFn: (orderId: string) => trading.cancel(`cancel-${orderId}`, orderId),
    retry: isUnanswered,
    onSuccess: () => announce('plain', 'Order cancelled. What it held is yours again.'),
    onError,
    onSettled,
  });
  const cancelAll = useMutation({
    mutationFn: (commandId: string) => trading.cancelAll(commandId),
    retry: isUnanswered,
    onSuccess: ({ closed }) =>
      announce(
        'plain',
        closed.length === 1 ? '1 order cancelled.' : `${closed.length} orders cancelled.`,
      ),
    onError,
    onSettled,
  });
  return { cancel, cancelAll };
}
