// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { NoAnswer } from '../../connection/problem';
import { automationLimits, rule } from '../../testing/advice';
import { fakeServices, Provided } from '../../testing/services';
import { playerState } from '../../testing/shapes';
import { RuleForm } from './RuleForm';

afterEach(cleanup);

function show() {
  const services = fakeServices();
  const template = { ...rule({ name: 'Bargain' }), template_id: 't', description: 'Buy low.' };
  vi.spyOn(services.automation, 'templates').mockResolvedValue([template]);
  vi.spyOn(services.automation, 'rules').mockResolvedValue([]);
  vi.spyOn(services.api, 'player').mockResolvedValue(playerState({ docked_port_id: null }));
  const create = vi.spyOn(services.automation, 'create');
  const onStored = vi.fn();
  render(
    <Provided services={services}>
      <RuleForm limits={automationLimits()} onStored={onStored} onCancel={() => undefined} />
    </Provided>,
  );
  return { user: userEvent.setup(), create, onStored };
}

describe('RuleForm', () => {
  it('says what is wrong and sends nothing', async () => {
    const { user, create } = show();
    await user.click(screen.getByRole('button', { name: 'Store rule' }));
    expect(screen.getByText('Name it with 3 to 50 characters.')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('would never trade');
    expect(create).not.toHaveBeenCalled();
  });

  it('stores a template, under one command id over attempts without an answer', async () => {
    const { user, create, onStored } = show();
    create.mockRejectedValueOnce(new NoAnswer('away')).mockResolvedValueOnce(rule({ id: 'r-7' }));
    await user.click(await screen.findByRole('button', { name: /Bargain/ }));
    const store = screen.getByRole('button', { name: 'Store rule' });
    await user.click(store);
    expect(await screen.findByText(/did not answer/)).toBeTruthy();
    await user.click(store);
    await vi.waitFor(() => {
      expect(onStored).toHaveBeenCalledExactlyOnceWith('r-7');
    });
    const [first, second] = create.mock.calls;
    expect(first?.[0]).toBe(second?.[0]);
    expect(second?.[1]).toMatchObject({ name: 'Bargain', commodity: 'ore', portId: null });
  });
});
