import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { vi } from 'vitest';

import { AdviceApi } from '../connection/adviceApi';
import { PlayerApi } from '../connection/api';
import { AriaApi } from '../connection/ariaApi';
import { AutomationApi } from '../connection/automationApi';
import { Credentials } from '../connection/credentials';
import { OperatorApi } from '../connection/operatorApi';
import { RealtimeConnection } from '../connection/realtime';
import { TradingApi } from '../connection/tradingApi';
import { createAnnouncementStore } from '../store/announcements';
import { AriaConversation } from '../store/ariaConversation';
import { createConnectionStatusStore } from '../store/connectionStatus';
import type { OrderApi } from '../store/placeOrder';
import { createPlanStore } from '../store/plan';
import { type QuoteApi, QuoteDesk } from '../store/quoteDesk';
import { createQuoteStore } from '../store/quotes';
import { type Services, ServicesContext } from '../store/services';
import { createSessionStore, Session } from '../store/session';
import { TradeDesk } from '../store/tradeDesk';

/** Real services on fake surroundings: no socket opens, and orders and quotes go to `tradingApi`. */
export function fakeServices(tradingApi: Partial<OrderApi & QuoteApi> = {}): Services {
  const stores = {
    session: createSessionStore(),
    quotes: createQuoteStore(),
    connection: createConnectionStatusStore(),
    announcements: createAnnouncementStore(),
    plan: createPlanStore(),
  };
  const resources = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const credentials = new Credentials(vi.fn(), sessionStorage, () => 0, vi.fn());
  const api = new PlayerApi(credentials);
  const connection = new RealtimeConnection(
    'session-1',
    {
      openSocket: () => ({
        send: vi.fn(),
        close: vi.fn(),
        onopen: null,
        onmessage: null,
        onclose: null,
      }),
      nowMs: () => 0,
      timestamp: () => '2026-11-24T14:00:00.000Z',
      random: () => 0,
      after: () => () => undefined,
      accessToken: vi.fn(),
      renewToken: vi.fn(),
      commandsInDoubt: () => [],
      tickEveryMs: () => 1_000,
    },
    {
      lifecycle: vi.fn(),
      published: vi.fn(),
      gap: vi.fn(),
      refused: vi.fn(),
      resumed: vi.fn(),
      fates: vi.fn(),
      roundTrip: vi.fn(),
    },
  );
  const session = new Session(stores.session, credentials, connection, api, resources);
  const tradeDesk = new TradeDesk(
    { place: vi.fn(), fate: vi.fn(), ...tradingApi },
    resources,
    { newCommandId: () => 'c-1', sleep: () => Promise.resolve(), storage: sessionStorage },
    vi.fn(),
  );
  const aria = new AriaApi(credentials);
  let ids = 0;
  const newId = () => `id-${(ids += 1)}`;
  const quoteDesk = new QuoteDesk(
    { requestQuote: vi.fn(), quotes: vi.fn(), ...tradingApi },
    newId,
    vi.fn(),
  );
  return {
    api,
    trading: new TradingApi(credentials),
    automation: new AutomationApi(credentials),
    advice: new AdviceApi(credentials),
    aria,
    operators: new OperatorApi(credentials),
    conversation: new AriaConversation(aria, newId, (trade) => tradeDesk.takeIn(trade)),
    connection,
    session,
    tradeDesk,
    quoteDesk,
    resources,
    stores,
    newId,
  };
}

interface ProvidedProps {
  readonly services: Services;
  readonly children: ReactNode;
}

/** A component's surroundings in a test. */
export function Provided({ services, children }: ProvidedProps) {
  return (
    <ServicesContext value={services}>
      <QueryClientProvider client={services.resources}>{children}</QueryClientProvider>
    </ServicesContext>
  );
}
