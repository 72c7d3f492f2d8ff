// @vitest-environment jsdom
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';

import type { TradingStatus } from '../protocol/shapes';
import { resourceKeys } from '../store/resourceKeys';
import { fakeServices, Provided } from '../testing/services';
import { playerState } from '../testing/shapes';
import { HaltBanner } from './HaltBanner';

afterEach(cleanup);

it('says what is stopped and why, as it changes, and nothing while trading is active', async () => {
  const services = fakeServices();
  services.resources.setDefaultOptions({ queries: { staleTime: Infinity } });
  const show = (trading_state: TradingStatus) => {
    services.resources.setQueryData(resourceKeys.player, playerState({ trading_state }));
  };
  show({ state: 'halted', scope: 'port', reason: 'a wrong price' });
  render(
    <Provided services={services}>
      <HaltBanner />
    </Provided>,
  );
  expect((await screen.findByRole('alert')).textContent).toContain('a wrong price');
  expect(screen.getByText('Trading is halted at this port')).toBeDefined();
  show({ state: 'reducing', scope: 'player', reason: 'a question' });
  expect(await screen.findByText('You may only sell')).toBeDefined();
  show({ state: 'active', scope: null, reason: null });
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
});
