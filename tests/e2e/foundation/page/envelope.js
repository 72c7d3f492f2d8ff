/** The client's envelope: how it seals what it sends, and what it drops of what it gets. */

const KNOWN_TYPES = [
  "market_update",
  "universe_pulse",
  "port_network",
  "ai_alert",
  "trading_signal",
  "combat_event",
];
const CLOCK_DIFFERENCE_MAX_MS = 5 * 60 * 1000;
const WINDOW_MS = 60 * 1000;
const FRAMES_PER_WINDOW = 100;

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns a frame's text. The digest of the frame that authenticates covers the token alone. */
export async function seal(type, data, timestamp, sessionId) {
  const covered = data.action === "authenticate" ? { token: data.token } : data;
  const signature = await sha256(JSON.stringify(covered) + sessionId);
  return JSON.stringify({ type, data, timestamp, signature, session_id: sessionId });
}

/** Returns why the client drops a frame, or null. */
export function validatorFault(frame) {
  for (const name of ["type", "data", "timestamp", "session_id"]) {
    if (!frame[name]) return `no ${name}`;
  }
  if (!KNOWN_TYPES.includes(frame.type)) return `unknown type ${frame.type}`;
  // A timestamp that cannot be parsed is NaN, which is not more than anything.
  const difference = Math.abs(Date.now() - new Date(frame.timestamp).getTime());
  return difference > CLOCK_DIFFERENCE_MAX_MS ? `clocks differ by ${difference} ms` : null;
}

/** A fixed window of 60 s for each bucket, from its first frame; no reconnection resets it. */
export class FixedWindow {
  constructor() {
    this.windows = new Map();
  }

  admit(bucket) {
    const now = Date.now();
    let window = this.windows.get(bucket);
    if (window === undefined || now - window.startedAt >= WINDOW_MS) {
      window = { startedAt: now, count: 0 };
      this.windows.set(bucket, window);
    }
    if (window.count >= FRAMES_PER_WINDOW) return false;
    window.count += 1;
    return true;
  }
}
