import { useMutation, useQuery } from '@tanstack/react-query';

import { explain } from '../connection/problem';
import type { Backtest, BacktestOrder } from '../protocol/backtest';
import { resourceKeys } from './resourceKeys';
import { useAnnounce, useServices } from './services';

const IN_HAND_EVERY_MS = 500;
/** The past grows by a game minute with each tick. */
const PAST_EVERY_MS = 15_000;

/** Tell whether a backtest is not over yet. */
export function isInHand({ status }: Backtest): boolean {
  return status === 'queued' || status === 'running';
}

/** Read the player's backtests, and the past that there is to test on. */
export function useBacktests() {
  const { automation } = useServices();
  return useQuery({
    queryKey: resourceKeys.backtests,
    queryFn: () => automation.backtests(),
    refetchInterval: ({ state: { data } }) =>
      data?.items.some(isInHand) === true ? IN_HAND_EVERY_MS : PAST_EVERY_MS,
  });
}

/** Read one backtest, again and again until it is over. */
export function useBacktest(backtestId: string) {
  const { automation } = useServices();
  return useQuery({
    queryKey: resourceKeys.backtest(backtestId),
    queryFn: () => automation.backtest(backtestId),
    refetchInterval: ({ state: { data } }) =>
      data === undefined || isInHand(data) ? IN_HAND_EVERY_MS : false,
  });
}

/** Begin a backtest, or delete one; the list is read again after either. */
export function useBacktestCommands() {
  const { automation, resources } = useServices();
  const announce = useAnnounce();
  const onSettled = () => resources.invalidateQueries({ queryKey: resourceKeys.backtests });
  const begin = useMutation({
    mutationFn: (order: BacktestOrder) => automation.beginBacktest(order),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (backtestId: string) => automation.deleteBacktest(backtestId),
    onError: (error: unknown) => announce('bad', explain(error)),
    onSettled,
  });
  return { begin, remove };
}
