import { COMMODITIES, type Commodity } from './commodity';
import type { PlayerState } from './shapes';

/** Return the units of all goods in the hold. */
export function unitsAboard(ship: PlayerState['ship']): number {
  return Object.values(ship.cargo).reduce((sum, units) => sum + units, 0);
}

/** Return the units that the hold still takes. */
export function holdFree(ship: PlayerState['ship']): number {
  return Math.max(0, ship.cargo_capacity - unitsAboard(ship));
}

export interface CargoLine {
  readonly commodity: Commodity;
  readonly units: number;
}

/** List what the hold carries, in the order of commodities. */
export function cargoLines(ship: PlayerState['ship']): readonly CargoLine[] {
  return COMMODITIES.map((commodity) => ({ commodity, units: ship.cargo[commodity] ?? 0 })).filter(
    ({ units }) => units > 0,
  );
}

/** Write a class of ships or ports, such as `light_freighter`, for people. */
export function classTitle(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
