// @vitest-environment jsdom
import { afterEach, expect, it, vi } from 'vitest';

import { fakeServices } from '../testing/services';

afterEach(() => vi.restoreAllMocks());

it('closes the line before the server is told that the player leaves', async () => {
  const { session, connection, api, stores } = fakeServices();
  stores.session.setState({ status: 'signed_in' }, true);
  const stopped = vi.spyOn(connection, 'stop');
  const told = vi.spyOn(api, 'logout').mockRejectedValue(new TypeError('no server here'));
  session.signOut();
  expect(stopped.mock.invocationCallOrder[0]).toBeLessThan(told.mock.invocationCallOrder[0] ?? 0);
  await vi.waitFor(() => {
    expect(stores.session.getState()).toEqual({ status: 'signed_out', ended: false });
  });
});
