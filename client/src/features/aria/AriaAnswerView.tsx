import type { AriaAnswer, Source } from '../../protocol/conversation';
import { useServerNow } from '../../store/serverTime';
import { formatAge, formatUnits } from '../../ui/format';
import styles from './AriaAnswerView.module.css';
import { ProposalCard } from './ProposalCard';

/** An answer as text, the tools that its figures came from, and the trades that it proposes. */
export function AriaAnswerView({ answer }: { readonly answer: AriaAnswer }) {
  return (
    <article className={styles.answer} aria-label="ARIA">
      <p className={styles.text}>{answer.answer}</p>
      {answer.proposals.map((proposal) => (
        <ProposalCard key={proposal.proposal_id} proposal={proposal} />
      ))}
      {answer.sources.length > 0 && (
        <details className={styles.sources}>
          <summary>
            {answer.sources.length === 1 ? '1 source' : `${answer.sources.length} sources`} ·{' '}
            {answer.provider}
          </summary>
          <SourceList sources={answer.sources} />
        </details>
      )}
    </article>
  );
}

function SourceList({ sources }: { readonly sources: readonly Source[] }) {
  const nowMs = useServerNow(1_000);
  return (
    <ul>
      {sources.map(({ tool, market_version, as_of }, index) => (
        <li key={index}>
          {tool.replaceAll('_', ' ')}
          {market_version !== null && `, market version ${formatUnits(market_version)}`},{' '}
          {formatAge(nowMs - Date.parse(as_of))} old
        </li>
      ))}
    </ul>
  );
}
