import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { vi } from 'vitest';

import { PlayerApi } from '../connection/api';
import { Credentials } from '../connection/credentials';
import { RealtimeConnection } from '../connection/realtime';
import { createAnnouncementStore } from '../store/announcements';
import { createConnectionStatusStore } from '../store/connectionStatus';
import type { TradeApi } from '../store/placeTrade';
import { createQuoteStore } from '../store/quotes';
import { type Services, ServicesContext } from '../store/services';
import { createSessionStore, Session } from '../store/session';
import { TradeDesk } from '../store/tradeDesk';

/** Real services on fake surroundings: no socket opens, and trades go to `tradeApi`. */
export function fakeServices(tradeApi: Partial<TradeApi> = {}): Services {
  const stores = {
    session: createSessionStore(),
    quotes: createQuoteStore(),
    connection: createConnectionStatusStore(),
    announcements: createAnnouncementStore(),
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
    },
    { lifecycle: vi.fn(), published: vi.fn(), gap: vi.fn(), roundTrip: vi.fn() },
  );
  const session = new Session(stores.session, credentials, connection, api, resources);
  const tradeDesk = new TradeDesk(
    { trade: vi.fn(), fate: vi.fn(), ...tradeApi },
    resources,
    { newCommandId: () => 'c-1', sleep: () => Promise.resolve() },
    vi.fn(),
  );
  return { api, connection, session, tradeDesk, resources, stores };
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
