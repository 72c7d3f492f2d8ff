import { createStore, type StoreApi } from 'zustand/vanilla';

import { ApiProblem, explain, NoAnswer } from '../connection/problem';
import type { QuoteRequest } from '../connection/tradingApi';
import type { Commodity } from '../protocol/commodity';
import type { BindingQuote, QuoteClose, QuoteList } from '../protocol/order';

/** Why a quote is no longer live; `withdrawn`: the ship left the port. */
export type QuoteEnd = QuoteClose['reason'];

/** Where the player stands with a port over a quote for one good. */
export type QuoteStanding =
  | { readonly kind: 'asking'; readonly request: QuoteRequest }
  /** It may have run out by the clock before the server says so in `end`. */
  | { readonly kind: 'granted'; readonly quote: BindingQuote; readonly end: QuoteEnd | null }
  | {
      readonly kind: 'refused';
      readonly request: QuoteRequest;
      readonly code: string;
      readonly reason: string;
    };

export interface QuoteDeskState {
  /** A port has at most one live quote for a player and good, and he is docked at one port. */
  readonly standings: Readonly<Partial<Record<Commodity, QuoteStanding>>>;
  /** Before this moment of the server's no port gives the player another quote; RFC 3339. */
  readonly waitUntil: string | null;
}

const VACANT: QuoteDeskState = { standings: {}, waitUntil: null };

/** The requests that quotes need. */
export interface QuoteApi {
  requestQuote(commandId: string, request: QuoteRequest): Promise<BindingQuote>;
  quotes(): Promise<QuoteList>;
}

/** Asks ports for binding quotes, and keeps those they gave while they matter. */
export class QuoteDesk {
  readonly state: StoreApi<QuoteDeskState> = createStore<QuoteDeskState>(() => VACANT);
  /** Rises when the player leaves, so that an answer that comes later is not shown to the next. */
  private occupancy = 0;

  /** @param onRefused called with the code of every refusal. */
  constructor(
    private readonly api: QuoteApi,
    private readonly newCommandId: () => string,
    private readonly onRefused: (code: string) => void,
  ) {}

  /** Ask for a quote; one that is asked for already is waited for. */
  async ask(request: QuoteRequest): Promise<void> {
    const { commodity } = request;
    if (this.state.getState().standings[commodity]?.kind === 'asking') return;
    const { occupancy } = this;
    this.stand(commodity, { kind: 'asking', request });
    const standing = await this.answerTo(request);
    if (occupancy !== this.occupancy) return;
    this.stand(commodity, standing);
    if (standing.kind === 'refused') this.onRefused(standing.code);
  }

  /** Take in the quotes that are live, such as after a reload of the page. */
  async restore(): Promise<void> {
    const { occupancy } = this;
    try {
      const { quotes, next_quote_at } = await this.api.quotes();
      if (occupancy !== this.occupancy) return;
      quotes.forEach((quote) => this.take(quote));
      this.state.setState({ waitUntil: next_quote_at ?? null });
    } catch {
      // Nothing is lost but the sight of a promise that lasts for seconds.
    }
  }

  /** Take in a quote that the server gave. */
  take(quote: BindingQuote): void {
    const held = this.state.getState().standings[quote.commodity];
    if (held?.kind === 'granted' && held.quote.quote_id === quote.quote_id) return;
    this.stand(quote.commodity, { kind: 'granted', quote, end: null });
  }

  /** Take in that a quote is over, and until when the next has to wait, if it has to. */
  close(close: QuoteClose): void {
    this.state.setState((state) => afterClose(state, close), true);
  }

  /** Put away how an earlier request ended. */
  clear(commodity: Commodity): void {
    const standing = this.state.getState().standings[commodity];
    if (standing === undefined || standing.kind === 'asking') return;
    if (standing.kind === 'granted' && standing.end === null) return;
    this.state.setState(({ standings, waitUntil }) => {
      const rest = { ...standings };
      Reflect.deleteProperty(rest, commodity);
      return { standings: rest, waitUntil };
    });
  }

  /** Leave the desk to the next player. */
  vacate(): void {
    this.occupancy += 1;
    this.state.setState(VACANT, true);
  }

  private stand(commodity: Commodity, standing: QuoteStanding): void {
    this.state.setState(({ standings }) => ({
      standings: { ...standings, [commodity]: standing },
    }));
  }

  /** Ask, once more under the same id where no answer came. */
  private async answerTo(request: QuoteRequest): Promise<QuoteStanding> {
    const commandId = this.newCommandId();
    const asked = () => this.api.requestQuote(commandId, request);
    try {
      const quote = await asked().catch((error: unknown) => {
        if (error instanceof NoAnswer) return asked();
        throw error;
      });
      return { kind: 'granted', quote, end: null };
    } catch (error) {
      const code = error instanceof ApiProblem ? error.code : 'no_answer';
      return { kind: 'refused', request, code, reason: explain(error) };
    }
  }
}

/** Return the desk's state after a quote's end: the first end that is told counts. */
export function afterClose(
  { standings, waitUntil: held }: QuoteDeskState,
  { quote_id, reason, next_quote_at }: QuoteClose,
): QuoteDeskState {
  const ended = Object.values(standings).find(
    (standing) =>
      standing.kind === 'granted' && standing.quote.quote_id === quote_id && standing.end === null,
  );
  const waitUntil = next_quote_at ?? held;
  if (ended?.kind !== 'granted') return { standings, waitUntil };
  return {
    standings: { ...standings, [ended.quote.commodity]: { ...ended, end: reason } },
    waitUntil,
  };
}
