import * as v from 'valibot';

import { AriaAnswer, ConversationExport, Conversations } from '../protocol/conversation';
import { TradeReceipt } from '../protocol/trade';
import { sendAs, type TokenSource } from './http';

/** The endpoints of the conversation with ARIA. Every method may throw as `sendAs` does. */
export class AriaApi {
  constructor(private readonly tokens: TokenSource) {}

  /** Say something; without a conversation a new one begins. */
  say(message: string, conversationId: string | null): Promise<AriaAnswer> {
    const body = { message, ...(conversationId !== null && { conversation_id: conversationId }) };
    return sendAs(this.tokens, {
      method: 'POST',
      path: '/aria/messages',
      body,
      answer: AriaAnswer,
    });
  }

  /** Have a proposal executed; sent twice, it is executed once. */
  confirm(proposalId: string): Promise<TradeReceipt> {
    const path = `/aria/proposals/${encodeURIComponent(proposalId)}/confirm`;
    return sendAs(this.tokens, { method: 'POST', path, answer: TradeReceipt });
  }

  decline(proposalId: string): Promise<unknown> {
    const path = `/aria/proposals/${encodeURIComponent(proposalId)}/decline`;
    return sendAs(this.tokens, { method: 'POST', path, answer: v.unknown() });
  }

  conversations(): Promise<v.InferOutput<typeof Conversations>> {
    const path = '/aria/conversations';
    return sendAs(this.tokens, { method: 'GET', path, answer: Conversations });
  }

  conversation(conversationId: string): Promise<ConversationExport> {
    const path = `/aria/conversations/${encodeURIComponent(conversationId)}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: ConversationExport });
  }

  delete(conversationId: string): Promise<unknown> {
    const path = `/aria/conversations/${encodeURIComponent(conversationId)}`;
    return sendAs(this.tokens, { method: 'DELETE', path, answer: v.unknown() });
  }
}
