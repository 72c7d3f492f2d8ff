import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';

import type { AdviceApi } from '../connection/adviceApi';
import type { PlayerApi } from '../connection/api';
import type { AriaApi } from '../connection/ariaApi';
import type { AutomationApi } from '../connection/automationApi';
import type { OperatorApi } from '../connection/operatorApi';
import type { RealtimeConnection } from '../connection/realtime';
import type { TradingApi } from '../connection/tradingApi';
import type { Commodity } from '../protocol/commodity';
import { announce, type AnnouncementStore, type Tone } from './announcements';
import type { AriaConversation, Conversation } from './ariaConversation';
import type { ConnectionStatus, ConnectionStatusStore } from './connectionStatus';
import type { Plan, PlanStore } from './plan';
import type { QuoteDesk, QuoteDeskState } from './quoteDesk';
import { newestGameTime, type Quote, type QuoteStore } from './quotes';
import type { Session, SessionStatus, SessionStore } from './session';
import type { DeskState, TradeDesk } from './tradeDesk';

/** Everything the features use that outlives a page; made once, where the page starts. */
export interface Services {
  readonly api: PlayerApi;
  readonly trading: TradingApi;
  readonly automation: AutomationApi;
  readonly advice: AdviceApi;
  readonly aria: AriaApi;
  readonly operators: OperatorApi;
  readonly conversation: AriaConversation;
  readonly connection: RealtimeConnection;
  readonly session: Session;
  readonly tradeDesk: TradeDesk;
  readonly quoteDesk: QuoteDesk;
  readonly resources: QueryClient;
  readonly stores: {
    readonly session: SessionStore;
    readonly quotes: QuoteStore;
    readonly connection: ConnectionStatusStore;
    readonly announcements: AnnouncementStore;
    readonly plan: PlanStore;
  };
  /** Make an id that nobody else makes. */
  readonly newId: () => string;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('no ServicesContext above this component');
  return services;
}

export function useSessionStatus(): SessionStatus {
  return useStore(useServices().stores.session);
}

export function useQuote(commodity: Commodity): Quote | undefined {
  return useStore(useServices().stores.quotes, (quotes) => quotes[commodity]);
}

export function useDeskState(): DeskState {
  return useStore(useServices().tradeDesk.state);
}

export function useQuoteDesk(): QuoteDeskState {
  return useStore(useServices().quoteDesk.state);
}

export function useConversation(): Conversation {
  return useStore(useServices().conversation.state);
}

export function usePlan(): Plan {
  return useStore(useServices().stores.plan);
}

export function useConnectionStatus<Part>(select: (status: ConnectionStatus) => Part): Part {
  return useStore(useServices().stores.connection, select);
}

/** Return a function that shows and speaks a result. */
export function useAnnounce(): (tone: Tone, text: string) => void {
  const { announcements } = useServices().stores;
  return (tone, text) => announce(announcements, tone, text);
}

/** Return the galaxy's date of the newest price; undefined before the first. */
export function useGameTime(): string | undefined {
  return useStore(useServices().stores.quotes, newestGameTime);
}
