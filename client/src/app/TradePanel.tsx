import { Link } from 'wouter';

import { explain } from '../connection/problem';
import type { Side } from '../features/trade/estimate';
import { TradeTicket } from '../features/trade/TradeTicket';
import { type Commodity, commodityName } from '../protocol/commodity';
import { usePlayer, usePort } from '../store/resources';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Loading } from '../ui/State';
import { paths } from './paths';

interface TradePanelProps {
  readonly commodity: Commodity;
  readonly side: Side;
  readonly onSide: (side: Side) => void;
}

/** The ticket where the ship is docked, or what stands in the way of trading. */
export function TradePanel({ commodity, side, onSide }: TradePanelProps) {
  return (
    <Panel title={`Trade ${commodityName(commodity).toLowerCase()}`}>
      <TradeContent commodity={commodity} side={side} onSide={onSide} />
    </Panel>
  );
}

function TradeContent(props: TradePanelProps) {
  const player = usePlayer();
  const portId = player.data?.docked_port_id ?? null;
  const port = usePort(portId);
  const failed = [player, port].find((query) => query.error !== null && query.data === undefined);
  if (failed !== undefined) {
    return <Failed reason={explain(failed.error)} onRetry={() => void failed.refetch()} />;
  }
  if (player.data !== undefined && portId === null) {
    return (
      <Empty title="Not docked" action={<Link href={paths.galaxy}>Go to the galaxy</Link>}>
        Trading needs a dock. Fly to a sector with a port and dock there.
      </Empty>
    );
  }
  if (player.data === undefined || port.data === undefined) {
    return <Loading label="Loading the ticket" lines={6} />;
  }
  return <TradeTicket {...props} player={player.data} port={port.data} />;
}
