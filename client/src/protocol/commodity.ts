/** The ten goods of the galaxy, in the order in which lists show them. */
export const COMMODITIES = [
  'ore',
  'minerals',
  'energy',
  'fuel',
  'organics',
  'gourmet_food',
  'equipment',
  'technology',
  'exotic_technology',
  'luxury',
] as const;

export type Commodity = (typeof COMMODITIES)[number];

const NAMES: Record<Commodity, string> = {
  ore: 'Ore',
  minerals: 'Minerals',
  energy: 'Energy',
  fuel: 'Fuel',
  organics: 'Organics',
  gourmet_food: 'Gourmet food',
  equipment: 'Equipment',
  technology: 'Technology',
  exotic_technology: 'Exotic technology',
  luxury: 'Luxury goods',
};

/** Return the name that people read for a commodity. */
export function commodityName(commodity: Commodity): string {
  return NAMES[commodity];
}

/** Tell whether a text, such as a part of an address, names a commodity. */
export function isCommodity(text: string): text is Commodity {
  return (COMMODITIES as readonly string[]).includes(text);
}
