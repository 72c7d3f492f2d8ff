import { Redirect, useLocation } from 'wouter';

import { PortGoods } from '../features/market/PortGoods';
import { OpenOrdersPanel } from '../features/orders/OpenOrdersPanel';
import { OrderBookPanel } from '../features/orders/OrderBookPanel';
import { useSide } from '../features/trade/useSide';
import { type Commodity, isCommodity } from '../protocol/commodity';
import { useKnownOrders } from '../store/orders';
import { usePlayer, usePort } from '../store/resources';
import { PageTitle } from '../ui/PageTitle';
import { Panel } from '../ui/Panel';
import { AdvicePanel } from './AdvicePanel';
import { paths } from './paths';
import styles from './PortPage.module.css';
import { TradePanel } from './TradePanel';

/** The port where the ship is docked: its goods and the ticket. */
export function PortPage({ commodity }: { readonly commodity: string }) {
  if (!isCommodity(commodity)) return <Redirect to={paths.port('ore')} replace />;
  return <PortDesk commodity={commodity} />;
}

function PortDesk({ commodity }: { readonly commodity: Commodity }) {
  const [, navigate] = useLocation();
  const [side, setSide] = useSide();
  const portId = usePlayer().data?.docked_port_id ?? null;
  const port = usePort(portId).data;
  const dealsInIt = port?.goods.some((good) => good.commodity === commodity) ?? false;
  const hasOrders = useKnownOrders().length > 0;
  return (
    <div className={styles.page}>
      <PageTitle text="Port" />
      <div className={styles.market}>
        <Panel title={port?.name ?? 'Port'} padded={false} className={styles.goods}>
          <PortGoods
            portId={portId}
            selected={commodity}
            onSelect={(next) => navigate(paths.port(next), { replace: true })}
          />
        </Panel>
        {port !== undefined && dealsInIt && <OrderBookPanel port={port} commodity={commodity} />}
        {hasOrders && <OpenOrdersPanel />}
      </div>
      <div className={styles.side}>
        <TradePanel commodity={commodity} side={side} onSide={setSide} />
        <AdvicePanel ticketAt={paths.port} />
      </div>
    </div>
  );
}
