import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Phase } from '../connection/lifecycle';

/** What the page knows of its line to the server. */
export interface ConnectionStatus {
  readonly phase: Phase;
  readonly attempt: number;
  /** When the newest price came, in milliseconds of the page's own clock. */
  readonly newestPriceAtMs: number | null;
  /** Updates that were missed since the page was opened. */
  readonly missed: number;
  /** Round trip to the server. */
  readonly latencyMs: number | null;
  /** How far the server's clock is ahead of the browser's. */
  readonly clockAheadMs: number;
}

export type ConnectionStatusStore = StoreApi<ConnectionStatus>;

export function createConnectionStatusStore(): ConnectionStatusStore {
  return createStore<ConnectionStatus>(() => ({
    phase: 'signed_out',
    attempt: 0,
    newestPriceAtMs: null,
    missed: 0,
    latencyMs: null,
    clockAheadMs: 0,
  }));
}

/** Estimate how far the server's clock is ahead, taking its time as of half the round trip. */
export function clockAhead(serverTimeMs: number, sentAtMs: number, receivedAtMs: number): number {
  return Math.round(serverTimeMs - (sentAtMs + receivedAtMs) / 2);
}
