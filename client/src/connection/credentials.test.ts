// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { TokenGrant } from '../protocol/shapes';
import { Credentials } from './credentials';
import { ApiProblem, NoAnswer } from './problem';

let issued = 0;

function grant(): TokenGrant {
  issued += 1;
  return {
    access_token: `access-${issued}`,
    refresh_token: `refresh-${issued}`,
    expires_in: 900,
    player_id: 'p-1',
    username: 'ada',
  };
}

const OVER = new ApiProblem({ title: 'Over', status: 401, code: 'token_expired', retry: 'never' });

describe('Credentials', () => {
  let nowMs = 0;
  const refresh = vi.fn<(token: string) => Promise<TokenGrant>>();
  const onEnded = vi.fn();
  let credentials: Credentials;

  beforeEach(() => {
    issued = 0;
    nowMs = 0;
    sessionStorage.clear();
    refresh.mockReset().mockImplementation(() => Promise.resolve(grant()));
    onEnded.mockReset();
    credentials = new Credentials(refresh, sessionStorage, () => nowMs, onEnded);
  });

  it('keeps using an access token until shortly before its end', async () => {
    credentials.accept(grant());
    nowMs = 839_999;
    expect(await credentials.accessToken()).toBe('access-1');
    nowMs = 840_000;
    expect(await credentials.accessToken()).toBe('access-2');
    expect(refresh).toHaveBeenCalledExactlyOnceWith('refresh-1');
  });

  it('renews once for many callers, since a refresh token is good for one use', async () => {
    credentials.accept(grant());
    nowMs = 900_000;
    const tokens = await Promise.all([credentials.accessToken(), credentials.accessToken()]);
    expect(tokens).toEqual(['access-2', 'access-2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('keeps the access token out of the storage', () => {
    credentials.accept(grant());
    expect(JSON.stringify(Object.entries(sessionStorage))).not.toContain('access-1');
  });

  it('ends the session when the server says that it is over', async () => {
    credentials.accept(grant());
    refresh.mockRejectedValue(OVER);
    await expect(credentials.renew()).rejects.toBe(OVER);
    expect(onEnded).toHaveBeenCalledOnce();
    expect(credentials.present).toBe(false);
  });

  it('keeps the session when the server is only away', async () => {
    credentials.accept(grant());
    refresh.mockRejectedValue(new NoAnswer('away'));
    await expect(credentials.renew()).rejects.toBeInstanceOf(NoAnswer);
    expect(onEnded).not.toHaveBeenCalled();
    expect(credentials.present).toBe(true);
  });
});
