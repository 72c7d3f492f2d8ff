// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { AriaAnswer } from '../../protocol/conversation';
import { ariaAnswer, proposal } from '../../testing/advice';
import { fakeServices, Provided } from '../../testing/services';
import { receipt } from '../../testing/shapes';
import { AriaPanel } from './AriaPanel';

// jsdom lays nothing out, so it has no scrolling.
beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn();
});
afterEach(cleanup);

function show(answer: AriaAnswer) {
  const services = fakeServices();
  vi.spyOn(services.aria, 'say').mockResolvedValue(answer);
  const confirm = vi.spyOn(services.aria, 'confirm').mockResolvedValue(receipt('aria-1'));
  render(
    <Provided services={services}>
      <AriaPanel onClose={() => undefined} />
    </Provided>,
  );
  return { user: userEvent.setup(), confirm };
}

describe('AriaPanel', () => {
  it('shows an answer as text only, with its sources', async () => {
    const { user } = show(ariaAnswer({ answer: '<img src=x> costs 49' }));
    await user.type(screen.getByLabelText('Message to ARIA'), 'price{Enter}');
    expect(await screen.findByText('<img src=x> costs 49')).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByText(/port quote, market version 10/)).toBeTruthy();
  });

  it('executes a proposal on the player’s word and shows the receipt', async () => {
    const { user, confirm } = show(ariaAnswer({ proposals: [proposal()] }));
    await user.type(screen.getByLabelText('Message to ARIA'), 'buy 10 ore{Enter}');
    expect(await screen.findByText('504 cr')).toBeTruthy();
    expect(confirm).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText(/Bought 10 for 499 cr/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Confirm' })).toBeNull();
  });

  it('offers no word on a proposal that has expired', async () => {
    const past = proposal({ expires_at: '2020-01-01T00:00:00Z' });
    const { user } = show(ariaAnswer({ proposals: [past] }));
    await user.type(screen.getByLabelText('Message to ARIA'), 'buy 10 ore{Enter}');
    expect(await screen.findByText(/Expired/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Confirm' })).toBeNull();
  });
});
