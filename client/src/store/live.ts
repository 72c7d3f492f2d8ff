import type { QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import type { Listener } from '../connection/realtime';
import { parseChannel } from '../protocol/channel';
import { type AIAlert, type Alerts, UniversePulse } from '../protocol/advice';
import type { ResumedCommand } from '../protocol/envelope';
import type { BindingQuote, PlacedOrder, QuoteClose } from '../protocol/order';
import { AccountUpdate, AlertSignal } from '../protocol/envelope';
import { AccountState, MarketRealtime, type PlayerState, PortMarket } from '../protocol/shapes';
import { type ConnectionStatusStore, recoveryOf } from './connectionStatus';
import { takeOrder } from './openOrders';
import { type QuoteStore, takeQuote } from './quotes';
import { resourceKeys } from './resourceKeys';

/** Where news goes that people are told of as it comes. */
export interface NewsDesk {
  /** An alert that the player had set, or a message of the game. */
  alert(alert: AIAlert): void;
  /** What a rule of the player's did. */
  automatedTrade(reasoning: string): void;
  /** An order that was closed, and the command that it was placed or cancelled with, if any. */
  orderClosed(order: PlacedOrder, commandId: string | null): void;
  quoteGiven(quote: BindingQuote): void;
  quoteClosed(close: QuoteClose): void;
  /** What became of quotes may have been missed. */
  quotesMissed(): void;
  /** What follows from updates stands still: the server refuses to send them, and says why. */
  updatesRefused(reason: string): void;
  /** The fates of commands whose answers were lost with the socket. */
  fates(commands: readonly ResumedCommand[]): void;
}

interface Stores {
  readonly quotes: QuoteStore;
  readonly connection: ConnectionStatusStore;
  readonly resources: QueryClient;
}

/**
 * Route what the real-time connection brings into the stores. Published data is whole, so a gap
 * loses nothing of the newest state; what was derived from each step is read again.
 */
export function liveListener(stores: Stores, news: NewsDesk, nowMs: () => number): Listener {
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
          takeAccount(stores.resources, news, data);
          break;
        case 'pulse':
          takePulse(stores.resources, data);
          break;
        case undefined:
          break;
      }
    },
    roundTrip(latencyMs) {
      stores.connection.setState({ latencyMs: Math.round(latencyMs) });
    },
    refused(_channels, reason) {
      news.updatesRefused(reason);
    },
    resumed(channels) {
      // A return for the sake of commands alone recovers nothing.
      if (channels.length === 0) return;
      stores.connection.setState({ recovery: recoveryOf(channels, nowMs()) });
    },
    fates(commands) {
      news.fates(commands);
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
          for (const queryKey of [
            resourceKeys.history,
            resourceKeys.openOrders,
            resourceKeys.orderHistory,
            resourceKeys.profit,
            resourceKeys.rules,
            resourceKeys.automationStatus,
            resourceKeys.traces,
            resourceKeys.alerts,
          ]) {
            void stores.resources.invalidateQueries({ queryKey });
          }
          news.quotesMissed();
          break;
        case 'pulse':
        case undefined:
          break;
      }
    },
  };
}

function takeMarket(stores: Stores, data: unknown, nowMs: number): void {
  const result = v.safeParse(MarketRealtime, data);
  if (!result.success) return;
  const held = stores.quotes.getState()[result.output.commodity];
  stores.quotes.setState((quotes) => takeQuote(quotes, result.output, nowMs), true);
  // The snapshot of a stream that stands still makes its prices no newer.
  if (held?.market.as_of !== result.output.as_of) {
    stores.connection.setState({ newestPriceAtMs: nowMs });
  }
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

function takePulse(resources: QueryClient, data: unknown): void {
  const result = v.safeParse(UniversePulse, data);
  if (result.success) resources.setQueryData(resourceKeys.pulse, result.output);
}

/** Take in the account's news: an alert, a change, or the whole player's state: its snapshot. */
function takeAccount(resources: QueryClient, news: NewsDesk, data: unknown): void {
  const signal = v.safeParse(AlertSignal, data);
  if (signal.success) {
    takeAlert(resources, signal.output.alert);
    news.alert(signal.output.alert);
    return;
  }
  const update = v.safeParse(AccountUpdate, data);
  takeState(resources, update.success ? update.output.state : v.parse(AccountState, data));
  if (!update.success) return;
  const { trade, automation, reasoning } = update.output;
  if (trade !== null) {
    for (const queryKey of [
      resourceKeys.history,
      resourceKeys.profit,
      resourceKeys.recommendations,
    ]) {
      void resources.invalidateQueries({ queryKey });
    }
  }
  takeTrading(resources, news, update.output);
  if (automation != null) {
    resources.setQueryData(resourceKeys.automationStatus, automation);
    void resources.invalidateQueries({ queryKey: resourceKeys.rules });
    void resources.invalidateQueries({ queryKey: resourceKeys.traces });
  }
  if (reasoning != null) news.automatedTrade(reasoning);
}

function takeTrading(resources: QueryClient, news: NewsDesk, update: AccountUpdate): void {
  const { order, quote, quote_close, command_id } = update;
  if (order != null) {
    takeOrder(resources, order);
    if (order.close_reason !== null) news.orderClosed(order, command_id ?? null);
  }
  if (quote != null) news.quoteGiven(quote);
  if (quote_close != null) news.quoteClosed(quote_close);
}

function takeState(resources: QueryClient, state: AccountState): void {
  const before = resources.getQueryData<PlayerState>(resourceKeys.player);
  if (before === undefined) return;
  resources.setQueryData<PlayerState>(resourceKeys.player, { ...before, ...state });
  if (before.sector_id !== state.sector_id) {
    void resources.invalidateQueries({ queryKey: resourceKeys.place });
  }
  if (before.docked_port_id !== state.docked_port_id || before.sector_id !== state.sector_id) {
    void resources.invalidateQueries({ queryKey: resourceKeys.recommendations });
  }
}

/** Show an alert in the list at once; whether what set it is armed is read again. */
function takeAlert(resources: QueryClient, alert: AIAlert): void {
  resources.setQueryData<Alerts>(resourceKeys.alerts, (held) => {
    if (held === undefined) return held;
    const others = held.received.filter(({ alert_id }) => alert_id !== alert.alert_id);
    return { ...held, received: [alert, ...others] };
  });
  void resources.invalidateQueries({ queryKey: resourceKeys.alerts });
}
