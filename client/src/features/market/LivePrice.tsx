import type { Quote } from '../../store/quotes';
import { formatPrice } from '../../ui/format';
import styles from './LivePrice.module.css';

/** A price that lights up for a moment in the direction in which it went. */
export function LivePrice({ quote }: { readonly quote: Quote }) {
  const { market, lastMove } = quote;
  return (
    <span key={market.price} className={styles.price} data-move={lastMove}>
      {formatPrice(market.price)}
    </span>
  );
}
