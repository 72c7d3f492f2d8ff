import { useLocation } from 'wouter';

import { RecommendationList } from '../features/advice/RecommendationList';
import { useFollow } from '../features/advice/useFollow';
import type { Recommendation } from '../protocol/advice';
import type { Commodity } from '../protocol/commodity';
import { Panel } from '../ui/Panel';
import { paths } from './paths';

interface AdvicePanelProps {
  readonly className?: string | undefined;
  /** The page with the ticket that an order is filled in on. */
  readonly ticketAt: (commodity: Commodity) => string;
}

/** What pays from here; choosing fills the ticket or shows the way. */
export function AdvicePanel({ className, ticketAt }: AdvicePanelProps) {
  const [, navigate] = useLocation();
  const follow = useFollow();
  function onFollow(recommendation: Recommendation): void {
    const sight = follow(recommendation);
    navigate(sight === 'ticket' ? ticketAt(recommendation.commodity) : paths.galaxy);
  }
  return (
    <Panel title="What pays from here" aside="after all costs" padded={false} className={className}>
      <RecommendationList onFollow={onFollow} />
    </Panel>
  );
}
