// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';

import { PressableRow } from './PressableRow';
import { Table } from './Table';

it('says whether it is the chosen row, and can be chosen', () => {
  const onPress = vi.fn();
  render(
    <Table label="Goods" columns={[{ name: 'Good' }, { name: 'Price' }]}>
      <PressableRow title="Ore" selected={false} onPress={onPress} below={<p>plenty</p>}>
        <td>52</td>
      </PressableRow>
      <PressableRow title="Fuel" selected onPress={() => undefined}>
        <td>80</td>
      </PressableRow>
    </Table>,
  );
  expect(screen.getByRole('button', { name: 'Fuel', pressed: true })).toBeDefined();
  expect(screen.getByRole('row', { name: /Ore.*plenty.*52/ })).toBeDefined();

  screen.getByRole('button', { name: 'Ore', pressed: false }).click();

  expect(onPress).toHaveBeenCalledOnce();
});
