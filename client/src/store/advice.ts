import { useMutation, useQuery } from '@tanstack/react-query';

import { explain } from '../connection/problem';
import type { PriceAlertDraft, UniversePulse } from '../protocol/advice';
import type { Commodity } from '../protocol/commodity';
import type { Horizon, PriceForecast } from '../protocol/forecast';
import { resourceKeys } from './resourceKeys';
import { useAnnounce, useServices } from './services';

/** Forecasts are made every game hour, a minute of real time. */
const FORECASTS_EVERY_MS = 15_000;
const PERFORMANCE_EVERY_MS = 60_000;
const RECOMMENDATIONS_EVERY_MS = 10_000;

/** Read the forecast that stands for a good over a horizon; undefined while none is known. */
export function useForecast(commodity: Commodity, horizon: Horizon) {
  const { advice } = useServices();
  return useQuery({
    queryKey: resourceKeys.forecasts,
    queryFn: () => advice.forecasts(),
    refetchInterval: FORECASTS_EVERY_MS,
    select: ({ forecasts }): PriceForecast | null =>
      forecasts.find((one) => one.commodity === commodity && one.horizon === horizon) ?? null,
  });
}

export function usePerformance() {
  const { advice } = useServices();
  return useQuery({
    queryKey: resourceKeys.performance,
    queryFn: () => advice.performance(),
    refetchInterval: PERFORMANCE_EVERY_MS,
  });
}

export function useRecommendations() {
  const { advice } = useServices();
  return useQuery({
    queryKey: resourceKeys.recommendations,
    queryFn: () => advice.recommendations(),
    refetchInterval: RECOMMENDATIONS_EVERY_MS,
  });
}

/** Return what players do across the galaxy, as the pulse told last; it comes over the socket. */
export function usePulse(): UniversePulse | undefined {
  return useQuery<UniversePulse>({ queryKey: resourceKeys.pulse, enabled: false }).data;
}

export function useAlerts() {
  const { advice } = useServices();
  return useQuery({ queryKey: resourceKeys.alerts, queryFn: () => advice.alerts() });
}

export function useAlertCommands() {
  const { advice, resources } = useServices();
  const announce = useAnnounce();
  const onSettled = () => resources.invalidateQueries({ queryKey: resourceKeys.alerts });

  const set = useMutation({
    mutationFn: (alert: PriceAlertDraft) => advice.setAlert(alert),
    onSuccess: () => announce('good', 'The alert is set.'),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (alertId: string) => advice.deleteAlert(alertId),
    onSuccess: () => announce('plain', 'The alert is deleted.'),
    onError: (error) => announce('bad', explain(error)),
    onSettled,
  });
  return { set, remove };
}
