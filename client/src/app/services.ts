import { QueryClient } from '@tanstack/react-query';

import { AdviceApi } from '../connection/adviceApi';
import { PlayerApi, refresh } from '../connection/api';
import { AriaApi } from '../connection/ariaApi';
import { AutomationApi } from '../connection/automationApi';
import { Credentials } from '../connection/credentials';
import { OperatorApi } from '../connection/operatorApi';
import { ApiProblem, NoAnswer } from '../connection/problem';
import { RealtimeConnection, type Socket } from '../connection/realtime';
import { TradingApi } from '../connection/tradingApi';
import { closeSentence } from '../features/orders/words';
import { commodityName } from '../protocol/commodity';
import type { Order } from '../protocol/order';
import { announce, createAnnouncementStore } from '../store/announcements';
import { AriaConversation } from '../store/ariaConversation';
import { createConnectionStatusStore } from '../store/connectionStatus';
import { heedRefusal } from '../store/halt';
import { liveListener, type NewsDesk } from '../store/live';
import type { Outcome } from '../store/placeOrder';
import { createPlanStore } from '../store/plan';
import { QuoteDesk } from '../store/quoteDesk';
import { createQuoteStore } from '../store/quotes';
import type { Services } from '../store/services';
import { createSessionStore, Session } from '../store/session';
import { TradeDesk } from '../store/tradeDesk';

const READ_ATTEMPTS = 3;

/** Wire up everything that outlives a page. The only place that names the browser's globals. */
export function createServices(): Services {
  const stores = {
    session: createSessionStore(),
    quotes: createQuoteStore(),
    connection: createConnectionStatusStore(),
    announcements: createAnnouncementStore(),
    plan: createPlanStore(),
  };
  const newId = () => crypto.randomUUID();
  const news: NewsDesk = {
    // The numbers of an opportunity are in the list of alerts and beside the ticket.
    alert: ({ kind, title, message }) =>
      announce(
        stores.announcements,
        'plain',
        kind === 'opportunity' ? title : `${title}. ${message}`,
      ),
    automatedTrade: (reasoning) => announce(stores.announcements, 'good', reasoning),
    orderClosed: (order, commandId) => {
      // What the player just ordered or cancelled is told where he did it.
      if (order.close_reason === 'cancelled') return;
      if (commandId !== null && tradeDesk.commandsInDoubt.includes(commandId)) return;
      const tone = order.close_reason === 'filled' ? 'good' : 'plain';
      announce(stores.announcements, tone, closeSentence(order));
    },
    quoteGiven: (quote) => quoteDesk.take(quote),
    quoteClosed: (close) => quoteDesk.close(close),
    quotesMissed: () => void quoteDesk.restore(),
    updatesRefused: (reason) =>
      announce(
        stores.announcements,
        'bad',
        `Part of this page stands still: ${reason} Reload it to ask again.`,
      ),
    fates: (commands) => tradeDesk.learn(commands),
  };
  const resources = new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, staleTime: 1_000 } },
  });
  const credentials = new Credentials(refresh, window.sessionStorage, Date.now, () =>
    session.ended(),
  );
  const api = new PlayerApi(credentials);
  const trading = new TradingApi(credentials);
  const connection = new RealtimeConnection(
    newId(),
    {
      openSocket: () => new WebSocket(socketAddress(window.location)) as Socket,
      nowMs: () => performance.now(),
      timestamp: () => new Date().toISOString(),
      random: Math.random,
      after: (delayMs, task) => {
        const timer = setTimeout(task, delayMs);
        return () => clearTimeout(timer);
      },
      accessToken: () => credentials.accessToken(),
      renewToken: () => credentials.renew(),
      commandsInDoubt: () => tradeDesk.commandsInDoubt,
      tickEveryMs: () => stores.connection.getState().tickEveryMs,
    },
    liveListener({ ...stores, resources }, news, Date.now),
  );
  const session = new Session(stores.session, credentials, connection, api, resources);
  const quoteDesk = new QuoteDesk(trading, newId, (code) => heedRefusal(resources, code));
  const tradeDesk = new TradeDesk(
    trading,
    resources,
    {
      newCommandId: newId,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      storage: window.sessionStorage,
    },
    (order, outcome) => {
      if (outcome.kind === 'refused') heedRefusal(resources, outcome.code);
      if (order.type === 'market' && order.quoteId !== null) {
        if (outcome.kind === 'executed')
          quoteDesk.close({ quote_id: order.quoteId, reason: 'used' });
      }
      // The ticket shows the outcome too, but the player may be on another page by then.
      const [tone, text] = outcomeLine(outcome, order);
      if (window.document.querySelector('[data-trade-result]') === null) {
        announce(stores.announcements, tone, text);
      }
    },
  );
  const aria = new AriaApi(credentials);
  const conversation = new AriaConversation(aria, newId, (trade) => tradeDesk.takeIn(trade));
  stores.session.subscribe(({ status }) => {
    if (status === 'signed_in') {
      void tradeDesk.resume();
      void quoteDesk.restore();
    }
    if (status !== 'signed_out') return;
    tradeDesk.vacate();
    quoteDesk.vacate();
    conversation.begin();
    stores.plan.setState(stores.plan.getInitialState(), true);
  });
  window.addEventListener('online', () => connection.wake());
  window.document.addEventListener('visibilitychange', () => {
    if (window.document.visibilityState === 'visible') connection.wake();
  });
  return {
    api,
    trading,
    automation: new AutomationApi(credentials),
    advice: new AdviceApi(credentials),
    aria,
    operators: new OperatorApi(credentials),
    conversation,
    connection,
    session,
    tradeDesk,
    quoteDesk,
    resources,
    stores,
    newId,
  };
}

function outcomeLine(outcome: Outcome, order: Order): readonly ['good' | 'bad', string] {
  const what = `${order.side} ${order.quantity} ${commodityName(order.commodity).toLowerCase()}`;
  switch (outcome.kind) {
    case 'executed':
      return ['good', `${order.type === 'limit' ? 'Placed' : 'Executed'}: ${what}.`];
    case 'refused':
      return ['bad', `Refused: ${what}. ${outcome.reason}`];
    case 'unknown':
      return ['bad', `Outcome unknown: ${what}. Open the ticket to ask again.`];
  }
}

function socketAddress(page: Location): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws/realtime`;
}

function worthRetrying(failures: number, error: unknown): boolean {
  if (failures >= READ_ATTEMPTS) return false;
  return error instanceof NoAnswer || (error instanceof ApiProblem && error.retry === 'later');
}
