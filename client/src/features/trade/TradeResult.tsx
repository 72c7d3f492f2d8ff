import { commodityName } from '../../protocol/commodity';
import type { Trade } from '../../protocol/shapes';
import { useDeskState, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { formatCredits, formatPrice, formatProfit, formatUnits } from '../../ui/format';
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
      return (
        <div className={styles.result} data-tone="good">
          <p className={styles.title}>{tradeSentence(outcome.receipt.trade)}</p>
          <p>{tradeDetail(outcome.receipt.trade)}</p>
        </div>
      );
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
