// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';

import { resourceKeys } from '../../store/resourceKeys';
import { automationStatus } from '../../testing/advice';
import { fakeServices, Provided } from '../../testing/services';
import { PauseBanner } from './PauseBanner';

afterEach(cleanup);

it('tells of a pause, and lets rules go on with one press', async () => {
  const services = fakeServices();
  services.resources.setDefaultOptions({ queries: { staleTime: Infinity } });
  const show = (pausedAt: string | null) => {
    services.resources.setQueryData(
      resourceKeys.automationStatus,
      automationStatus({ isActive: false, pauseOnDisconnect: true, pausedAt }),
    );
  };
  const switchTo = vi.spyOn(services.automation, 'switchTo').mockResolvedValue({});
  show(null);
  render(
    <Provided services={services}>
      <PauseBanner />
    </Provided>,
  );
  expect(screen.queryByRole('alert')).toBeNull();
  show('2026-11-24T14:00:00.000000Z');
  expect((await screen.findByRole('alert')).textContent).toContain('Your rules are paused');
  await userEvent.click(screen.getByRole('button', { name: 'Resume' }));
  expect(switchTo).toHaveBeenCalledExactlyOnceWith(true);
});
