import { useState } from 'react';

import { OpenOrdersPanel } from '../features/orders/OpenOrdersPanel';
import { OrderHistory } from '../features/orders/OrderHistory';
import { HistoryTable } from '../features/portfolio/HistoryTable';
import { PageTitle } from '../ui/PageTitle';
import { Panel } from '../ui/Panel';
import { Segments } from '../ui/Segments';
import styles from './OrdersPage.module.css';

/** What the player has open everywhere, and every trade and order of his past. */
export function OrdersPage() {
  const [past, setPast] = useState<'trades' | 'orders'>('trades');
  return (
    <div className={styles.page}>
      <PageTitle text="Orders" />
      <OpenOrdersPanel />
      <Panel
        title="History"
        padded={false}
        aside={
          <Segments
            label="History of"
            value={past}
            onChange={setPast}
            options={[
              { value: 'trades', label: 'Trades' },
              { value: 'orders', label: 'Orders' },
            ]}
          />
        }
      >
        {past === 'trades' ? <HistoryTable /> : <OrderHistory />}
      </Panel>
    </div>
  );
}
