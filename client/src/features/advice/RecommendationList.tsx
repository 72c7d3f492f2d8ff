import { explain } from '../../connection/problem';
import type { Recommendation } from '../../protocol/advice';
import { commodityName } from '../../protocol/commodity';
import { useRecommendations } from '../../store/advice';
import { formatProfit, formatUnits } from '../../ui/format';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './RecommendationList.module.css';

interface RecommendationListProps {
  readonly onFollow: (recommendation: Recommendation) => void;
}

/** What pays from here: each trade with its ports, its profit after all costs, and its time. */
export function RecommendationList({ onFollow }: RecommendationListProps) {
  const advice = useRecommendations();
  if (advice.data === undefined) {
    return advice.error === null ? (
      <Loading label="Reckoning what pays" />
    ) : (
      <Failed reason={explain(advice.error)} onRetry={() => void advice.refetch()} />
    );
  }
  const { recommendations } = advice.data;
  if (recommendations.length === 0) {
    return (
      <Empty title="Nothing pays from here just now">
        After taxes, docking and the way, no trade within reach brings a profit at these prices.
      </Empty>
    );
  }
  return (
    <ul aria-label="What pays from here">
      {recommendations.map((recommendation) => (
        <li
          key={`${recommendation.commodity} ${recommendation.buy?.port_id ?? ''} ${recommendation.sell.port_id}`}
        >
          <button type="button" className={styles.row} onClick={() => onFollow(recommendation)}>
            <span className={styles.trade}>
              <span className={styles.good}>
                {formatUnits(recommendation.quantity)} {commodityName(recommendation.commodity)}
              </span>
              <span className={styles.way}>{wayWords(recommendation)}</span>
            </span>
            <span className={styles.figures}>
              <span className={styles.profit}>{formatProfit(recommendation.profit_credits)}</span>
              <span className={styles.way}>{timeWords(recommendation)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Say from where to where a recommendation leads. */
export function wayWords({ buy, sell }: Recommendation): string {
  const from = buy === null ? 'aboard' : buy.port_name;
  return `${from} → ${sell.port_name}`;
}

function timeWords({ travel_seconds, turns }: Recommendation): string {
  if (turns === 0) return 'here';
  return `${travel_seconds} s, ${turns === 1 ? '1 turn' : `${turns} turns`}`;
}
