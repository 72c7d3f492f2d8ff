import { commodityName } from '../../protocol/commodity';
import type { Proposal } from '../../protocol/conversation';
import type { ProposalState } from '../../store/ariaConversation';
import { useServerNow } from '../../store/serverTime';
import { useConversation, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { Figures } from '../../ui/Figures';
import { formatCredits, formatUnits } from '../../ui/format';
import styles from './ProposalCard.module.css';

/** A trade that ARIA proposes: the exact order, how long it stands, and the player's word. */
export function ProposalCard({ proposal }: { readonly proposal: Proposal }) {
  const { preview } = proposal;
  const state = useConversation().proposals[proposal.proposal_id];
  const buying = preview.side === 'buy';
  const good = commodityName(preview.commodity).toLowerCase();
  const total = buying
    ? preview.total_credits + preview.fees_credits
    : preview.total_credits - preview.fees_credits;
  return (
    <section className={styles.card} aria-label="Proposal">
      <h3 className={styles.title}>
        {buying ? 'Buy' : 'Sell'} {formatUnits(preview.quantity)} {good}
      </h3>
      <Figures
        rows={[
          ['At', preview.port_name],
          [buying ? 'Cost with fees' : 'Proceeds after fees', formatCredits(total)],
          [buying ? 'At most, a unit' : 'At least, a unit', formatCredits(preview.price_bound)],
          ['Room for the price to move', formatCredits(preview.price_allowance)],
        ]}
      />
      <Standing proposal={proposal} state={state} />
    </section>
  );
}

interface StandingProps {
  readonly proposal: Proposal;
  readonly state: ProposalState | undefined;
}

function Standing({ proposal, state }: StandingProps) {
  switch (state?.stage) {
    case 'executed': {
      const { trade } = state;
      const done = trade.side === 'buy' ? 'Bought' : 'Sold';
      return (
        <div className={styles.result} data-tone="good" role="status">
          <p>
            {done} {formatUnits(trade.quantity)} for {formatCredits(trade.total_credits)}, fees{' '}
            {formatCredits(trade.fees_credits)}. You have {formatCredits(trade.credits_after)}.
          </p>
        </div>
      );
    }
    case 'refused':
      return (
        <div className={styles.result} data-tone="bad" role="status">
          <p>{state.reason}</p>
          <code className={styles.code}>{state.code}</code>
        </div>
      );
    case 'declined':
      return (
        <p className={styles.note} role="status">
          Declined.
        </p>
      );
    case 'unknown':
    case 'confirming':
    case 'declining':
    case undefined:
      return <Decision proposal={proposal} state={state} />;
  }
}

function Decision({ proposal, state }: StandingProps) {
  const { conversation } = useServices();
  const leftMs = Date.parse(proposal.expires_at) - useServerNow(500);
  const busy = state?.stage === 'confirming' || state?.stage === 'declining';
  // After an unknown outcome the same word may be given again, whatever the clock says.
  if (leftMs <= 0 && state === undefined) {
    return <p className={styles.note}>Expired. Ask again for a new proposal.</p>;
  }
  return (
    <>
      {state?.stage === 'unknown' && (
        <p className={styles.note} role="status">
          {state.reason} Confirm again to learn the outcome: it is executed once at most.
        </p>
      )}
      <div className={styles.actions}>
        <span className={styles.note}>
          {leftMs > 0 ? `Stands for ${Math.ceil(leftMs / 1_000)} s` : ''}
        </span>
        <Button
          small
          disabled={busy}
          onClick={() => void conversation.decline(proposal.proposal_id)}
        >
          Decline
        </Button>
        <Button
          small
          look={proposal.preview.side}
          busy={busy}
          onClick={() => void conversation.confirm(proposal.proposal_id)}
        >
          Confirm
        </Button>
      </div>
    </>
  );
}
