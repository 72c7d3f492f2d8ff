import { explain } from '../connection/problem';
import { CargoTable } from '../features/portfolio/CargoTable';
import { ProfitPanel } from '../features/portfolio/ProfitPanel';
import { ShipSummary } from '../features/portfolio/ShipSummary';
import { usePlayer, usePort } from '../store/resources';
import { PageTitle } from '../ui/PageTitle';
import { Panel } from '../ui/Panel';
import { Failed, Loading } from '../ui/State';
import { paths } from './paths';
import styles from './ShipPage.module.css';

/** The ship, the player's means, and the cargo at cost and at what it would bring. */
export function ShipPage() {
  const player = usePlayer();
  const port = usePort(player.data?.docked_port_id ?? null).data;
  if (player.data === undefined) {
    return (
      <Panel title="Ship">
        {player.error === null ? (
          <Loading label="Loading your ship" />
        ) : (
          <Failed reason={explain(player.error)} onRetry={() => void player.refetch()} />
        )}
      </Panel>
    );
  }
  return (
    <div className={styles.page}>
      <PageTitle text="Ship" />
      <Panel title="Ship" aside={player.data.username}>
        <ShipSummary player={player.data} />
      </Panel>
      <Panel title="Cargo" padded={false}>
        <CargoTable player={player.data} port={port} />
      </Panel>
      <ProfitPanel tradesAt={paths.orders} />
    </div>
  );
}
