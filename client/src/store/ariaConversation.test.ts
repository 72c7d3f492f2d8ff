import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { AriaApi } from '../connection/ariaApi';
import { ApiProblem, NoAnswer } from '../connection/problem';
import type { AriaAnswer } from '../protocol/conversation';
import { ariaAnswer } from '../testing/advice';
import { receipt } from '../testing/shapes';
import { AriaConversation } from './ariaConversation';

describe('AriaConversation', () => {
  const api = {
    say: vi.fn<AriaApi['say']>(),
    confirm: vi.fn<AriaApi['confirm']>(),
    decline: vi.fn<AriaApi['decline']>(),
  };
  const onExecuted = vi.fn();
  let conversation: AriaConversation;

  beforeEach(() => {
    vi.resetAllMocks();
    let ids = 0;
    conversation = new AriaConversation(api, () => `id-${(ids += 1)}`, onExecuted);
  });

  it('goes on with the conversation that the server named', async () => {
    api.say.mockResolvedValue(ariaAnswer());
    await conversation.say('price of ore');
    await conversation.say('and fuel?');
    expect(api.say.mock.calls).toEqual([
      ['price of ore', null],
      ['and fuel?', 'conversation-1'],
    ]);
    expect(conversation.state.getState().turns).toHaveLength(4);
  });

  it('sends nothing while an answer is awaited, and says what failed', async () => {
    let fail: (error: Error) => void = () => undefined;
    api.say.mockReturnValue(new Promise<AriaAnswer>((_, reject) => (fail = reject)));
    const first = conversation.say('price of ore');
    await conversation.say('again');
    fail(new NoAnswer('away'));
    await first;
    expect(api.say).toHaveBeenCalledOnce();
    expect(conversation.state.getState()).toMatchObject({
      waiting: false,
      turns: [{ author: 'player' }, { author: 'failure', said: 'price of ore' }],
    });
  });

  it('does not offer to say again what can only be refused again', async () => {
    api.say.mockRejectedValue(
      new ApiProblem({
        title: 'Message markup',
        status: 422,
        detail: 'A message is plain text without markup.',
        code: 'message_markup',
        retry: 'never',
      }),
    );
    await conversation.say('<b>');
    expect(conversation.state.getState().turns.at(-1)).toMatchObject({
      author: 'failure',
      text: 'A message is plain text without markup.',
      said: null,
    });
  });

  it('puts a late answer into no other conversation', async () => {
    let answer: (answer: AriaAnswer) => void = () => undefined;
    api.say.mockReturnValue(new Promise<AriaAnswer>((resolve) => (answer = resolve)));
    const said = conversation.say('price of ore');
    conversation.begin();
    answer(ariaAnswer());
    await said;
    expect(conversation.state.getState()).toMatchObject({ conversationId: null, turns: [] });
  });

  it('executes a proposal once, and hands its trade on', async () => {
    api.confirm.mockResolvedValue(receipt('aria-p'));
    await conversation.confirm('p');
    await conversation.confirm('p');
    await conversation.decline('p');
    expect(api.confirm).toHaveBeenCalledExactlyOnceWith('p');
    expect(api.decline).not.toHaveBeenCalled();
    expect(onExecuted).toHaveBeenCalledExactlyOnceWith(receipt('aria-p').trade);
  });

  it('takes the same word again after an unknown outcome, and none after a refusal', async () => {
    api.confirm.mockRejectedValueOnce(new NoAnswer('away'));
    await conversation.confirm('p');
    expect(conversation.state.getState().proposals.p?.stage).toBe('unknown');
    const expired = { title: 'Expired', status: 409, code: 'proposal_expired' };
    api.confirm.mockRejectedValueOnce(new ApiProblem({ ...expired, retry: 'never' }));
    await conversation.confirm('p');
    await conversation.confirm('p');
    expect(api.confirm).toHaveBeenCalledTimes(2);
    expect(conversation.state.getState().proposals.p).toMatchObject({
      stage: 'refused',
      code: 'proposal_expired',
    });
  });

  it('declines', async () => {
    api.decline.mockResolvedValue(undefined);
    await conversation.decline('p');
    expect(conversation.state.getState().proposals.p).toEqual({ stage: 'declined' });
    expect(onExecuted).not.toHaveBeenCalled();
  });
});
