// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';

import { Credentials } from '../connection/credentials';
import { fakeServices, Provided } from '../testing/services';
import { useCancelCommands } from './orders';

const CLOSED = {
  order_id: 'o-1',
  port_id: 'port-1',
  reason: 'cancelled',
  filled: 0,
  filled_credits: 0,
};
const RECEIPT = { command_id: 'c', status: 'executed', closed: [CLOSED], credits_after: 7 };

/** Cancel through the real requests, whose answers are given; return the ids that were sent. */
function cancelling(...answers: readonly (Response | Error)[]) {
  const fetching = vi.fn<typeof fetch>();
  for (const answer of answers) {
    if (answer instanceof Error) fetching.mockRejectedValueOnce(answer);
    else fetching.mockResolvedValueOnce(answer);
  }
  vi.stubGlobal('fetch', fetching);
  const services = fakeServices();
  vi.spyOn(Credentials.prototype, 'accessToken').mockResolvedValue('token');
  const { result } = renderHook(() => useCancelCommands(), {
    wrapper: ({ children }: { readonly children: ReactNode }) => (
      <Provided services={services}>{children}</Provided>
    ),
  });
  const ids = () =>
    fetching.mock.calls.map(([, init]) => new Headers(init?.headers).get('Idempotency-Key'));
  return { result, ids };
}

function answer(): Response {
  return new Response(JSON.stringify(RECEIPT), { status: 200 });
}

it('names a cancel by its order, however often it is pressed', async () => {
  const { result, ids } = cancelling(answer(), answer());
  for (let press = 0; press < 2; press += 1) {
    await act(() => result.current.cancel.mutateAsync('o-1'));
  }
  expect(ids()).toEqual(['cancel-o-1', 'cancel-o-1']);
});

it('sends a cancel that got no answer again under the same id', async () => {
  const { result, ids } = cancelling(new TypeError('network'), answer());
  act(() => result.current.cancelAll.mutate('c-9'));
  await waitFor(() => expect(result.current.cancelAll.isSuccess).toBe(true), { timeout: 5_000 });
  expect(ids()).toEqual(['c-9', 'c-9']);
});

it('does not repeat a cancel that was refused', async () => {
  const problem = { title: 'None', status: 409, code: 'no_open_orders', retry: 'new_id' };
  const { result, ids } = cancelling(new Response(JSON.stringify(problem), { status: 409 }));
  act(() => result.current.cancelAll.mutate('c-9'));
  await waitFor(() => expect(result.current.cancelAll.isError).toBe(true));
  expect(ids()).toEqual(['c-9']);
});
