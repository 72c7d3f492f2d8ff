import type { QueryClient } from '@tanstack/react-query';
import { createStore, type StoreApi } from 'zustand/vanilla';

import * as api from '../connection/api';
import type { Credentials } from '../connection/credentials';
import type { RealtimeConnection } from '../connection/realtime';
import type { TokenGrant } from '../protocol/shapes';

export type SessionStatus =
  | { readonly status: 'restoring' }
  /** The server did not answer when the page asked for the session. */
  | { readonly status: 'unreachable' }
  | { readonly status: 'signed_out'; readonly ended: boolean }
  | { readonly status: 'signed_in' };

export type SessionStore = StoreApi<SessionStatus>;

export function createSessionStore(): SessionStore {
  return createStore<SessionStatus>(() => ({ status: 'restoring' }));
}

/** Signing in and out, with all that begins and ends with it. */
export class Session {
  constructor(
    private readonly store: SessionStore,
    private readonly credentials: Credentials,
    private readonly connection: RealtimeConnection,
    private readonly player: api.PlayerApi,
    private readonly resources: QueryClient,
  ) {}

  /** Return to the session of this tab, if it has one. */
  async restore(): Promise<void> {
    if (!this.credentials.present) {
      this.store.setState({ status: 'signed_out', ended: false }, true);
      return;
    }
    this.store.setState({ status: 'restoring' }, true);
    try {
      await this.credentials.renew();
      this.enter();
    } catch {
      // Where the server said that the session is over, `ended` has been called already.
      if (this.store.getState().status === 'signed_out') return;
      this.store.setState({ status: 'unreachable' }, true);
    }
  }

  /** @throws ApiProblem, NoAnswer, UnreadableAnswer */
  async signIn(username: string, password: string): Promise<void> {
    this.accept(await api.login(username, password));
  }

  /** @throws ApiProblem, NoAnswer, UnreadableAnswer */
  async register(username: string, password: string, email: string | null): Promise<void> {
    this.accept(await api.register(username, password, email));
  }

  /** Leave: the line is closed at once, the rest once the server was told, if it can be reached. */
  signOut(): void {
    // Before the server closes it, which the page would take for a token to be renewed.
    this.connection.stop();
    const told = this.player.logout().catch(() => undefined);
    void told.finally(() => {
      this.end(false);
    });
  }

  /** Leave because the server ended the session. */
  ended(): void {
    this.end(true);
  }

  private accept(grant: TokenGrant): void {
    this.credentials.accept(grant);
    this.enter();
  }

  private enter(): void {
    this.store.setState({ status: 'signed_in' }, true);
    this.connection.start();
  }

  private end(byServer: boolean): void {
    this.credentials.forget();
    this.connection.stop();
    this.resources.clear();
    this.store.setState({ status: 'signed_out', ended: byServer }, true);
  }
}
