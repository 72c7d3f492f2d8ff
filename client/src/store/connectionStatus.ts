import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Phase } from '../connection/lifecycle';
import type { ResumedChannel } from '../protocol/envelope';

/** What a return after a loss recovered: channels, by how they went on, and their updates. */
export interface Recovery {
  readonly atMs: number;
  readonly replayed: number;
  readonly replayedUpdates: number;
  readonly takenAnew: number;
  readonly lost: number;
}

/** What the page knows of its line to the server. */
export interface ConnectionStatus {
  readonly phase: Phase;
  readonly attempt: number;
  /** When the newest price came, in milliseconds of the page's own clock. */
  readonly newestPriceAtMs: number | null;
  /** Updates that were missed since the page was opened. */
  readonly missed: number;
  /** What the last return after a loss recovered; null before the first. */
  readonly recovery: Recovery | null;
  /** Round trip to the server. */
  readonly latencyMs: number | null;
  /** How far the server's clock is ahead of the browser's. */
  readonly clockAheadMs: number;
  /** How often the galaxy ticks. */
  readonly tickEveryMs: number;
}

export type ConnectionStatusStore = StoreApi<ConnectionStatus>;

export function createConnectionStatusStore(): ConnectionStatusStore {
  return createStore<ConnectionStatus>(() => ({
    phase: 'signed_out',
    attempt: 0,
    newestPriceAtMs: null,
    missed: 0,
    recovery: null,
    latencyMs: null,
    clockAheadMs: 0,
    tickEveryMs: 1_000,
  }));
}

/** Sum up how channels go on after a loss. */
export function recoveryOf(channels: readonly ResumedChannel[], atMs: number): Recovery {
  const replayed = channels.filter(({ outcome }) => outcome === 'replay');
  const having = (outcome: ResumedChannel['outcome']) =>
    channels.filter((channel) => channel.outcome === outcome).length;
  return {
    atMs,
    replayed: replayed.length,
    replayedUpdates: replayed.reduce((sum, { missed }) => sum + missed, 0),
    takenAnew: having('snapshot'),
    lost: having('lost'),
  };
}

/** Estimate how far the server's clock is ahead, taking its time as of half the round trip. */
export function clockAhead(serverTimeMs: number, sentAtMs: number, receivedAtMs: number): number {
  return Math.round(serverTimeMs - (sentAtMs + receivedAtMs) / 2);
}
