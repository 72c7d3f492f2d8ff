// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { fakeServices, Provided } from '../testing/services';
import { ConnectionIndicator } from './ConnectionIndicator';

beforeEach(() => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('no server here')));
  // The dialogs of jsdom do not open.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = vi.fn();
});
afterEach(cleanup);

it('shows who was live before as reconnecting, through all its attempts', () => {
  const services = fakeServices();
  const show = (change: object) => {
    act(() => services.stores.connection.setState(change));
    return screen.getByRole('button').textContent;
  };
  render(
    <Provided services={services}>
      <ConnectionIndicator />
    </Provided>,
  );
  expect(show({ phase: 'connecting' })).toBe('Connecting');
  expect(show({ newestPriceAtMs: Date.now() })).toMatch(/^Reconnecting/);
  expect(show({ phase: 'authenticating' })).toMatch(/^Reconnecting/);
  expect(show({ phase: 'stale' })).toMatch(/^Prices are old/);
});

async function figures(change: object): Promise<string> {
  const services = fakeServices();
  services.stores.connection.setState({ phase: 'live', ...change });
  render(
    <Provided services={services}>
      <ConnectionIndicator />
    </Provided>,
  );
  await userEvent.click(screen.getByRole('button', { name: /^Live/ }));
  return screen.getByRole('dialog').textContent;
}

it('says how long a round trip takes and how old the newest price is', async () => {
  const shown = await figures({ latencyMs: 42, newestPriceAtMs: Date.now() - 3_000 });
  expect(shown).toContain('Round trip42 ms');
  expect(shown).toMatch(/Newest price3\.\d s old/);
  expect(shown).toContain('Last reconnectnone on this page');
});

it('says what the last reconnect recovered, and what it lost', async () => {
  const recovery = { atMs: 0, replayed: 11, replayedUpdates: 31, takenAnew: 1, lost: 2 };
  const shown = await figures({ recovery });
  expect(shown).toContain(
    '31 updates replayed, one channel read anew, 2 channels lost what happened meanwhile',
  );
});
