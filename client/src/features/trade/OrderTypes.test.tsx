// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProblem } from '../../connection/problem';
import type { OrderApi } from '../../store/placeOrder';
import type { QuoteApi } from '../../store/quoteDesk';
import { resourceKeys } from '../../store/resourceKeys';
import { fakeServices, Provided } from '../../testing/services';
import {
  bindingQuote,
  orderReceipt,
  placedOrder,
  playerState,
  portMarket,
  receipt,
} from '../../testing/shapes';
import type { Side } from './estimate';
import { TradeTicket } from './TradeTicket';

const NOW = Date.parse('2026-11-24T14:00:02Z');

beforeEach(() => vi.useFakeTimers({ now: NOW, shouldAdvanceTime: true }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function show(type: string, api: Partial<OrderApi & QuoteApi>, side: Side = 'buy') {
  const services = fakeServices(api);
  services.resources.setQueryDefaults(resourceKeys.openOrders, { staleTime: Infinity });
  services.resources.setQueryData(resourceKeys.openOrders, [
    placedOrder({ side: 'sell', quantity: 5 }),
  ]);
  const ship = { ...playerState().ship, cargo: { ore: 20 } };
  render(
    <Provided services={services}>
      <TradeTicket
        player={playerState({ ship })}
        port={portMarket()}
        commodity="ore"
        side={side}
        onSide={() => undefined}
      />
    </Provided>,
  );
  const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTimeAsync(ms) });
  await user.click(screen.getByRole('radio', { name: type }));
  return { user, services };
}

describe('a limit order', () => {
  it('is placed as it was written, and told as it rests', async () => {
    const place = vi.fn<OrderApi['place']>((commandId) => Promise.resolve(orderReceipt(commandId)));
    const { user } = await show('Limit', { place });
    await user.type(screen.getByLabelText('Quantity'), '10');
    await user.type(screen.getByLabelText('Limit price'), '45');
    expect(screen.getByText('455 cr')).toBeTruthy();
    expect(screen.getByText(/does not meet this limit yet/)).toBeTruthy();
    await user.selectOptions(screen.getByLabelText('Good for'), '1 hour');
    await user.click(screen.getByRole('switch', { name: /connection is lost/ }));
    await user.click(screen.getByRole('button', { name: 'Place order to buy ore' }));
    expect(place).toHaveBeenCalledExactlyOnceWith('c-1', {
      type: 'limit',
      side: 'buy',
      commodity: 'ore',
      quantity: 10,
      limitPrice: 45,
      goodForSeconds: 3_600,
      cancelOnDisconnect: true,
    });
    expect(await screen.findByText('Order to buy 10 ore at 45 placed')).toBeTruthy();
    expect(screen.getByText(/^10 rest in the book until/)).toBeTruthy();
  });

  it('says so when the port meets its limit', async () => {
    const { user } = await show('Limit', {});
    await user.type(screen.getByLabelText('Limit price'), '49');
    expect(screen.getByText(/begins to fill at once/)).toBeTruthy();
  });

  it('offers no cargo twice, and needs a limit', async () => {
    const place = vi.fn<OrderApi['place']>();
    const { user } = await show('Limit', { place }, 'sell');
    await user.type(screen.getByLabelText('Quantity'), '16{Enter}');
    expect(screen.getByText(/You can sell at most 15/)).toBeTruthy();
    expect(screen.getByText(/Enter whole credits a unit/)).toBeTruthy();
    expect(place).not.toHaveBeenCalled();
  });
});

describe('a quote', () => {
  async function ask(api: Partial<OrderApi & QuoteApi>) {
    const shown = await show('Quote', api);
    await shown.user.type(screen.getByLabelText('Quantity'), '10');
    await shown.user.click(screen.getByRole('button', { name: 'Ask for a quote to buy ore' }));
    return shown;
  }

  it('shows the ladder, the fee and the total, and is traded by its name', async () => {
    const place = vi.fn<OrderApi['place']>((commandId) => Promise.resolve(receipt(commandId)));
    const { user } = await ask({ place, requestQuote: () => Promise.resolve(bindingQuote()) });
    expect(screen.getByText('504 cr')).toBeTruthy();
    const prices = screen.getByRole('table', { name: 'Prices of the quote' });
    expect(prices.textContent).toContain('950450');
    await user.click(screen.getByRole('button', { name: 'Buy 10 ore at this quote' }));
    expect(place.mock.lastCall?.[1]).toMatchObject({ quoteId: 'quote-1', limitPrice: null });
    expect(await screen.findByText(/Bought 10 ore/)).toBeTruthy();
  });

  it('runs out by the clock; the next one waits as long as the server says', async () => {
    const { services } = await ask({ requestQuote: () => Promise.resolve(bindingQuote()) });
    expect(screen.getByText(/\d s left/)).toBeTruthy();
    await act(() => vi.advanceTimersByTimeAsync(10_000));
    expect(screen.getByText('The quote ran out')).toBeTruthy();
    expect(screen.getByText('The quote has run out.')).toBeTruthy();
    const next_quote_at = new Date(Date.now() + 3_000).toISOString();
    act(() => services.quoteDesk.close({ quote_id: 'quote-1', reason: 'expired', next_quote_at }));
    expect(screen.getByRole('button', { name: /^Next quote in \d s$/ })).toHaveProperty(
      'disabled',
      true,
    );
    await act(() => vi.advanceTimersByTimeAsync(3_200));
    expect(screen.getByRole('button', { name: /^Ask for a quote/ })).toHaveProperty(
      'disabled',
      false,
    );
  });

  it('tells why there is none', async () => {
    const refusal = new ApiProblem({
      title: 'Too much',
      detail: 'It quotes at most 4 units of ore just now.',
      status: 409,
      code: 'quote_share',
      retry: 'new_id',
    });
    await ask({ requestQuote: () => Promise.reject(refusal) });
    expect(await screen.findByText(/at most 4 units/)).toBeTruthy();
    expect(screen.getByText('quote_share')).toBeTruthy();
  });

  it('asks for no more than a port promises', async () => {
    const requestQuote = vi.fn<QuoteApi['requestQuote']>();
    const { user } = await show('Quote', { requestQuote });
    await user.type(screen.getByLabelText('Quantity'), '51{Enter}');
    expect(screen.getByText(/at most 50/)).toBeTruthy();
    expect(requestQuote).not.toHaveBeenCalled();
  });
});
