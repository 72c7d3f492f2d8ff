import { useState } from 'react';

import { type Commodity, commodityName } from '../../protocol/commodity';
import type { PlayerState, PortMarket } from '../../protocol/shapes';
import { letsTrade } from '../../store/halt';
import { unitsOffered } from '../../store/openOrders';
import { useKnownOrders } from '../../store/orders';
import { usePlan } from '../../store/services';
import { Segments } from '../../ui/Segments';
import { Empty } from '../../ui/State';
import type { Side } from './estimate';
import { haltWords } from './haltWords';
import { LimitOrderForm } from './LimitOrderForm';
import { MarketOrderForm } from './MarketOrderForm';
import { QuoteForm } from './QuoteForm';
import { TradeResult } from './TradeResult';
import styles from './TradeTicket.module.css';

type OrderType = 'market' | 'quote' | 'limit';

const ORDER_TYPES: readonly { readonly value: OrderType; readonly label: string }[] = [
  { value: 'market', label: 'Market' },
  { value: 'quote', label: 'Quote' },
  { value: 'limit', label: 'Limit' },
];

interface TradeTicketProps {
  readonly player: PlayerState;
  readonly port: PortMarket;
  readonly commodity: Commodity;
  readonly side: Side;
  readonly onSide: (side: Side) => void;
}

/** An order for the selected good at the port where the ship is docked. */
export function TradeTicket({ player, port, commodity, side, onSide }: TradeTicketProps) {
  const [type, setType] = useState<OrderType>('market');
  const open = useKnownOrders();
  const { draft } = usePlan();
  const good = port.goods.find((candidate) => candidate.commodity === commodity);
  const filledIn =
    draft !== null && draft.commodity === commodity && draft.side === side ? draft : null;
  const form = {
    player,
    port,
    side,
    freeCargo: (player.ship.cargo[commodity] ?? 0) - unitsOffered(open, commodity),
    initialQuantity: filledIn?.quantity ?? null,
  };
  const letThrough = letsTrade(player.trading_state, side);
  const key = `${commodity} ${side} ${filledIn?.serial ?? ''}`;
  return (
    <div className={styles.ticket}>
      <Segments
        label="Side"
        wide
        value={side}
        onChange={onSide}
        options={[
          { value: 'buy', label: 'Buy', tone: 'up' },
          { value: 'sell', label: 'Sell', tone: 'down' },
        ]}
      />
      {good === undefined ? (
        <Empty title={`No ${commodityName(commodity).toLowerCase()} here`}>
          {port.name} does not deal in it. Choose one of the goods it lists.
        </Empty>
      ) : (
        <>
          <Segments label="Order type" wide value={type} onChange={setType} options={ORDER_TYPES} />
          <fieldset className={styles.fields} aria-label="Order" disabled={!letThrough}>
            {type === 'market' && <MarketOrderForm key={key} {...form} good={good} />}
            {type === 'quote' && <QuoteForm key={key} {...form} good={good} />}
            {type === 'limit' && <LimitOrderForm key={key} {...form} good={good} />}
          </fieldset>
          {!letThrough && (
            <p className={styles.halted}>{haltWords(player.trading_state)?.title}.</p>
          )}
        </>
      )}
      <TradeResult />
    </div>
  );
}
