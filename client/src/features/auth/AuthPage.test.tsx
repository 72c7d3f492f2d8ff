// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

import { ApiProblem } from '../../connection/problem';
import type { Session } from '../../store/session';
import { fakeServices, Provided } from '../../testing/services';
import { AuthPage } from './AuthPage';

afterEach(cleanup);

describe('AuthPage', () => {
  const services = fakeServices();
  let register: MockInstance<Session['register']>;
  let signIn: MockInstance<Session['signIn']>;

  beforeEach(() => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('no server here')));
    register = vi.spyOn(services.session, 'register').mockResolvedValue();
    signIn = vi.spyOn(services.session, 'signIn').mockResolvedValue();
  });

  function show(mode: 'sign_in' | 'register') {
    render(
      <Provided services={services}>
        <AuthPage mode={mode} />
      </Provided>,
    );
    return userEvent.setup();
  }

  it('registers with Enter; an email that is left empty is not sent', async () => {
    const user = show('register');
    await user.type(screen.getByLabelText('Pilot name'), ' ada ');
    await user.type(screen.getByLabelText('Password'), 'a long phrase{Enter}');
    expect(register).toHaveBeenCalledExactlyOnceWith('ada', 'a long phrase', null);
  });

  it('says at each field what is wrong and goes to the first', async () => {
    const user = show('register');
    await user.type(screen.getByLabelText('Password'), 'short{Enter}');
    expect(register).not.toHaveBeenCalled();
    expect(screen.getByText('Enter your pilot name.')).toBeTruthy();
    expect(screen.getByText('Use 8 characters or more.')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('Pilot name'));
  });

  it('shows the server’s refusal at the field it names', async () => {
    register.mockRejectedValue(
      new ApiProblem({
        title: 'Username taken',
        detail: 'Another pilot has this name.',
        status: 409,
        code: 'username_taken',
        retry: 'new_id',
        errors: [{ field: 'username', message: 'Another pilot has this name.' }],
      }),
    );
    const user = show('register');
    await user.type(screen.getByLabelText('Pilot name'), 'ada');
    await user.type(screen.getByLabelText('Password'), 'a long phrase{Enter}');
    expect(await screen.findByText('Another pilot has this name.')).toBeTruthy();
    expect(screen.getByLabelText('Pilot name').getAttribute('aria-invalid')).toBe('true');
  });

  it('shows a refusal that concerns no field above the button', async () => {
    signIn.mockRejectedValue(
      new ApiProblem({
        title: 'Invalid credentials',
        detail: 'Name or password is wrong.',
        status: 401,
        code: 'invalid_credentials',
        retry: 'new_id',
      }),
    );
    const user = show('sign_in');
    await user.type(screen.getByLabelText('Pilot name'), 'ada');
    await user.type(screen.getByLabelText('Password'), 'wrong{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('Name or password is wrong.');
  });
});
