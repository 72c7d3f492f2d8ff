import { type SubmitEvent, useState } from 'react';

import { commodityName } from '../../protocol/commodity';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatUnits } from '../../ui/format';
import { Select } from '../../ui/Select';
import { Switch } from '../../ui/Switch';
import { type Most, quantityError, quantityIn, unitPriceError, unitPriceIn } from './entry';
import { largestPurchase, reserveFor, type Side } from './estimate';
import { type OrderFormProps, useUnsettled } from './orderForm';
import { QuantityField } from './QuantityField';
import styles from './TradeTicket.module.css';

const LIVES = [
  { value: '600', label: '10 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
] as const;
type Life = (typeof LIVES)[number]['value'];

/** An order that rests at the port, and is filled at its limit or better while the ship is here. */
export function LimitOrderForm(props: OrderFormProps) {
  const { player, port, good, side, freeCargo, initialQuantity } = props;
  const { tradeDesk } = useServices();
  const unsettled = useUnsettled();
  const [quantityText, setQuantityText] = useState(initialQuantity?.toString() ?? '');
  const [limitText, setLimitText] = useState('');
  const [life, setLife] = useState<Life>('86400');
  const [cancelOnDisconnect, setCancelOnDisconnect] = useState(false);
  const [errors, setErrors] = useState<{ quantity?: string; limit?: string }>({});

  const quantity = quantityIn(quantityText);
  const limitPrice = unitPriceIn(limitText);
  const portPrice = side === 'buy' ? good.ask_price : good.bid_price;
  const most = mostToRest(side, player.credits, freeCargo, limitPrice ?? portPrice);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const quantityFault = quantityError(quantityText, most, side);
    const limitFault = unitPriceError(limitText);
    setErrors({
      ...(quantityFault !== undefined && { quantity: quantityFault }),
      ...(limitFault !== undefined && { limit: limitFault }),
    });
    if (quantityFault !== undefined || quantity === null || limitPrice === null) return;
    void tradeDesk
      .place({
        type: 'limit',
        side,
        commodity: good.commodity,
        quantity,
        limitPrice,
        goodForSeconds: Number(life),
        cancelOnDisconnect,
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
        error={errors.quantity}
        onChange={(text) => {
          setQuantityText(text);
          setErrors({});
          tradeDesk.clear();
        }}
      />
      <Field
        label="Limit price"
        name="limit"
        inputMode="numeric"
        autoComplete="off"
        suffix="cr a unit"
        aside={portPrice === null ? '' : portQuote(side, portPrice)}
        hint={limitHint(side, limitPrice, portPrice)}
        error={errors.limit}
        value={limitText}
        onChange={(event) => {
          setLimitText(event.target.value);
          setErrors({});
          tradeDesk.clear();
        }}
      />
      <Select label="Good for" options={LIVES} value={life} onChange={setLife} />
      <Switch
        label="Cancel it if my connection is lost"
        checked={cancelOnDisconnect}
        onChange={setCancelOnDisconnect}
      />
      <Figures rows={[holding(side, quantity, limitPrice), ['Rests at', port.name]]} />
      <Button type="submit" look={side} wide busy={unsettled}>
        {unsettled
          ? 'Waiting for the outcome…'
          : `Place order to ${side} ${commodityName(good.commodity).toLowerCase()}`}
      </Button>
      <p className={styles.note}>
        It is filled only while you are docked at {port.name}. Elsewhere it waits for you.
      </p>
    </form>
  );
}

/** Return the largest order that can be covered: by credits at the limit, or by cargo not offered. */
function mostToRest(side: Side, credits: number, freeCargo: number, price: number | null): Most {
  if (side === 'sell') return { quantity: freeCargo, why: 'in your hold, not offered yet' };
  return { quantity: price === null ? 0 : largestPurchase(credits, price), why: 'by credits' };
}

function portQuote(side: Side, price: number): string {
  return `port ${side === 'buy' ? 'asks' : 'bids'} ${formatUnits(price)}`;
}

/** Say what becomes of an order with this limit as the market stands. */
function limitHint(side: Side, limit: number | null, portPrice: number | null): string {
  if (limit === null) {
    return side === 'buy' ? 'The most to pay for any unit.' : 'The least to take for any unit.';
  }
  if (portPrice === null) return 'The port does not deal this way: it rests for other players.';
  const crosses = side === 'buy' ? limit >= portPrice : limit <= portPrice;
  return crosses
    ? 'The port meets this limit: it begins to fill at once, at the port’s price.'
    : 'The port does not meet this limit yet: it rests until the price comes.';
}

function holding(
  side: Side,
  quantity: number | null,
  limit: number | null,
): readonly [string, string] {
  if (side === 'sell') {
    return ['Put aside', quantity === null ? '–' : `${formatUnits(quantity)} units of cargo`];
  }
  const held = quantity === null || limit === null ? null : reserveFor(limit, quantity);
  return ['Put aside, fee included', held === null ? '–' : formatCredits(held)];
}
