import { useEffect, useState } from 'react';

import { useConnectionStatus } from './services';

/** Return the time of the browser's clock, renewed at an interval. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}

/** Return the server's time, which rules what begins and ends; renewed at an interval. */
export function useServerNow(everyMs: number): number {
  const clockAheadMs = useConnectionStatus((status) => status.clockAheadMs);
  return useNow(everyMs) + clockAheadMs;
}
