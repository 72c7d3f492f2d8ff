import { createStore, type StoreApi } from 'zustand/vanilla';

import type { AriaApi } from '../connection/ariaApi';
import { ApiProblem, explain } from '../connection/problem';
import type { AriaAnswer, ConversationExport } from '../protocol/conversation';
import type { Trade } from '../protocol/trade';

/** A line of the conversation; what failed can be said again. */
export type Turn =
  | { readonly id: string; readonly author: 'player' | 'aria'; readonly text: string }
  | { readonly id: string; readonly author: 'aria_now'; readonly answer: AriaAnswer }
  | {
      readonly id: string;
      readonly author: 'failure';
      readonly text: string;
      /** Null where saying it once more would fail once more. */
      readonly said: string | null;
    };

/** Where a proposal stands that is no longer, or not only, waiting for the player's word. */
export type ProposalState =
  | { readonly stage: 'confirming' | 'declining' | 'declined' }
  | { readonly stage: 'executed'; readonly trade: Trade }
  | { readonly stage: 'refused'; readonly code: string; readonly reason: string }
  /** No answer came; confirming again executes it once at most. */
  | { readonly stage: 'unknown'; readonly reason: string };

export interface Conversation {
  readonly conversationId: string | null;
  readonly turns: readonly Turn[];
  readonly waiting: boolean;
  /** By the proposal's id; one that only waits is not in it. */
  readonly proposals: Readonly<Record<string, ProposalState>>;
}

const NEW: Conversation = { conversationId: null, turns: [], waiting: false, proposals: {} };

type ConversationApi = Pick<AriaApi, 'say' | 'confirm' | 'decline'>;

/** The conversation with ARIA that stands open; it outlives the drawer on the screen. */
export class AriaConversation {
  readonly state: StoreApi<Conversation> = createStore<Conversation>(() => NEW);

  /** Rises when another conversation begins, so that a late answer is not put into it. */
  private sitting = 0;

  /** @param onExecuted called with every trade that a confirmed proposal made. */
  constructor(
    private readonly api: ConversationApi,
    private readonly newId: () => string,
    private readonly onExecuted: (trade: Trade) => void,
  ) {}

  /** Say something; while an answer is awaited nothing more is sent. */
  async say(text: string): Promise<void> {
    const { conversationId, waiting } = this.state.getState();
    if (waiting) return;
    const { sitting } = this;
    this.add({ id: this.newId(), author: 'player', text }, true);
    try {
      const answer = await this.api.say(text, conversationId);
      if (sitting !== this.sitting) return;
      this.state.setState({ conversationId: answer.conversation_id });
      this.add({ id: answer.message_id, author: 'aria_now', answer }, false);
    } catch (error) {
      if (sitting !== this.sitting) return;
      const said = error instanceof ApiProblem && error.retry === 'never' ? null : text;
      this.add({ id: this.newId(), author: 'failure', text: explain(error), said }, false);
    }
  }

  /** Have a proposal executed. */
  async confirm(proposalId: string): Promise<void> {
    await this.decide(proposalId, 'confirming', async () => {
      const { trade } = await this.api.confirm(proposalId);
      this.onExecuted(trade);
      return { stage: 'executed', trade };
    });
  }

  /** Put a proposal aside for good. */
  async decline(proposalId: string): Promise<void> {
    await this.decide(proposalId, 'declining', async () => {
      await this.api.decline(proposalId);
      return { stage: 'declined' };
    });
  }

  /** Begin anew; what was said is kept by the server until it is deleted. */
  begin(): void {
    this.sitting += 1;
    this.state.setState(NEW, true);
  }

  /** Show an earlier conversation and go on with it; its proposals have run out. */
  reopen({ conversation_id, messages }: ConversationExport): void {
    this.sitting += 1;
    const turns = messages.map(({ message_id, author, text }) => ({
      id: message_id,
      author,
      text,
    }));
    this.state.setState({ ...NEW, conversationId: conversation_id, turns }, true);
  }

  private async decide(
    proposalId: string,
    stage: 'confirming' | 'declining',
    send: () => Promise<ProposalState>,
  ): Promise<void> {
    const now = this.state.getState().proposals[proposalId];
    if (now !== undefined && now.stage !== 'unknown') return;
    const { sitting } = this;
    const put = (state: ProposalState) => {
      if (sitting !== this.sitting) return;
      this.state.setState(({ proposals }) => ({
        proposals: { ...proposals, [proposalId]: state },
      }));
    };
    put({ stage });
    try {
      put(await send());
    } catch (error) {
      const definite = error instanceof ApiProblem && error.status < 500;
      put(
        definite
          ? { stage: 'refused', code: error.code, reason: error.message }
          : { stage: 'unknown', reason: explain(error) },
      );
    }
  }

  private add(turn: Turn, waiting: boolean): void {
    this.state.setState(({ turns }) => ({ turns: [...turns, turn], waiting }));
  }
}
