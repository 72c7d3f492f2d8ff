import type { QueryClient } from '@tanstack/react-query';
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Order } from '../connection/api';
import type { PlayerState, PortMarket, Trade } from '../protocol/shapes';
import { type Outcome, placeTrade, settleTrade, type TradeApi } from './placeTrade';
import { resourceKeys } from './resourceKeys';

/** Where the player's latest order stands. */
export type DeskState =
  | { readonly stage: 'idle' }
  | { readonly stage: 'sending' | 'doubtful'; readonly order: Order; readonly commandId: string }
  | {
      readonly stage: 'settled';
      readonly order: Order;
      readonly commandId: string;
      readonly outcome: Outcome;
    };

/** What the desk needs from the browser. */
export interface DeskSurroundings {
  readonly newCommandId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * The one place from which orders are sent. It outlives the ticket on the screen, so that an order
 * under way is followed to its end wherever the player looks meanwhile.
 */
export class TradeDesk {
  readonly state: StoreApi<DeskState> = createStore<DeskState>(() => ({ stage: 'idle' }));

  /** Rises when the player leaves, so that an outcome that comes later is not shown to the next. */
  private occupancy = 0;

  /** @param onSettled called with every outcome, to announce it. */
  constructor(
    private readonly api: TradeApi,
    private readonly resources: QueryClient,
    private readonly around: DeskSurroundings,
    private readonly onSettled: (order: Order, outcome: Outcome) => void,
  ) {}

  /**
   * Send an order under a new command id.
   *
   * @returns what became of it; null, and nothing sent, while another order is unsettled.
   */
  async place(order: Order): Promise<Outcome | null> {
    if (this.isUnsettled()) return null;
    const commandId = this.around.newCommandId();
    this.state.setState({ stage: 'sending', order, commandId }, true);
    const { occupancy } = this;
    const onDoubt = () => {
      if (occupancy !== this.occupancy) return;
      this.state.setState({ stage: 'doubtful', order, commandId }, true);
    };
    const { sleep } = this.around;
    const settle = this.settlement(order, commandId);
    const outcome = await placeTrade(this.api, commandId, order, onDoubt, sleep);
    settle(outcome);
    return outcome;
  }

  /** Ask again what became of an order whose outcome is unknown, under its own command id. */
  async inquire(): Promise<void> {
    const state = this.state.getState();
    if (state.stage !== 'settled' || state.outcome.kind !== 'unknown') return;
    const { order, commandId } = state;
    this.state.setState({ stage: 'doubtful', order, commandId }, true);
    const settle = this.settlement(order, commandId);
    settle(await settleTrade(this.api, commandId, order, this.around.sleep));
  }

  /** Put a settled result away; an order whose outcome is unknown stays. */
  clear(): void {
    if (!this.isUnsettled()) this.state.setState({ stage: 'idle' }, true);
  }

  /** Leave the desk to the next player. */
  vacate(): void {
    this.occupancy += 1;
    this.state.setState({ stage: 'idle' }, true);
  }

  private isUnsettled(): boolean {
    const state = this.state.getState();
    switch (state.stage) {
      case 'idle':
        return false;
      case 'sending':
      case 'doubtful':
        return true;
      case 'settled':
        return state.outcome.kind === 'unknown';
    }
  }

  private settlement(order: Order, commandId: string): (outcome: Outcome) => void {
    const { occupancy } = this;
    return (outcome) => {
      if (occupancy !== this.occupancy) return;
      this.state.setState({ stage: 'settled', order, commandId, outcome }, true);
      if (outcome.kind === 'executed') this.takeIn(outcome.receipt.trade);
      this.onSettled(order, outcome);
    };
  }

  private takeIn(trade: Trade): void {
    this.resources.setQueryData<PlayerState>(resourceKeys.player, (held) =>
      held === undefined ? held : afterTrade(held, trade),
    );
    const portKey = resourceKeys.port(trade.port_id);
    const port = this.resources.getQueryData<PortMarket>(portKey);
    if (port === undefined || port.version < trade.market_version) {
      void this.resources.invalidateQueries({ queryKey: portKey });
    }
    void this.resources.invalidateQueries({ queryKey: resourceKeys.player });
    void this.resources.invalidateQueries({ queryKey: resourceKeys.history });
  }
}

/** Return the player's state with a trade's receipt taken in: old state + receipt = new state. */
export function afterTrade(state: PlayerState, trade: Trade): PlayerState {
  const cargo = { ...state.ship.cargo, [trade.commodity]: trade.cargo_after };
  if (trade.cargo_after === 0) Reflect.deleteProperty(cargo, trade.commodity);
  return { ...state, credits: trade.credits_after, ship: { ...state.ship, cargo } };
}
