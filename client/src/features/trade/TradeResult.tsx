import { commodityName } from '../../protocol/commodity';
import type { Order, PlacedOrder, Receipt } from '../../protocol/order';
import type { Trade } from '../../protocol/trade';
import { useDeskState, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import {
  formatCredits,
  formatLocalTime,
  formatPrice,
  formatProfit,
  formatUnits,
} from '../../ui/format';
import styles from './TradeResult.module.css';

/** What became of the latest order, shown and spoken. */
export function TradeResult() {
  return (
    <div role="status" aria-live="polite" data-trade-result>
      <Result />
    </div>
  );
}

function Result() {
  const { tradeDesk } = useServices();
  const desk = useDeskState();
  switch (desk.stage) {
    case 'idle':
    case 'sending':
      return null;
    case 'doubtful':
      return (
        <div className={styles.result} data-tone="doubt">
          <p className={styles.title}>No answer yet</p>
          <p>Asking the server what became of your order. It will not be executed twice.</p>
        </div>
      );
    case 'settled':
      break;
  }
  const { outcome } = desk;
  switch (outcome.kind) {
    case 'executed':
      return <Executed order={desk.order} receipt={outcome.receipt} />;
    case 'refused':
      return (
        <div className={styles.result} data-tone="bad">
          <p className={styles.title}>Refused</p>
          <p>{outcome.reason}</p>
          <p className={styles.code}>{outcome.code}</p>
        </div>
      );
    case 'unknown':
      return (
        <div className={styles.result} data-tone="doubt">
          <p className={styles.title}>Outcome unknown</p>
          <p>The server cannot be reached. Your order is executed once or not at all.</p>
          <Button small onClick={() => void tradeDesk.inquire()}>
            Ask again
          </Button>
        </div>
      );
  }
}

function Executed({ order, receipt }: { readonly order: Order; readonly receipt: Receipt }) {
  if ('order' in receipt) {
    return (
      <div className={styles.result} data-tone="good">
        <p className={styles.title}>{placedSentence(receipt.order)}</p>
        <p>{placedDetail(receipt.order)}</p>
      </div>
    );
  }
  const { trade } = receipt;
  return (
    <div className={styles.result} data-tone="good">
      <p className={styles.title}>{tradeSentence(trade)}</p>
      {trade.quantity < order.quantity && (
        <p>That is all that could be had of the {formatUnits(order.quantity)} you asked for.</p>
      )}
      <p>{tradeDetail(trade)}</p>
    </div>
  );
}

/** Say what a trade was. */
export function tradeSentence(trade: Trade): string {
  const verb = trade.side === 'buy' ? 'Bought' : 'Sold';
  const good = commodityName(trade.commodity).toLowerCase();
  const average = formatPrice(trade.total_credits / trade.quantity);
  return `${verb} ${formatUnits(trade.quantity)} ${good} at ${average} on average`;
}

function tradeDetail(trade: Trade): string {
  const fee = formatCredits(trade.fees_credits);
  if (trade.side === 'buy') {
    return `Paid ${formatCredits(trade.total_credits + trade.fees_credits)}, of which ${fee} in fees.`;
  }
  const got = formatCredits(trade.total_credits - trade.fees_credits);
  const profit =
    trade.profit_credits === null ? '' : ` Profit ${formatProfit(trade.profit_credits)}.`;
  return `Received ${got} after ${fee} in fees.${profit}`;
}

function placedSentence(order: PlacedOrder): string {
  const what = `${order.side} ${formatUnits(order.quantity)} ${commodityName(order.commodity).toLowerCase()}`;
  return `Order to ${what} at ${formatUnits(order.limit_credits)} placed`;
}

/** Say what of an order was filled at once, and what becomes of the rest. */
function placedDetail(order: PlacedOrder): string {
  const filled =
    order.filled === 0
      ? ''
      : `${formatUnits(order.filled)} filled at once at ${formatPrice(order.filled_credits / order.filled)} on average. `;
  if (order.close_reason === 'filled') return `${filled}Nothing is left to fill.`;
  const rest = formatUnits(order.quantity - order.filled);
  return `${filled}${rest} rest in the book until ${formatLocalTime(order.expires_at)}.`;
}
