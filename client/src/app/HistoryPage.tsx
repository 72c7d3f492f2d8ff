import { HistoryTable } from '../features/portfolio/HistoryTable';
import { PageTitle } from '../ui/PageTitle';
import { Panel } from '../ui/Panel';
import styles from './HistoryPage.module.css';

/** Every trade of the player. */
export function HistoryPage() {
  return (
    <div className={styles.page}>
      <PageTitle text="History" />
      <Panel title="Trades" padded={false}>
        <HistoryTable />
      </Panel>
    </div>
  );
}
