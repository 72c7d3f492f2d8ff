import { type SubmitEvent, useState } from 'react';

import { commodityName } from '../../protocol/commodity';
import { holdFree } from '../../protocol/ship';
import { spanProgress } from '../../protocol/span';
import { useServerNow } from '../../store/serverTime';
import { useQuoteDesk, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { secondsLeft, spokenCountdown } from './countdown';
import { type Most, quantityError, quantityIn } from './entry';
import type { OrderFormProps } from './orderForm';
import { QuantityField } from './QuantityField';
import { QuoteCard } from './QuoteCard';
import { QuoteNote } from './QuoteNote';
import styles from './TradeTicket.module.css';

const DRAWN_EVERY_MS = 200;
/** The part of a port's stock (purchases) or target (sales) that one quote promises. */
const QUOTE_SHARE_PERCENT = 5;

/** A request for a binding quote, and the quote that the port gave. */
export function QuoteForm(props: OrderFormProps) {
  const { good } = props;
  const { standings, waitUntil } = useQuoteDesk();
  const nowMs = useServerNow(DRAWN_EVERY_MS);
  const standing = standings[good.commodity];
  const quote = standing?.kind === 'granted' && standing.end === null ? standing.quote : null;
  const progress =
    quote === null ? null : spanProgress({ from: quote.issued_at, until: quote.expires_at }, nowMs);
  const waitMs = waitUntil === null ? 0 : Math.max(0, Date.parse(waitUntil) - nowMs);
  const isLive = progress !== null && progress.remainingMs > 0;
  // What ran out is likely to be asked for again.
  const again = quote?.quantity ?? props.initialQuantity;
  return (
    <div className={styles.form}>
      <p className={styles.spoken} role="status">
        {progress === null ? '' : spokenCountdown(progress.remainingMs)}
      </p>
      {isLive && quote !== null ? (
        <QuoteCard quote={quote} progress={progress} />
      ) : (
        <>
          {standing !== undefined && <QuoteNote standing={standing} waitMs={waitMs} />}
          <RequestForm
            {...props}
            initialQuantity={again}
            waitMs={waitMs}
            asking={standing?.kind === 'asking'}
          />
        </>
      )}
    </div>
  );
}

interface RequestFormProps extends OrderFormProps {
  readonly waitMs: number;
  readonly asking: boolean;
}

function RequestForm(props: RequestFormProps) {
  const { good, side, port, initialQuantity, waitMs, asking } = props;
  const { quoteDesk } = useServices();
  const [text, setText] = useState(initialQuantity?.toString() ?? '');
  const [error, setError] = useState<string>();
  const most = mostQuoted(props);
  const quantity = quantityIn(text);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const found = quantityError(text, most, side);
    setError(found);
    if (found !== undefined || quantity === null) return;
    void quoteDesk.ask({ side, commodity: good.commodity, quantity });
  }

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <QuantityField
        text={text}
        most={most}
        error={error}
        onChange={(next) => {
          setText(next);
          setError(undefined);
        }}
      />
      <Button
        type="submit"
        look="primary"
        wide
        busy={asking}
        disabled={most.quantity === 0 || waitMs > 0}
      >
        {waitMs > 0
          ? `Next quote in ${secondsLeft(waitMs)} s`
          : `Ask for a quote to ${side} ${commodityName(good.commodity).toLowerCase()}`}
      </Button>
      <p className={styles.note}>
        {port.name} promises exact prices for 10 seconds and keeps the goods for you. A quote left
        to run out makes your next one wait, each time twice as long.
      </p>
    </form>
  );
}

/** Return the most that the port quotes, and that the player could carry out. */
function mostQuoted({ player, good, side, freeCargo }: OrderFormProps): Most {
  const whole = side === 'buy' ? good.stock : good.target;
  const open = side === 'buy' ? good.sells : good.buys;
  const share = open ? Math.floor((whole * QUOTE_SHARE_PERCENT) / 100) : 0;
  const means = side === 'buy' ? holdFree(player.ship) : freeCargo;
  if (!open) return { quantity: 0, why: 'not traded this way' };
  if (share <= means)
    return { quantity: share, why: `${QUOTE_SHARE_PERCENT}% of what it has room for` };
  return { quantity: means, why: side === 'buy' ? 'by hold space' : 'in your hold' };
}
