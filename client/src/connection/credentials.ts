import type { TokenGrant } from '../protocol/shapes';
import { ApiProblem } from './problem';

const STORAGE_KEY = 'sectorwars.refresh';
/** Renew this long before the access token ends, so that no request meets an expired one. */
const RENEW_BEFORE_END_MS = 60_000;

interface Grant {
  readonly accessToken: string;
  readonly renewAtMs: number;
}

/**
 * The tokens of the signed-in player.
 *
 * The access token lives in memory only. The refresh token lies in sessionStorage: it outlives a
 * reload, ends with the tab, and is not shared between tabs, where two of them rotating one token
 * would look to the server like a stolen one. Scripts can read it, as they could use any cookie;
 * the defence against foreign scripts is the page's content security policy.
 */
export class Credentials {
  private grant: Grant | null = null;
  private renewal: Promise<string> | null = null;

  /**
   * @param refresh exchanges a refresh token for a new grant.
   * @param onEnded called once when the session is over and the player must sign in again.
   */
  constructor(
    private readonly refresh: (refreshToken: string) => Promise<TokenGrant>,
    private readonly storage: Storage,
    private readonly nowMs: () => number,
    private readonly onEnded: () => void,
  ) {}

  /** Tell whether there is a session to return to. */
  get present(): boolean {
    return this.storage.getItem(STORAGE_KEY) !== null;
  }

  accept(grant: TokenGrant): void {
    this.storage.setItem(STORAGE_KEY, grant.refresh_token);
    const lifeMs = grant.expires_in * 1_000;
    this.grant = {
      accessToken: grant.access_token,
      renewAtMs: this.nowMs() + Math.max(lifeMs - RENEW_BEFORE_END_MS, lifeMs / 2),
    };
  }

  forget(): void {
    this.storage.removeItem(STORAGE_KEY);
    this.grant = null;
  }

  /**
   * Return an access token that is good for a while yet, renewing it where needed.
   *
   * @throws ApiProblem when the session is over, NoAnswer when the server is away.
   */
  async accessToken(): Promise<string> {
    if (this.grant !== null && this.nowMs() < this.grant.renewAtMs) return this.grant.accessToken;
    return this.renew();
  }

  /** Return a new access token, whatever the old one's age; callers at once share one renewal. */
  async renew(): Promise<string> {
    this.renewal ??= this.exchange().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async exchange(): Promise<string> {
    const refreshToken = this.storage.getItem(STORAGE_KEY);
    if (refreshToken === null) {
      throw new ApiProblem({
        title: 'Signed out',
        status: 401,
        code: 'not_signed_in',
        retry: 'never',
      });
    }
    try {
      const grant = await this.refresh(refreshToken);
      this.accept(grant);
      return grant.access_token;
    } catch (error) {
      const over = error instanceof ApiProblem && (error.status === 401 || error.status === 403);
      if (over) {
        this.forget();
        this.onEnded();
      }
      throw error;
    }
  }
}
