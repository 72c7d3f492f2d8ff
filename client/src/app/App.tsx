import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useCallback } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useStore } from 'zustand';

import { AuthPage } from '../features/auth/AuthPage';
import { dismiss } from '../store/announcements';
import { useAccount, usePermission } from '../store/permissions';
import { type Services, ServicesContext, useServices, useSessionStatus } from '../store/services';
import { Empty, Failed, Loading } from '../ui/State';
import { Toasts } from '../ui/Toasts';
import styles from './App.module.css';

import { MarketPage } from './MarketPage';
import { paths } from './paths';
import { PortPage } from './PortPage';
import { Shell } from './Shell';

// Pages that are not seen first come when they are gone to.
const GalaxyPage = lazy(async () => ({ default: (await import('./GalaxyPage')).GalaxyPage }));
const ShipPage = lazy(async () => ({ default: (await import('./ShipPage')).ShipPage }));
const OrdersPage = lazy(async () => ({ default: (await import('./OrdersPage')).OrdersPage }));
const AutomationPage = lazy(async () => ({
  default: (await import('../features/automation/AutomationPage')).AutomationPage,
}));
const OperatorsPage = lazy(async () => ({
  default: (await import('../features/operators/OperatorsPage')).OperatorsPage,
}));

export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesContext value={services}>
      <QueryClientProvider client={services.resources}>
        <Entrance />
        <Announcements />
      </QueryClientProvider>
    </ServicesContext>
  );
}

function Entrance() {
  const { session } = useServices();
  const { status } = useSessionStatus();
  switch (status) {
    case 'restoring':
      return (
        <main className={styles.alone}>
          <Loading label="Returning to your session" />
        </main>
      );
    case 'unreachable':
      return (
        <main className={styles.alone}>
          <Failed
            reason="The server cannot be reached. Your session is kept."
            onRetry={() => void session.restore()}
          />
        </main>
      );
    case 'signed_out':
      return (
        <Switch>
          <Route path={paths.register}>
            <AuthPage mode="register" />
          </Route>
          <Route>
            <AuthPage mode="sign_in" />
          </Route>
        </Switch>
      );
    case 'signed_in':
      return <Pages />;
  }
}

function Pages() {
  return (
    <Shell>
      <Suspense fallback={<Loading label="Loading the page" lines={8} />}>
        <Switch>
          <Route path="/market/:commodity">
            {({ commodity }) => <MarketPage commodity={commodity} />}
          </Route>
          <Route path="/port/:commodity">
            {({ commodity }) => <PortPage commodity={commodity} />}
          </Route>
          <Route path={paths.galaxy}>
            <GalaxyPage />
          </Route>
          <Route path={paths.automation}>
            <AutomationPage />
          </Route>
          <Route path={paths.ship}>
            <ShipPage />
          </Route>
          <Route path={paths.orders}>
            <OrdersPage />
          </Route>
          <Route path="/operators/:connectionId?">
            {({ connectionId }) => <Operators connectionId={connectionId ?? null} />}
          </Route>
          <Route>
            <Redirect to={paths.market('ore')} replace />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

/** The operators' page, or the way back for who may not see it. */
function Operators({ connectionId }: { readonly connectionId: string | null }) {
  const [, navigate] = useLocation();
  const may = usePermission();
  const account = useAccount();
  if (account.isLoading) return <Loading label="Loading what you may see" />;
  if (!may('connections:read') && !may('trading_controls:read')) {
    return <Empty title="Nothing to see here">This page is for operators.</Empty>;
  }
  return (
    <OperatorsPage
      connectionId={connectionId}
      onSelect={(id) => navigate(id === null ? paths.operators : paths.connection(id))}
    />
  );
}

function Announcements() {
  const { announcements } = useServices().stores;
  const shown = useStore(announcements);
  // One function for good: a new one would start every toast's time anew.
  const onDismiss = useCallback((id: number) => dismiss(announcements, id), [announcements]);
  return <Toasts toasts={shown} onDismiss={onDismiss} />;
}
