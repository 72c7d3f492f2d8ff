import { useMutation, useQuery } from '@tanstack/react-query';

import type { TradingScope, TradingState } from '../protocol/operators';
import { resourceKeys } from './resourceKeys';
import { useAnnounce, useServices } from './services';

const LOOK_EVERY_MS = 2_000;

/** Read the connections of a player, by his id or name, or of all, again and again. */
export function useConnections(player: string | null) {
  const { operators } = useServices();
  return useQuery({
    queryKey: resourceKeys.connectionsOf(player),
    queryFn: () => operators.connections(player),
    refetchInterval: LOOK_EVERY_MS,
  });
}

/** Read all that is known of a connection, again and again. */
export function useConnection(connectionId: string) {
  const { operators } = useServices();
  return useQuery({
    queryKey: resourceKeys.connection(connectionId),
    queryFn: () => operators.connection(connectionId),
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useCloseConnection(connectionId: string) {
  const { operators, resources } = useServices();
  const announce = useAnnounce();
  return useMutation({
    mutationFn: (reason: string) => operators.close(connectionId, reason),
    onSuccess: () => announce('plain', `Closed the connection ${connectionId}.`),
    onSettled: () => resources.invalidateQueries({ queryKey: resourceKeys.connections }),
  });
}

/** Read what is set for the game, a port or a player; nobody named, nothing asked. */
export function useTradingState(scope: TradingScope | null) {
  const { operators } = useServices();
  return useQuery({
    queryKey: resourceKeys.tradingState(scope),
    enabled: scope !== null,
    queryFn: () => operators.tradingState(scope ?? { kind: 'game' }),
  });
}

export function useSetTradingState(scope: TradingScope) {
  const { operators, resources } = useServices();
  return useMutation({
    mutationFn: ({ state, reason }: { state: TradingState; reason: string }) =>
      operators.setTradingState(scope, state, reason),
    onSettled: () => resources.invalidateQueries({ queryKey: resourceKeys.tradingState(scope) }),
  });
}
