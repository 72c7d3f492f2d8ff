import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import * as api from '../connection/api';
import { channelName } from '../protocol/channel';
import { COMMODITIES, type Commodity } from '../protocol/commodity';
import type { CandleInterval, PortMarket } from '../protocol/shapes';
import { clockAhead } from './connectionStatus';
import { newerPort } from './live';
import { resourceKeys } from './resourceKeys';
import { useServices } from './services';

const STATUS_EVERY_MS = 15_000;
const TICK_GAME_MS = 60_000;
const CANDLES_EVERY_MS = 10_000;
const CANDLES = 600;
const HISTORY_PAGE = 50;

/** Read the server's status now and then; each reading also compares the clocks. */
export function useServerStatus() {
  const { stores } = useServices();
  return useQuery({
    queryKey: resourceKeys.status,
    refetchInterval: STATUS_EVERY_MS,
    queryFn: async () => {
      const sentAtMs = Date.now();
      const status = await api.status();
      stores.connection.setState({
        clockAheadMs: clockAhead(Date.parse(status.server_time), sentAtMs, Date.now()),
        tickEveryMs: TICK_GAME_MS / status.time_scale,
      });
      return status;
    },
  });
}

export function usePlayer() {
  const { api } = useServices();
  return useQuery({ queryKey: resourceKeys.player, queryFn: () => api.player() });
}

export function useSector() {
  const { api } = useServices();
  return useQuery({ queryKey: resourceKeys.sector, queryFn: () => api.sector() });
}

/** Read the whole galaxy's sectors and ports; they never change while a server runs. */
export function useGalaxy() {
  const { api } = useServices();
  return useQuery({
    queryKey: resourceKeys.galaxy,
    queryFn: () => api.galaxy(),
    staleTime: Infinity,
  });
}

/** Return how to name a port; its id where its name is not known yet. */
export function usePortName(): (portId: string) => string {
  const galaxy = useGalaxy().data;
  const names = useMemo(
    () =>
      new Map(
        galaxy?.sectors.flatMap(({ ports }) => ports.map(({ port_id, name }) => [port_id, name])),
      ),
    [galaxy],
  );
  return (portId) => names.get(portId) ?? portId;
}

/** Return how to name a sector; its id where its name is not known yet. */
export function useSectorName(): (sectorId: string) => string {
  const galaxy = useGalaxy().data;
  const names = useMemo(
    () => new Map(galaxy?.sectors.map(({ sector_id, name }) => [sector_id, name])),
    [galaxy],
  );
  return (sectorId) => names.get(sectorId) ?? sectorId;
}

export function useMoves(enabled: boolean) {
  const { api } = useServices();
  return useQuery({ queryKey: resourceKeys.moves, queryFn: () => api.moves(), enabled });
}

/** Read a port's market; no port, no request. */
export function usePort(portId: string | null) {
  const { api, resources } = useServices();
  const queryKey = resourceKeys.port(portId ?? '');
  return useQuery({
    queryKey,
    enabled: portId !== null,
    queryFn: async () =>
      newerPort(resources.getQueryData<PortMarket>(queryKey), await api.port(portId ?? '')),
  });
}

/** Follow the market, the account and the port where the ship is docked, while signed in. */
export function useLiveChannels(dockedPortId: string | null): void {
  const { connection } = useServices();
  useEffect(() => {
    const channels = COMMODITIES.map((commodity) => channelName({ kind: 'market', commodity }));
    connection.subscribe([
      ...channels,
      channelName({ kind: 'account' }),
      channelName({ kind: 'pulse' }),
    ]);
  }, [connection]);
  useEffect(() => {
    if (dockedPortId === null) return;
    const channels = [channelName({ kind: 'port', portId: dockedPortId })];
    connection.subscribe(channels);
    return () => connection.unsubscribe(channels);
  }, [connection, dockedPortId]);
}

export function useCandles(commodity: Commodity, interval: CandleInterval, portId: string | null) {
  const { api } = useServices();
  return useQuery({
    queryKey: resourceKeys.candles(commodity, interval, portId),
    queryFn: () => api.candles(commodity, interval, portId, CANDLES),
    refetchInterval: CANDLES_EVERY_MS,
  });
}

export function useHistory() {
  const { trading } = useServices();
  return useInfiniteQuery({
    queryKey: resourceKeys.history,
    queryFn: ({ pageParam }) => trading.history(pageParam, HISTORY_PAGE),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
