import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiProblem, NoAnswer } from '../connection/problem';
import { bindingQuote } from '../testing/shapes';
import { type QuoteApi, QuoteDesk } from './quoteDesk';

const REQUEST = { side: 'buy', commodity: 'ore', quantity: 10 } as const;
const REFUSAL = new ApiProblem({
  title: 'Wait',
  detail: 'The next is given in 5 s.',
  status: 409,
  code: 'quote_wait',
  retry: 'new_id',
});

describe('QuoteDesk', () => {
  const api = {
    requestQuote: vi.fn<QuoteApi['requestQuote']>(),
    quotes: vi.fn<QuoteApi['quotes']>(),
  };
  const onRefused = vi.fn();
  let desk: QuoteDesk;

  beforeEach(() => {
    vi.resetAllMocks();
    let ids = 0;
    desk = new QuoteDesk(api, () => `c-${(ids += 1)}`, onRefused);
  });

  function standing() {
    return desk.state.getState().standings.ore;
  }

  it('keeps the quote that a port gives', async () => {
    api.requestQuote.mockResolvedValue(bindingQuote());
    await desk.ask(REQUEST);
    expect(standing()).toEqual({ kind: 'granted', quote: bindingQuote(), end: null });
    expect(onRefused).not.toHaveBeenCalled();
  });

  it('asks once for a good at a time', async () => {
    let answer: (quote: ReturnType<typeof bindingQuote>) => void = () => undefined;
    api.requestQuote.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const first = desk.ask(REQUEST);
    await desk.ask(REQUEST);
    expect(standing()).toEqual({ kind: 'asking', request: REQUEST });
    answer(bindingQuote());
    await first;
    expect(api.requestQuote).toHaveBeenCalledOnce();
  });

  it('keeps a refusal with its reason until it is put away', async () => {
    api.requestQuote.mockRejectedValue(REFUSAL);
    await desk.ask(REQUEST);
    expect(standing()).toMatchObject({ kind: 'refused', code: 'quote_wait' });
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('quote_wait');
    desk.clear('ore');
    expect(standing()).toBeUndefined();
  });

  it('asks again under the same id where no answer came, and says so if none comes', async () => {
    api.requestQuote.mockRejectedValueOnce(new NoAnswer('lost'));
    api.requestQuote.mockResolvedValueOnce(bindingQuote());
    await desk.ask(REQUEST);
    expect(api.requestQuote.mock.calls.map(([commandId]) => commandId)).toEqual(['c-1', 'c-1']);
    expect(standing()).toMatchObject({ kind: 'granted' });
    api.requestQuote.mockRejectedValue(new NoAnswer('away'));
    await desk.ask(REQUEST);
    expect(standing()).toMatchObject({ kind: 'refused', code: 'no_answer' });
  });

  it('ends a quote once, and keeps until when the next has to wait', async () => {
    api.requestQuote.mockResolvedValue(bindingQuote());
    await desk.ask(REQUEST);
    desk.clear('ore');
    expect(standing()).toMatchObject({ kind: 'granted', end: null });
    desk.close({ quote_id: 'another', reason: 'used' });
    expect(standing()).toMatchObject({ end: null });
    const next_quote_at = '2026-11-24T14:00:16Z';
    desk.close({ quote_id: 'quote-1', reason: 'expired', next_quote_at });
    desk.close({ quote_id: 'quote-1', reason: 'used' });
    expect(standing()).toMatchObject({ end: 'expired' });
    expect(desk.state.getState().waitUntil).toBe('2026-11-24T14:00:16Z');
    desk.clear('ore');
    expect(standing()).toBeUndefined();
  });

  it('finds the live quotes again after a reload', async () => {
    const quotes = [bindingQuote(), bindingQuote({ commodity: 'fuel' })];
    api.quotes.mockResolvedValue({ quotes, next_quote_at: '2026-11-24T14:00:16Z' });
    await desk.restore();
    const { standings, waitUntil } = desk.state.getState();
    expect(Object.keys(standings)).toEqual(['ore', 'fuel']);
    expect(waitUntil).toBe('2026-11-24T14:00:16Z');
  });

  it('does not bring a quote back to life that is over', () => {
    desk.take(bindingQuote());
    desk.close({ quote_id: 'quote-1', reason: 'used' });
    desk.take(bindingQuote());
    expect(standing()).toMatchObject({ end: 'used' });
  });

  it('goes on without the live quotes where nobody tells them', async () => {
    api.quotes.mockRejectedValue(new NoAnswer('away'));
    await desk.restore();
    expect(desk.state.getState().standings).toEqual({});
  });

  it('shows an answer that comes late to nobody but the player who asked', async () => {
    let answer: (quote: ReturnType<typeof bindingQuote>) => void = () => undefined;
    api.requestQuote.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const asked = desk.ask(REQUEST);
    desk.vacate();
    answer(bindingQuote());
    await asked;
    expect(standing()).toBeUndefined();
    expect(onRefused).not.toHaveBeenCalled();
  });
});
