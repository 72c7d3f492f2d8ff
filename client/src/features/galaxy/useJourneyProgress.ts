import { useEffect } from 'react';

import type { Journey } from '../../protocol/shapes';
import { resourceKeys } from '../../store/resourceKeys';
import { useConnectionStatus, useServices } from '../../store/services';
import { useNow } from '../../ui/useNow';
import { journeyProgress, type Progress } from './journey';

const DRAWN_EVERY_MS = 50;
/** Arrival comes over the account channel; without it, the page asks this often once it is due. */
const ASK_EVERY_MS = 1_000;

/** Follow a journey by the server's clock. */
export function useJourneyProgress(journey: Journey): Progress {
  const { resources } = useServices();
  const clockAheadMs = useConnectionStatus((status) => status.clockAheadMs);
  const progress = journeyProgress(journey, useNow(DRAWN_EVERY_MS) + clockAheadMs);
  const isDue = progress.remainingMs === 0;
  useEffect(() => {
    if (!isDue) return;
    const timer = setInterval(() => {
      void resources.invalidateQueries({ queryKey: resourceKeys.player });
      void resources.invalidateQueries({ queryKey: resourceKeys.place });
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isDue, resources]);
  return progress;
}
