/**
 * Tell whether a close code says not to come back as one is: the session is over or revoked, or the
 * token was not taken. A new token must be had first. Our codes below 4500 ask to reconnect.
 */
export function asksToStayAway(code: number): boolean {
  return code >= 4_500 && code <= 4_999;
}
