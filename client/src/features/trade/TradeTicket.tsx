import { type SubmitEvent, useState } from 'react';

import type { Order } from '../../connection/api';
import { type Commodity, commodityName } from '../../protocol/commodity';
import type { PlayerState, PortGood, PortMarket } from '../../protocol/shapes';
import { holdFree } from '../../protocol/ship';
import { useDeskState, usePlan, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Change } from '../../ui/Change';
import { Field } from '../../ui/Field';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatPrice, formatProfit, formatUnits } from '../../ui/format';
import { Segments } from '../../ui/Segments';
import { Empty } from '../../ui/State';
import {
  type Bound,
  type Estimate,
  estimateOrder,
  type Largest,
  largestOrder,
  protectivePrice,
  type Side,
} from './estimate';
import { TradeResult } from './TradeResult';
import styles from './TradeTicket.module.css';

/** Marks the quantity input for the keyboard shortcuts. */
export const QUANTITY_INPUT_NAME = 'quantity';

interface TradeTicketProps {
  readonly player: PlayerState;
  readonly port: PortMarket;
  readonly commodity: Commodity;
  readonly side: Side;
  readonly onSide: (side: Side) => void;
}

/** An order for the selected good at the port where the ship is docked. */
export function TradeTicket({ player, port, commodity, side, onSide }: TradeTicketProps) {
  const good = port.goods.find((candidate) => candidate.commodity === commodity);
  const { draft } = usePlan();
  const filledIn =
    draft !== null && draft.commodity === commodity && draft.side === side ? draft : null;
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
        <OrderForm
          key={`${commodity} ${side} ${filledIn?.serial ?? ''}`}
          player={player}
          good={good}
          side={side}
          initialQuantity={filledIn?.quantity ?? null}
        />
      )}
      <TradeResult />
    </div>
  );
}

interface OrderProps {
  readonly player: PlayerState;
  readonly good: PortGood;
  readonly side: Side;
}

interface OrderFormProps extends OrderProps {
  /** What a recommendation filled in; null where the player begins with nothing. */
  readonly initialQuantity: number | null;
}

function OrderForm({ player, good, side, initialQuantity }: OrderFormProps) {
  const { tradeDesk } = useServices();
  const desk = useDeskState();
  const [quantityText, setQuantityText] = useState(initialQuantity?.toString() ?? '');
  const [limitText, setLimitText] = useState('');
  const [error, setError] = useState<string>();

  const cargo = player.ship.cargo[good.commodity] ?? 0;
  const largest = largestOrder(good, side, {
    credits: player.credits,
    holdFree: holdFree(player.ship),
    cargo,
  });
  const quantity = wholeNumber(quantityText);
  const limit = wholeNumber(limitText);
  const estimate = quantity === null ? null : estimateOrder(good, side, quantity);
  const unsettled =
    desk.stage === 'sending' ||
    desk.stage === 'doubtful' ||
    (desk.stage === 'settled' && desk.outcome.kind === 'unknown');

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const found = quantityError(quantityText, largest, side);
    setError(found);
    if (found !== undefined || quantity === null || estimate === null) return;
    const limitPrice = limit ?? protectivePrice(side, estimate.worstPrice);
    const order: Order = { side, commodity: good.commodity, quantity, limitPrice };
    void tradeDesk.place(order).then((outcome) => {
      // A second press of Enter must not repeat what is done.
      if (outcome?.kind === 'executed') setQuantityText('');
    });
  }

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Field
        label="Quantity"
        name={QUANTITY_INPUT_NAME}
        inputMode="numeric"
        autoComplete="off"
        placeholder="0"
        aside={`max ${formatUnits(largest.quantity)} · ${BOUND_NAMES[largest.bound]}`}
        value={quantityText}
        error={error}
        onChange={(event) => {
          setQuantityText(event.target.value);
          setError(undefined);
          tradeDesk.clear();
        }}
        suffix={
          <button
            type="button"
            className={styles.max}
            disabled={largest.quantity === 0}
            onClick={() => setQuantityText(String(largest.quantity))}
          >
            Max
          </button>
        }
      />
      <Field
        label={side === 'buy' ? 'Most to pay a unit' : 'Least to take a unit'}
        aside="optional"
        name="limit"
        inputMode="numeric"
        autoComplete="off"
        placeholder={
          estimate === null ? '' : formatUnits(protectivePrice(side, estimate.worstPrice))
        }
        hint="Left empty, the order is refused if the price moves by more than 2%."
        value={limitText}
        onChange={(event) => setLimitText(event.target.value)}
      />
      <OrderFigures
        player={player}
        good={good}
        side={side}
        quantity={quantity}
        estimate={estimate}
      />
      <Button type="submit" look={side} wide busy={unsettled} disabled={largest.quantity === 0}>
        {submitLabel(side, good.commodity, quantity, unsettled)}
      </Button>
    </form>
  );
}

interface OrderFiguresProps extends OrderProps {
  readonly quantity: number | null;
  readonly estimate: Estimate | null;
}

function OrderFigures({ player, good, side, quantity, estimate }: OrderFiguresProps) {
  const price = side === 'buy' ? good.ask_price : good.bid_price;
  const cost = player.average_cost[good.commodity];
  const none = '–';
  const profit =
    side === 'sell' && estimate !== null && quantity !== null && cost !== undefined
      ? Math.round(estimate.totalCredits - cost * quantity)
      : null;
  return (
    <Figures
      rows={[
        [
          side === 'buy' ? 'Port sells at' : 'Port buys at',
          price === null ? none : formatUnits(price),
        ],
        ['Average price', estimate === null ? none : formatPrice(estimate.averagePrice)],
        ['Fee, 1%', estimate === null ? none : formatCredits(estimate.feeCredits)],
        [
          side === 'buy' ? 'Estimated cost' : 'Estimated proceeds',
          <strong key="total" className={styles.total}>
            {estimate === null ? none : formatCredits(estimate.totalCredits)}
          </strong>,
        ],
        ...(profit === null
          ? []
          : ([
              ['Estimated profit', <Change key="p" value={profit} text={formatProfit(profit)} />],
            ] as const)),
      ]}
    />
  );
}

const BOUND_NAMES: Record<Bound, string> = {
  credits: 'by credits',
  hold: 'by hold space',
  stock: 'by stock',
  cargo: 'in your hold',
  store: 'by the port’s store',
  closed: 'not traded this way',
};

/** Read a whole number above zero; null for anything else. */
function wholeNumber(text: string): number | null {
  const trimmed = text.replaceAll(/[\s,]/g, '');
  const value = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : 0;
  return value > 0 ? value : null;
}

function quantityError(text: string, largest: Largest, side: Side): string | undefined {
  const quantity = wholeNumber(text);
  if (quantity === null) return 'Enter a whole number of units, 1 or more.';
  if (quantity <= largest.quantity) return undefined;
  const most = formatUnits(largest.quantity);
  return `You can ${side} at most ${most}, ${BOUND_NAMES[largest.bound]}.`;
}

function submitLabel(
  side: Side,
  commodity: Commodity,
  quantity: number | null,
  unsettled: boolean,
): string {
  if (unsettled) return 'Waiting for the outcome…';
  const verb = side === 'buy' ? 'Buy' : 'Sell';
  const units = quantity === null ? '' : ` ${formatUnits(quantity)}`;
  return `${verb}${units} ${commodityName(commodity).toLowerCase()}`;
}
