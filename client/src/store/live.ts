import type { QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import type { Listener } from '../connection/realtime';
import { parseChannel } from '../protocol/channel';
import { AccountUpdate } from '../protocol/envelope';
import { AccountState, MarketRealtime, type PlayerState, PortMarket } from '../protocol/shapes';
import type { ConnectionStatusStore } from './connectionStatus';
import { resourceKeys } from './resourceKeys';
import { type QuoteStore, takeQuote } from './quotes';

interface Stores {
  readonly quotes: QuoteStore;
  readonly connection: ConnectionStatusStore;
  readonly resources: QueryClient;
}

/**
 * Route what the real-time connection brings into the stores. Published data is whole, so a gap
 * loses nothing of the newest state; what was derived from each step is read again.
 */
export function liveListener(stores: Stores, nowMs: () => number): Listener {
  return {
    lifecycle({ phase, attempt }) {
      stores.connection.setState({ phase, attempt });
    },
    published(name, data) {
      const channel = parseChannel(name);
      switch (channel?.kind) {
        case 'market':
          takeMarket(stores, data, nowMs());
          break;
        case 'port':
          takePort(stores.resources, data);
          break;
        case 'account':
          takeAccount(stores.resources, data);
          break;
        case undefined:
          break;
      }
    },
    roundTrip(latencyMs) {
      stores.connection.setState({ latencyMs: Math.round(latencyMs) });
    },
    gap(name, missed) {
      stores.connection.setState((status) => ({ missed: status.missed + (missed ?? 0) }));
      const channel = parseChannel(name);
      switch (channel?.kind) {
        case 'market':
          void stores.resources.invalidateQueries({
            queryKey: resourceKeys.candlesOf(channel.commodity),
          });
          break;
        case 'port':
          void stores.resources.invalidateQueries({ queryKey: resourceKeys.port(channel.portId) });
          break;
        case 'account':
          void stores.resources.invalidateQueries({ queryKey: resourceKeys.player });
          void stores.resources.invalidateQueries({ queryKey: resourceKeys.history });
          break;
        case undefined:
          break;
      }
    },
  };
}

function takeMarket(stores: Stores, data: unknown, nowMs: number): void {
  const result = v.safeParse(MarketRealtime, data);
  if (!result.success) return;
  stores.quotes.setState((quotes) => takeQuote(quotes, result.output, nowMs), true);
  stores.connection.setState({ newestPriceAtMs: nowMs });
}

function takePort(resources: QueryClient, data: unknown): void {
  const result = v.safeParse(PortMarket, data);
  if (!result.success) return;
  const port = result.output;
  resources.setQueryData<PortMarket>(resourceKeys.port(port.port_id), (held) =>
    newerPort(held, port),
  );
}

/** Return the later of two views of a port, whichever way and in whichever order they came. */
export function newerPort(held: PortMarket | undefined, arriving: PortMarket): PortMarket {
  return held !== undefined && held.version > arriving.version ? held : arriving;
}

/** Take in the account's news, or the whole player's state, which is its snapshot. */
function takeAccount(resources: QueryClient, data: unknown): void {
  const update = v.safeParse(AccountUpdate, data);
  const state = update.success ? update.output.state : v.parse(AccountState, data);
  const before = resources.getQueryData<PlayerState>(resourceKeys.player);
  if (before === undefined) return;
  resources.setQueryData<PlayerState>(resourceKeys.player, { ...before, ...state });
  if (update.success && update.output.trade !== null) {
    void resources.invalidateQueries({ queryKey: resourceKeys.history });
  }
  if (before.sector_id !== state.sector_id) {
    void resources.invalidateQueries({ queryKey: resourceKeys.place });
  }
}
