import { type ReactNode, useCallback, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';

import { PauseBanner } from '../features/automation/PauseBanner';
import { COMMODITIES, isCommodity } from '../protocol/commodity';
import { usePermission } from '../store/permissions';
import { useLiveChannels, usePlayer, useServerStatus } from '../store/resources';
import { useGameTime, useServices } from '../store/services';
import { Button } from '../ui/Button';
import { formatCredits, formatGalaxyDate } from '../ui/format';
import { Icon, type IconName } from '../ui/Icon';
import { AboutDialog } from './AboutDialog';
import { AlertsButton } from './AlertsButton';
import { AriaDrawer } from './AriaDrawer';
import { ConnectionIndicator } from './ConnectionIndicator';
import { HaltBanner } from './HaltBanner';
import { paths } from './paths';
import styles from './Shell.module.css';
import { ShortcutsDialog } from './ShortcutsDialog';
import { type Shortcut, useShortcuts } from './useShortcuts';

interface Destination {
  readonly label: string;
  readonly icon: IconName;
  readonly path: string;
  readonly root: string;
}

const OPERATORS: Destination = {
  label: 'Operators',
  icon: 'operators',
  path: paths.operators,
  root: paths.operators,
};

/** Return the pages to go to; market and port keep the commodity that is selected. */
function destinations(location: string, operates: boolean): readonly Destination[] {
  const last = location.split('/').at(-1) ?? '';
  const commodity = isCommodity(last) ? last : 'ore';
  return [
    { label: 'Market', icon: 'market', path: paths.market(commodity), root: '/market' },
    { label: 'Port', icon: 'port', path: paths.port(commodity), root: '/port' },
    { label: 'Galaxy', icon: 'galaxy', path: paths.galaxy, root: paths.galaxy },
    {
      label: 'Automation',
      icon: 'automation',
      path: paths.automation,
      root: paths.automation,
    },
    { label: 'Ship', icon: 'ship', path: paths.ship, root: paths.ship },
    { label: 'Orders', icon: 'orders', path: paths.orders, root: paths.orders },
    ...(operates ? [OPERATORS] : []),
  ];
}

/** The frame around every page: where one is, what one has, how the line stands. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [location, navigate] = useLocation();
  const [dialog, setDialog] = useState<'shortcuts' | 'about' | null>(null);
  const [ariaOpen, setAriaOpen] = useState(false);
  const ariaButton = useRef<HTMLButtonElement>(null);
  const closeAria = useCallback(() => {
    setAriaOpen(false);
    ariaButton.current?.focus();
  }, []);
  const player = usePlayer().data;
  useLiveChannels(player?.docked_port_id ?? null);
  const pages = destinations(location, usePermission()('connections:read'));
  const shortcuts: readonly Shortcut[] = [
    ...pages.map(({ label, path }, index) => ({
      key: String(index + 1),
      does: `Go to ${label}`,
      act: () => navigate(path),
    })),
    { key: 'j', does: 'Next commodity', act: () => step(location, navigate, 1) },
    { key: 'k', does: 'Previous commodity', act: () => step(location, navigate, -1) },
    { key: 'q', does: 'Go to the quantity of the ticket', act: focusQuantity },
    { key: 'a', does: 'Ask ARIA', act: () => setAriaOpen(true) },
    { key: '?', does: 'Show these shortcuts', act: () => setDialog('shortcuts') },
  ];
  useShortcuts(shortcuts, dialog === null);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <header className={styles.header}>
        <button
          type="button"
          className={styles.brand}
          aria-label="About Sectorwars 2102"
          onClick={() => setDialog('about')}
        >
          <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
            <path className={styles.mark} d="M16 4 27 16 16 28 5 16Z" />
            <circle className={styles.core} cx="16" cy="16" r="3.4" />
          </svg>
          <span className={styles.wordmark}>Sectorwars 2102</span>
        </button>
        <PageLinks pages={pages} location={location} className={styles.nav} />
        <div className={styles.status}>
          <GalaxyClock />
          <ConnectionIndicator />
          {player !== undefined && (
            <span className={styles.credits} aria-label="Credits">
              {formatCredits(player.credits)}
            </span>
          )}
          <Button
            ref={ariaButton}
            small
            aria-label="ARIA"
            aria-expanded={ariaOpen}
            onClick={() => setAriaOpen(!ariaOpen)}
          >
            <Icon name="aria" />
            <span className={styles.ariaName}>ARIA</span>
          </Button>
          <AlertsButton />
          <SignOut />
        </div>
      </header>
      <div className={styles.body}>
        <main id="main" className={styles.main} tabIndex={-1}>
          <HaltBanner />
          <PauseBanner />
          {children}
        </main>
        {ariaOpen && <AriaDrawer onClose={closeAria} />}
      </div>
      <PageLinks pages={pages} location={location} className={styles.tabs} />
      {dialog === 'shortcuts' && (
        <ShortcutsDialog shortcuts={shortcuts} onClose={() => setDialog(null)} />
      )}
      {dialog === 'about' && <AboutDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

interface PageLinksProps {
  readonly pages: readonly Destination[];
  readonly location: string;
  readonly className: string | undefined;
}

function PageLinks({ pages, location, className }: PageLinksProps) {
  return (
    <nav className={className} aria-label="Pages">
      {pages.map(({ label, icon, path, root }) => (
        <Link
          key={label}
          href={path}
          className={styles.link}
          aria-current={location.startsWith(root) ? 'page' : undefined}
        >
          <Icon name={icon} />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}

function GalaxyClock() {
  const status = useServerStatus().data;
  const newest = useGameTime() ?? status?.game_time;
  if (newest === undefined) return null;
  return (
    <span className={styles.clock} title="Galaxy date">
      {formatGalaxyDate(newest)}
    </span>
  );
}

function SignOut() {
  const { session } = useServices();
  return (
    <Button look="quiet" small aria-label="Sign out" onClick={() => session.signOut()}>
      <Icon name="signout" />
    </Button>
  );
}

function step(location: string, navigate: (path: string) => void, by: number): void {
  const [, page, commodity = ''] = location.split('/');
  if ((page !== 'market' && page !== 'port') || !isCommodity(commodity)) return;
  const index = COMMODITIES.indexOf(commodity) + by;
  const next = COMMODITIES[(index + COMMODITIES.length) % COMMODITIES.length];
  if (next !== undefined) navigate(paths[page](next));
}

function focusQuantity(): void {
  document.querySelector<HTMLInputElement>('input[name="quantity"]')?.focus();
}
