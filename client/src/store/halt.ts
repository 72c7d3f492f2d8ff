import { createStore, type StoreApi } from 'zustand/vanilla';

/** The refusals by which the risk gate lets nothing, or only sales, through. */
const HALT_CODES = ['game_halted', 'player_halted', 'port_halted', 'reducing_only'] as const;
export type HaltCode = (typeof HALT_CODES)[number];

/** What operators stopped, as the latest refusal told it; null as far as is known nothing. */
export type Halt = {
  readonly code: HaltCode;
  readonly reason: string;
  /** Where the ship was docked when it was refused. */
  readonly portId: string | null;
} | null;

export type HaltStore = StoreApi<{ readonly halt: Halt }>;

export function createHaltStore(): HaltStore {
  return createStore<{ readonly halt: Halt }>(() => ({ halt: null }));
}

/** Learn from a refusal whether trading is halted; other refusals say nothing of it. */
export function learnHalt(
  store: HaltStore,
  refusal: { readonly code: string; readonly reason: string },
  portId: string | null,
): void {
  const code = HALT_CODES.find((candidate) => candidate === refusal.code);
  if (code !== undefined) store.setState({ halt: { code, reason: refusal.reason, portId } });
}

/** Learn from something that was executed that trading goes on. */
export function endHalt(store: HaltStore): void {
  store.setState({ halt: null });
}
