import * as v from 'valibot';

import type { Commodity } from '../protocol/commodity';
import {
  AvailableMoves,
  type CandleInterval,
  Candles,
  Departure,
  Docking,
  GalaxyMap,
  PlayerState,
  PortMarket,
  Sector,
  ServerStatus,
  TokenGrant,
  Undocking,
} from '../protocol/shapes';
import { send, sendAs, type TokenSource } from './http';

/** Read the server's public status. */
export function status(): Promise<ServerStatus> {
  return send({ method: 'GET', path: '/status', answer: ServerStatus });
}

export function register(
  username: string,
  password: string,
  email: string | null,
): Promise<TokenGrant> {
  const body = { username, password, ...(email !== null && { email }) };
  return send({ method: 'POST', path: '/auth/register', body, answer: TokenGrant });
}

export function login(username: string, password: string): Promise<TokenGrant> {
  const body = { username, password };
  return send({ method: 'POST', path: '/auth/login', body, answer: TokenGrant });
}

export function refresh(refreshToken: string): Promise<TokenGrant> {
  const body = { refresh_token: refreshToken };
  return send({ method: 'POST', path: '/auth/refresh', body, answer: TokenGrant });
}

/** The server's endpoints for the signed-in player. Every method may throw as `sendAs` does. */
export class PlayerApi {
  constructor(private readonly tokens: TokenSource) {}

  logout(): Promise<unknown> {
    return sendAs(this.tokens, { method: 'POST', path: '/auth/logout', answer: v.unknown() });
  }

  player(): Promise<PlayerState> {
    return sendAs(this.tokens, { method: 'GET', path: '/player/state', answer: PlayerState });
  }

  sector(): Promise<Sector> {
    return sendAs(this.tokens, { method: 'GET', path: '/player/current-sector', answer: Sector });
  }

  galaxy(): Promise<GalaxyMap> {
    return sendAs(this.tokens, { method: 'GET', path: '/galaxy/map', answer: GalaxyMap });
  }

  moves(): Promise<v.InferOutput<typeof AvailableMoves>> {
    const path = '/player/available-moves';
    return sendAs(this.tokens, { method: 'GET', path, answer: AvailableMoves });
  }

  move(sectorId: string): Promise<v.InferOutput<typeof Departure>> {
    const path = `/player/move/${encodeURIComponent(sectorId)}`;
    return sendAs(this.tokens, { method: 'POST', path, answer: Departure });
  }

  dock(portId: string): Promise<v.InferOutput<typeof Docking>> {
    const body = { port_id: portId };
    return sendAs(this.tokens, { method: 'POST', path: '/trading/dock', body, answer: Docking });
  }

  undock(): Promise<v.InferOutput<typeof Undocking>> {
    return sendAs(this.tokens, { method: 'POST', path: '/trading/undock', answer: Undocking });
  }

  port(portId: string): Promise<PortMarket> {
    const path = `/trading/market/${encodeURIComponent(portId)}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: PortMarket });
  }

  candles(
    commodity: Commodity,
    interval: CandleInterval,
    portId: string | null,
    limit: number,
  ): Promise<Candles> {
    const query = new URLSearchParams({ interval, limit: String(limit) });
    if (portId !== null) query.set('port_id', portId);
    const path = `/market/candles/${commodity}?${query.toString()}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: Candles });
  }
}
