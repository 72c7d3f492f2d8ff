import { QueryClientProvider } from '@tanstack/react-query';
import { Redirect, Route, Switch } from 'wouter';
import { useStore } from 'zustand';

import { AuthPage } from '../features/auth/AuthPage';
import { SectorPage } from '../features/galaxy/SectorPage';
import { dismiss } from '../store/announcements';
import { type Services, ServicesContext, useServices, useSessionStatus } from '../store/services';
import { Failed, Loading } from '../ui/State';
import { Toasts } from '../ui/Toasts';
import styles from './App.module.css';

import { HistoryPage } from './HistoryPage';
import { MarketPage } from './MarketPage';
import { paths } from './paths';
import { PortPage } from './PortPage';
import { Shell } from './Shell';
import { ShipPage } from './ShipPage';

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
      <Switch>
        <Route path="/market/:commodity">
          {({ commodity }) => <MarketPage commodity={commodity} />}
        </Route>
        <Route path="/port/:commodity">
          {({ commodity }) => <PortPage commodity={commodity} />}
        </Route>
        <Route path={paths.galaxy}>
          <SectorPage />
        </Route>
        <Route path={paths.ship}>
          <ShipPage />
        </Route>
        <Route path={paths.history}>
          <HistoryPage />
        </Route>
        <Route>
          <Redirect to={paths.market('ore')} replace />
        </Route>
      </Switch>
    </Shell>
  );
}

function Announcements() {
  const { announcements } = useServices().stores;
  const shown = useStore(announcements);
  return <Toasts toasts={shown} onDismiss={(id) => dismiss(announcements, id)} />;
}
