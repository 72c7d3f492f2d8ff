import type { QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { ResumedCommand } from '../protocol/envelope';
import { type Order, Receipt, tradesOf } from '../protocol/order';
import type { PlayerState, PortMarket } from '../protocol/shapes';
import type { Trade } from '../protocol/trade';
import { type OrderInDoubt, OrdersInDoubt } from './ordersInDoubt';
import { takeOrder } from './openOrders';
import { type OrderApi, type Outcome, placeOrder, settleOrder } from './placeOrder';
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
  /** Outlives a reload of the page, as an order under way must. */
  readonly storage: Storage;
}

/**
 * The one place from which orders are sent. It outlives the ticket on the screen, so that an order
 * under way is followed to its end wherever the player looks meanwhile.
 */
export class TradeDesk {
  readonly state: StoreApi<DeskState> = createStore<DeskState>(() => ({ stage: 'idle' }));

  /** Rises when the player leaves, so that an outcome that comes later is not shown to the next. */
  private occupancy = 0;
  private readonly inDoubt: OrdersInDoubt;

  /** @param onSettled called with every outcome, to announce it. */
  constructor(
    private readonly api: OrderApi,
    private readonly resources: QueryClient,
    private readonly around: DeskSurroundings,
    private readonly onSettled: (order: Order, outcome: Outcome) => void,
  ) {
    this.inDoubt = new OrdersInDoubt(around.storage);
  }

  /** The ids of commands that were sent and whose outcome is not known. */
  get commandsInDoubt(): readonly string[] {
    const state = this.state.getState();
    return state.stage !== 'idle' && this.isUnsettled() ? [state.commandId] : [];
  }

  /** Go after an order that was under way when the page was left, under its own command id. */
  async resume(): Promise<void> {
    const left = this.inDoubt.read();
    if (left === null || this.isUnsettled()) return;
    await this.settle(left);
  }

  /**
   * Send an order under a new command id.
   *
   * @returns what became of it; null, and nothing sent, while another order is unsettled.
   */
  async place(order: Order): Promise<Outcome | null> {
    if (this.isUnsettled()) return null;
    const commandId = this.around.newCommandId();
    this.inDoubt.keep({ order, commandId });
    this.state.setState({ stage: 'sending', order, commandId }, true);
    const { occupancy } = this;
    const onDoubt = () => {
      if (occupancy !== this.occupancy) return;
      this.state.setState({ stage: 'doubtful', order, commandId }, true);
    };
    const { sleep } = this.around;
    const settle = this.settlement(order, commandId);
    const outcome = await placeOrder(this.api, commandId, order, onDoubt, sleep);
    settle(outcome);
    return outcome;
  }

  /** Ask again what became of an order whose outcome is unknown, under its own command id. */
  async inquire(): Promise<void> {
    const state = this.state.getState();
    if (state.stage !== 'settled' || state.outcome.kind !== 'unknown') return;
    await this.settle(state);
  }

  /** Take in what the server told of commands on coming back; what it left open is asked for. */
  learn(fates: readonly ResumedCommand[]): void {
    const state = this.state.getState();
    if (state.stage === 'idle' || !this.isUnsettled()) return;
    const fate = fates.find(({ command_id }) => command_id === state.commandId);
    if (fate === undefined) return;
    const receipt = v.safeParse(Receipt, fate.receipt);
    const settle = this.settlement(state.order, state.commandId);
    if (fate.status === 'executed' && receipt.success) {
      settle({ kind: 'executed', receipt: receipt.output });
    } else if (fate.status === 'rejected') {
      settle({ kind: 'refused', code: fate.code ?? 'rejected', reason: fate.detail ?? '' });
    } else {
      void this.inquire();
    }
  }

  /** Put a settled result away; an order whose outcome is unknown stays. */
  clear(): void {
    if (!this.isUnsettled()) this.state.setState({ stage: 'idle' }, true);
  }

  /** Take an executed trade into what the page knows, from whichever side it was ordered. */
  takeIn(trade: Trade): void {
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

  /** Leave the desk to the next player. */
  vacate(): void {
    this.occupancy += 1;
    this.inDoubt.forget();
    this.state.setState({ stage: 'idle' }, true);
  }

  private takeInReceipt(receipt: Receipt): void {
    tradesOf(receipt).forEach((trade) => this.takeIn(trade));
    if (!('order' in receipt)) return;
    takeOrder(this.resources, receipt.order);
    // What the order puts aside is not in the receipt.
    void this.resources.invalidateQueries({ queryKey: resourceKeys.player });
  }

  private async settle({ order, commandId }: OrderInDoubt): Promise<void> {
    this.state.setState({ stage: 'doubtful', order, commandId }, true);
    const settle = this.settlement(order, commandId);
    settle(await settleOrder(this.api, commandId, order, this.around.sleep));
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

  /** The outcome may come both over the socket and by asking; the first one counts. */
  private awaits(commandId: string): boolean {
    const state = this.state.getState();
    return state.stage !== 'idle' && state.commandId === commandId && this.isUnsettled();
  }

  private settlement(order: Order, commandId: string): (outcome: Outcome) => void {
    const { occupancy } = this;
    return (outcome) => {
      if (occupancy !== this.occupancy || !this.awaits(commandId)) return;
      if (outcome.kind !== 'unknown') this.inDoubt.forget();
      this.state.setState({ stage: 'settled', order, commandId, outcome }, true);
      if (outcome.kind === 'executed') this.takeInReceipt(outcome.receipt);
      this.onSettled(order, outcome);
    };
  }
}

/** Return the player's state with a trade's receipt taken in: old state + receipt = new state. */
export function afterTrade(state: PlayerState, trade: Trade): PlayerState {
  const cargo = { ...state.ship.cargo, [trade.commodity]: trade.cargo_after };
  if (trade.cargo_after === 0) Reflect.deleteProperty(cargo, trade.commodity);
  return { ...state, credits: trade.credits_after, ship: { ...state.ship, cargo } };
}
