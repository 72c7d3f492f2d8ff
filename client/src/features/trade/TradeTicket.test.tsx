// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ApiProblem } from '../../connection/problem';
import type { OrderApi } from '../../store/placeOrder';
import { fakeServices, Provided } from '../../testing/services';
import { playerState, portGood, portMarket, receipt } from '../../testing/shapes';
import type { Side } from './estimate';
import { TradeTicket } from './TradeTicket';

afterEach(cleanup);

function show(place: OrderApi['place'], side: Side = 'buy', player = playerState()) {
  render(
    <Provided services={fakeServices({ place })}>
      <TradeTicket
        player={player}
        port={portMarket({ goods: [portGood()] })}
        commodity="ore"
        side={side}
        onSide={() => undefined}
      />
    </Provided>,
  );
  return userEvent.setup();
}

function quantity(): HTMLElement {
  return screen.getByLabelText('Quantity');
}

describe('TradeTicket', () => {
  it('estimates the cost with fees, sends on Enter, and shows the receipt', async () => {
    const trade = vi.fn<OrderApi['place']>((commandId) => Promise.resolve(receipt(commandId)));
    const user = show(trade);
    await user.type(quantity(), '10');
    expect(screen.getByText('504 cr')).toBeTruthy();
    await user.keyboard('{Enter}');
    expect(trade).toHaveBeenCalledExactlyOnceWith('c-1', {
      type: 'market',
      side: 'buy',
      commodity: 'ore',
      quantity: 10,
      limitPrice: 51,
      fill: 'all',
      quoteId: null,
    });
    expect(await screen.findByText(/Bought 10 ore at 49\.90 on average/)).toBeTruthy();
    expect(screen.getByText(/Paid 504 cr, of which 5 cr in fees/)).toBeTruthy();
    expect(quantity()).toHaveProperty('value', '');
  });

  it('leads to the field that is wrong', async () => {
    const user = show(vi.fn());
    await user.type(quantity(), '100000');
    await user.click(screen.getByRole('button', { name: 'Buy 100,000 ore' }));
    expect(document.activeElement).toBe(quantity());
    expect(screen.getByText(/You can buy at most/)).toBeTruthy();
  });

  it('says beside the order why it cannot be sent', () => {
    const halted = { state: 'halted', scope: 'port', reason: 'a wrong price' } as const;
    show(vi.fn(), 'buy', playerState({ trading_state: halted }));
    expect(screen.getByText('Trading is halted at this port.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Buy ore' })).toHaveProperty('disabled', false);
    expect(screen.getByRole('group', { name: 'Order' })).toHaveProperty('disabled', true);
  });

  it('lets sales be sent where only these are let through', () => {
    const reducing = { state: 'reducing', scope: 'port', reason: null } as const;
    show(vi.fn(), 'sell', playerState({ trading_state: reducing }));
    expect(screen.queryByText('Only sales are let through at this port.')).toBeNull();
    expect(screen.getByRole('group', { name: 'Order' })).toHaveProperty('disabled', false);
  });

  it('sends the price limit that the player set', async () => {
    const trade = vi.fn<OrderApi['place']>((commandId) => Promise.resolve(receipt(commandId)));
    const user = show(trade);
    await user.type(quantity(), '2');
    await user.type(screen.getByLabelText('Most to pay a unit'), '60{Enter}');
    expect(trade.mock.lastCall?.[1]).toMatchObject({ limitPrice: 60 });
  });

  it.each(['5,0', '0x10', '0'])('sends nothing for the price limit %s', async (text) => {
    const trade = vi.fn<OrderApi['place']>();
    const user = show(trade);
    await user.type(quantity(), '2');
    const limit = screen.getByLabelText('Most to pay a unit');
    await user.type(limit, `${text}{Enter}`);
    expect(trade).not.toHaveBeenCalled();
    expect(limit.getAttribute('aria-invalid')).toBe('true');
  });

  it.each(['0', '-3', '1.5', 'ten', '151'])('sends nothing for the quantity %s', async (text) => {
    const trade = vi.fn<OrderApi['place']>();
    const user = show(trade);
    await user.type(quantity(), `${text}{Enter}`);
    expect(trade).not.toHaveBeenCalled();
    expect(quantity().getAttribute('aria-invalid')).toBe('true');
  });

  it('fills in the most that is affordable', async () => {
    const user = show(vi.fn());
    await user.click(screen.getByRole('button', { name: 'Max' }));
    expect(quantity()).toHaveProperty('value', '150');
  });

  it('shows a refusal with its reason and code', async () => {
    const problem = new ApiProblem({
      title: 'Price above bound',
      detail: 'The dearest unit costs 55 credits, your bound is 51.',
      status: 409,
      code: 'price_above_bound',
      retry: 'new_id',
    });
    const user = show(vi.fn().mockRejectedValue(problem));
    await user.type(quantity(), '10{Enter}');
    expect(await screen.findByText(/your bound is 51/)).toBeTruthy();
    expect(screen.getByText('price_above_bound')).toBeTruthy();
  });

  it('has nothing to sell from an empty hold', () => {
    show(vi.fn(), 'sell');
    expect(screen.getByRole('button', { name: 'Sell ore' })).toHaveProperty('disabled', true);
  });

  it.each([
    ['active', 'buy', false],
    ['active', 'sell', false],
    ['reducing', 'buy', true],
    ['reducing', 'sell', false],
    ['halted', 'buy', true],
    ['halted', 'sell', true],
  ] as const)('while trading is %s, an order to %s is barred: %s', (state, side, barred) => {
    const trading_state = { state, scope: 'game', reason: 'a wrong price' } as const;
    show(vi.fn(), side, playerState({ trading_state }));
    expect(quantity().matches(':disabled')).toBe(barred);
  });
});
