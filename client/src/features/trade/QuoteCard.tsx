import { commodityName } from '../../protocol/commodity';
import type { BindingQuote } from '../../protocol/order';
import type { Progress } from '../../protocol/span';
import { useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatPrice, formatUnits } from '../../ui/format';
import { secondsLeft } from './countdown';
import { useUnsettled } from './orderForm';
import styles from './QuoteCard.module.css';
import ticketStyles from './TradeTicket.module.css';

const URGENT_MS = 3_000;

interface QuoteCardProps {
  readonly quote: BindingQuote;
  readonly progress: Progress;
}

/** A live quote: the exact prices, fees and total, how long they stand, and the way to take them. */
export function QuoteCard({ quote, progress }: QuoteCardProps) {
  const { tradeDesk } = useServices();
  const unsettled = useUnsettled();
  const { side, commodity, quantity } = quote;
  const buying = side === 'buy';
  const total = quote.total_credits + (buying ? quote.fees_credits : -quote.fees_credits);
  const deal = `${buying ? 'Buy' : 'Sell'} ${formatUnits(quantity)} ${commodityName(commodity).toLowerCase()}`;
  const { remainingMs } = progress;
  return (
    <section className={styles.card} aria-label="Quote">
      <div className={styles.head}>
        <h3 className={styles.title}>{deal}</h3>
        <span className={styles.left} data-urgent={remainingMs <= URGENT_MS} aria-hidden="true">
          {secondsLeft(remainingMs)} s left
        </span>
      </div>
      <progress
        className={styles.bar}
        value={1 - progress.fraction}
        max={1}
        aria-label="Life of the quote"
      />
      <Ladder quote={quote} />
      <Figures
        rows={[
          ['Average price', formatPrice(quote.total_credits / quantity)],
          ['Goods', formatCredits(quote.total_credits)],
          ['Fee', formatCredits(quote.fees_credits)],
          [
            buying ? 'You pay' : 'You get',
            <strong key="total" className={ticketStyles.total}>
              {formatCredits(total)}
            </strong>,
          ],
        ]}
      />
      <Button
        look={side}
        wide
        busy={unsettled}
        onClick={() =>
          void tradeDesk.place({
            type: 'market',
            side,
            commodity,
            quantity,
            limitPrice: null,
            fill: 'all',
            quoteId: quote.quote_id,
          })
        }
      >
        {unsettled ? 'Waiting for the outcome…' : `${deal} at this quote`}
      </Button>
      <p className={ticketStyles.note}>
        Nobody else can take these units while it stands. Prices of market version{' '}
        {formatUnits(quote.market_version)}.
      </p>
    </section>
  );
}

/** How many units at which price, as they would be filled. */
function Ladder({ quote }: { readonly quote: BindingQuote }) {
  return (
    <div className={styles.ladder}>
      <table className={styles.rungs} aria-label="Prices of the quote">
        <thead>
          <tr>
            <th scope="col">Units</th>
            <th scope="col">Price</th>
            <th scope="col">Credits</th>
          </tr>
        </thead>
        <tbody>
          {quote.fills.map(({ price_credits: price, quantity }) => (
            <tr key={price}>
              <td>{formatUnits(quantity)}</td>
              <td>{formatUnits(price)}</td>
              <td>{formatUnits(price * quantity)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
