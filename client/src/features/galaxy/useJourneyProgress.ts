import { useEffect } from 'react';

import type { Journey } from '../../protocol/shapes';
import { type Progress, spanProgress } from '../../protocol/span';
import { resourceKeys } from '../../store/resourceKeys';
import { useServerNow } from '../../store/serverTime';
import { useServices } from '../../store/services';

const DRAWN_EVERY_MS = 50;
/** Arrival comes over the account channel; without it, the page asks this often once it is due. */
const ASK_EVERY_MS = 1_000;

/** Follow a journey by the server's clock. */
export function useJourneyProgress(journey: Journey): Progress {
  const { resources } = useServices();
  const span = { from: journey.departed_at, until: journey.arrives_at };
  const progress = spanProgress(span, useServerNow(DRAWN_EVERY_MS));
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
