// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';

import { fillIn } from '../../store/plan';
import { fakeServices, Provided } from '../../testing/services';
import { playerState, portMarket } from '../../testing/shapes';
import { TradeTicket } from './TradeTicket';
import { useSide } from './useSide';

afterEach(cleanup);

function Desk() {
  const [side, setSide] = useSide();
  return (
    <TradeTicket
      player={playerState({ ship: { ...playerState().ship, cargo: { ore: 20 } } })}
      port={portMarket()}
      commodity="ore"
      side={side}
      onSide={setSide}
    />
  );
}

it('fills in what a recommendation says, and leaves the player free to change it', () => {
  const services = fakeServices();
  const { plan } = services.stores;
  render(
    <Provided services={services}>
      <Desk />
    </Provided>,
  );
  act(() => fillIn(plan, { side: 'sell', commodity: 'ore', quantity: 12 }));
  expect(screen.getByLabelText('Quantity')).toHaveProperty('value', '12');
  expect(screen.getByRole('button', { name: 'Sell 12 ore' })).toBeTruthy();
  act(() => screen.getByRole('radio', { name: 'Buy' }).click());
  expect(screen.getByRole('button', { name: 'Buy ore' })).toBeTruthy();
  act(() => fillIn(plan, { side: 'sell', commodity: 'ore', quantity: 12 }));
  expect(screen.getByRole('button', { name: 'Sell 12 ore' })).toBeTruthy();
});
