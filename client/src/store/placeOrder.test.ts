import { describe, expect, it, vi } from 'vitest';

import { ApiProblem, NoAnswer } from '../connection/problem';
import type { OrderFate } from '../protocol/order';
import { marketOrder, receipt } from '../testing/shapes';
import { type OrderApi, placeOrder } from './placeOrder';

const ORDER = marketOrder({ limitPrice: 55 });
const RECEIPT = receipt('c-1');

function problem(status: number, code: string, retry: 'never' | 'same_id' | 'new_id' | 'later') {
  return new ApiProblem({ title: code, detail: `${code}.`, status, code, retry });
}

const NEVER_SEEN = problem(404, 'never_seen', 'same_id');

/** A server that answers each request with the next of its answers; an Error is thrown. */
function server(trades: readonly unknown[], fates: readonly unknown[] = []) {
  const next = (answers: readonly unknown[]) => {
    const left = [...answers];
    return () => {
      if (left.length === 0) throw new Error('asked more often than expected');
      const answer = left.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
  };
  return {
    place: vi.fn<OrderApi['place']>(next(trades) as OrderApi['place']),
    fate: vi.fn<OrderApi['fate']>(next(fates) as OrderApi['fate']),
  };
}

function place(api: OrderApi, onDoubt: () => void = () => undefined) {
  return placeOrder(api, 'c-1', ORDER, onDoubt, () => Promise.resolve());
}

describe('placeOrder', () => {
  it('returns the receipt', async () => {
    const doubt = vi.fn();
    expect(await place(server([RECEIPT]), doubt)).toEqual({ kind: 'executed', receipt: RECEIPT });
    expect(doubt).not.toHaveBeenCalled();
  });

  it('returns a refusal with its code, without asking further', async () => {
    const api = server([problem(409, 'insufficient_credits', 'new_id')]);
    expect(await place(api)).toEqual({
      kind: 'refused',
      code: 'insufficient_credits',
      reason: 'insufficient_credits.',
    });
    expect(api.fate).not.toHaveBeenCalled();
  });

  it.each([
    ['no answer came', new NoAnswer('lost')],
    ['the server gave up waiting', problem(503, 'trading_timeout', 'same_id')],
    ['the server failed', problem(503, 'store_unavailable', 'later')],
  ])('asks for the outcome when %s', async (_, failure) => {
    const doubt = vi.fn();
    const api = server([failure], [RECEIPT]);
    expect(await place(api, doubt)).toEqual({ kind: 'executed', receipt: RECEIPT });
    expect(doubt).toHaveBeenCalledOnce();
    expect(api.fate).toHaveBeenCalledExactlyOnceWith('c-1');
  });

  it('sends again under the same id what the server has never seen', async () => {
    const api = server([new NoAnswer('lost'), RECEIPT], [NEVER_SEEN]);
    expect(await place(api)).toEqual({ kind: 'executed', receipt: RECEIPT });
    expect(api.place.mock.calls).toEqual([
      ['c-1', ORDER],
      ['c-1', ORDER],
    ]);
  });

  it('waits for an order that is not decided yet', async () => {
    const pending: OrderFate = { command_id: 'c-1', status: 'pending' };
    const rejected: OrderFate = {
      command_id: 'c-1',
      status: 'rejected',
      code: 'price_above_bound',
      retry: 'new_id',
      detail: 'Too dear.',
    };
    const api = server([new NoAnswer('lost')], [pending, pending, rejected]);
    expect(await place(api)).toEqual({
      kind: 'refused',
      code: 'price_above_bound',
      reason: 'Too dear.',
    });
  });

  it('says that the outcome is unknown when nobody answers for long', async () => {
    const silence = new NoAnswer('away');
    const api = server(
      [silence],
      Array.from({ length: 6 }, () => silence),
    );
    expect(await place(api)).toEqual({ kind: 'unknown' });
    expect(api.place).toHaveBeenCalledOnce();
  });
});
