import { Redirect, useLocation } from 'wouter';

import { SetAlertButton } from '../features/alerts/SetAlertButton';
import { CommodityTable } from '../features/market/CommodityTable';
import { Instrument } from '../features/market/Instrument';
import { PortGoods } from '../features/market/PortGoods';
import { CargoTable } from '../features/portfolio/CargoTable';
import { useSide } from '../features/trade/useSide';
import { type Commodity, isCommodity } from '../protocol/commodity';
import { usePlayer, usePort } from '../store/resources';
import { Panel } from '../ui/Panel';
import { AdvicePanel } from './AdvicePanel';
import styles from './MarketPage.module.css';
import { paths } from './paths';
import { TradePanel } from './TradePanel';

/** The dashboard: commodities, the chart of one, the port's goods, the ticket, the cargo. */
export function MarketPage({ commodity }: { readonly commodity: string }) {
  if (!isCommodity(commodity)) return <Redirect to={paths.market('ore')} replace />;
  return <Dashboard commodity={commodity} />;
}

function Dashboard({ commodity }: { readonly commodity: Commodity }) {
  const [, navigate] = useLocation();
  const [side, setSide] = useSide();
  const player = usePlayer().data;
  const portId = player?.docked_port_id ?? null;
  const port = usePort(portId).data;
  const select = (next: Commodity) => navigate(paths.market(next));
  const docked = port === undefined ? null : { id: port.port_id, name: port.name };
  return (
    <div className={styles.page}>
      <div className={styles.list}>
        <Panel
          title="Galaxy market"
          aside="index prices"
          padded={false}
          className={styles.commodities}
        >
          <CommodityTable selected={commodity} onSelect={select} />
        </Panel>
        <Panel title="Cargo" padded={false} className={styles.cargo}>
          {player !== undefined && <CargoTable player={player} port={port} />}
        </Panel>
      </div>
      <div className={styles.centre}>
        <Instrument
          commodity={commodity}
          port={docked}
          actions={<SetAlertButton commodity={commodity} port={docked} />}
        />
        <Panel
          title={port === undefined ? 'Port' : port.name}
          aside={port === undefined ? undefined : 'docked here'}
          padded={false}
          className={styles.goods}
        >
          <PortGoods portId={portId} selected={commodity} onSelect={select} />
        </Panel>
      </div>
      <div className={styles.ticket}>
        <TradePanel commodity={commodity} side={side} onSide={setSide} />
        <AdvicePanel ticketAt={paths.market} />
      </div>
    </div>
  );
}
