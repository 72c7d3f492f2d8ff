import type { Commodity } from '../protocol/commodity';

/** The addresses of the pages. */
export const paths = {
  signIn: '/sign-in',
  register: '/register',
  market: (commodity: Commodity) => `/market/${commodity}`,
  port: (commodity: Commodity) => `/port/${commodity}`,
  galaxy: '/galaxy',
  automation: '/automation',
  ship: '/ship',
  orders: '/orders',
  operators: '/operators',
  connection: (connectionId: string) => `/operators/${encodeURIComponent(connectionId)}`,
} as const;
