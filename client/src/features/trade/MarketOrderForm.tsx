import { type SubmitEvent, useState } from 'react';

import { type Commodity, commodityName } from '../../protocol/commodity';
import { holdFree } from '../../protocol/ship';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Change } from '../../ui/Change';
import { Field } from '../../ui/Field';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatPrice, formatProfit, formatUnits } from '../../ui/format';
import { Switch } from '../../ui/Switch';
import { quantityError, quantityIn, unitPriceError, unitPriceIn } from './entry';
import {
  type Bound,
  type Estimate,
  estimateOrder,
  largestOrder,
  protectivePrice,
  type Side,
} from './estimate';
import { type OrderFormProps, useUnsettled } from './orderForm';
import { QuantityField } from './QuantityField';
import styles from './TradeTicket.module.css';

const BOUND_NAMES: Record<Bound, string> = {
  credits: 'by credits',
  hold: 'by hold space',
  stock: 'by stock',
  cargo: 'in your hold',
  store: 'by the port’s store',
  closed: 'not traded this way',
};

/** An order for immediate execution: all of it or as much as can be had, within a price bound. */
export function MarketOrderForm(props: OrderFormProps) {
  const { player, good, side, freeCargo, initialQuantity } = props;
  const { tradeDesk } = useServices();
  const unsettled = useUnsettled();
  const [quantityText, setQuantityText] = useState(initialQuantity?.toString() ?? '');
  const [limitText, setLimitText] = useState('');
  const [partial, setPartial] = useState(false);
  const [error, setError] = useState<string>();
  const [limitError, setLimitError] = useState<string>();

  const largest = largestOrder(good, side, {
    credits: player.credits,
    holdFree: holdFree(player.ship),
    cargo: freeCargo,
  });
  const most = { quantity: largest.quantity, why: BOUND_NAMES[largest.bound] };
  const quantity = quantityIn(quantityText);
  const estimate = quantity === null ? null : estimateOrder(good, side, quantity);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const found = quantityError(quantityText, most, side);
    const limitFault = limitText.trim() === '' ? undefined : unitPriceError(limitText);
    setError(found);
    setLimitError(limitFault);
    if (found !== undefined || limitFault !== undefined) return;
    if (quantity === null || estimate === null) return;
    void tradeDesk
      .place({
        type: 'market',
        side,
        commodity: good.commodity,
        quantity,
        limitPrice: unitPriceIn(limitText) ?? protectivePrice(side, estimate.worstPrice),
        fill: partial ? 'partial' : 'all',
        quoteId: null,
      })
      .then((outcome) => {
        // A second press of Enter must not repeat what is done.
        if (outcome?.kind === 'executed') setQuantityText('');
      });
  }

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <QuantityField
        text={quantityText}
        most={most}
        error={error}
        onChange={(text) => {
          setQuantityText(text);
          setError(undefined);
          tradeDesk.clear();
        }}
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
        error={limitError}
        onChange={(event) => {
          setLimitText(event.target.value);
          setLimitError(undefined);
        }}
      />
      <Switch
        label="Take part of it if not all can be had"
        checked={partial}
        onChange={setPartial}
      />
      <MarketFigures {...props} quantity={quantity} estimate={estimate} />
      <Button type="submit" look={side} wide busy={unsettled} disabled={most.quantity === 0}>
        {submitLabel(side, good.commodity, quantity, unsettled)}
      </Button>
    </form>
  );
}

interface MarketFiguresProps extends OrderFormProps {
  readonly quantity: number | null;
  readonly estimate: Estimate | null;
}

function MarketFigures({ player, good, side, quantity, estimate }: MarketFiguresProps) {
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
