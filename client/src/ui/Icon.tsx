const PATHS = {
  market: 'M4 19V5M4 19h16M8 15l4-5 3 3 5-7',
  port: 'M12 3v18M5 8l7-5 7 5M5 8v8l7 5 7-5V8M5 8l7 4 7-4',
  galaxy:
    'M12 12m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M4.5 16.5c-2.4-3.6 1-8.8 7.5-9M19.5 7.5c2.4 3.6-1 8.8-7.5 9',
  ship: 'M12 3c3.5 3 5 7 5 11l-5 3-5-3c0-4 1.5-8 5-11ZM7 14l-3 5 5-1.5M17 14l3 5-5-1.5',
  orders: 'M9 6h11M9 12h11M9 18h7M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  automation:
    'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  operators: 'M12 3l7 2.5v5.5c0 5-3 8-7 10-4-2-7-5-7-10V5.5ZM9 12l2 2 4-4',
  aria: 'M4 5h16v11H11l-5 4v-4H4ZM8 9h8M8 12h5',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15ZM10 20.5h4',
  send: 'M4 12 20 5l-5 15-3.5-6.5Z',
  plus: 'M12 5v14M5 12h14',
  bin: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  close: 'M6 6l12 12M18 6 6 18',
  signout: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  keyboard: 'M3 7h18v10H3zM7 10.5h.01M11 10.5h.01M15 10.5h.01M8 14h8',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside a text that says the same. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
