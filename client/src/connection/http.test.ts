import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';

import { send, sendAs } from './http';
import { ApiProblem, NoAnswer, UnreadableAnswer } from './problem';

const REQUEST = { method: 'GET', path: '/thing', answer: v.object({ units: v.number() }) } as const;
const EXPIRED = { title: 'Expired', status: 401, code: 'token_expired', retry: 'never' };

function answering(...answers: readonly (readonly [number, unknown])[]) {
  const fetching = vi.fn<typeof fetch>();
  for (const [status, body] of answers) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    fetching.mockResolvedValueOnce(new Response(text, { status }));
  }
  vi.stubGlobal('fetch', fetching);
  return fetching;
}

describe('send', () => {
  it('returns the decoded answer', async () => {
    answering([200, { units: 3 }]);
    expect(await send(REQUEST)).toEqual({ units: 3 });
  });

  it('throws the server’s refusal with its code, retry class and faults by field', async () => {
    const errors = [{ field: 'quantity', message: 'must be 1 or more' }];
    const problem = { title: 'No', status: 422, detail: 'Not so.', code: 'x', retry: 'new_id' };
    answering([422, { ...problem, errors }]);
    const thrown: unknown = await send(REQUEST).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiProblem);
    expect(thrown).toMatchObject({
      message: 'Not so.',
      code: 'x',
      retry: 'new_id',
      fields: { quantity: 'must be 1 or more' },
    });
  });

  it('tells an answer of another shape from none at all', async () => {
    answering([200, { units: 'three' }]);
    await expect(send(REQUEST)).rejects.toBeInstanceOf(UnreadableAnswer);
    answering([502, '<html>bad gateway</html>']);
    await expect(send(REQUEST)).rejects.toBeInstanceOf(NoAnswer);
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
    await expect(send(REQUEST)).rejects.toBeInstanceOf(NoAnswer);
  });
});

describe('sendAs', () => {
  const tokens = {
    accessToken: () => Promise.resolve('old'),
    renew: () => Promise.resolve('new'),
  };

  it('renews a token that is not taken any more and asks again', async () => {
    const fetching = answering([401, EXPIRED], [200, { units: 1 }]);
    expect(await sendAs(tokens, REQUEST)).toEqual({ units: 1 });
    const sent = fetching.mock.calls.map(([, init]) => new Headers(init?.headers));
    expect(sent.map((headers) => headers.get('Authorization'))).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  it('asks only once again', async () => {
    answering([401, EXPIRED], [401, EXPIRED]);
    await expect(sendAs(tokens, REQUEST)).rejects.toBeInstanceOf(ApiProblem);
  });
});
