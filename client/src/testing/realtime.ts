import { expect, vi } from 'vitest';

import { type Listener, RealtimeConnection, type Socket } from '../connection/realtime';
import type { JsonObject } from '../protocol/canonicalJson';

/** A frame as the client signed it. */
export interface SentFrame {
  readonly type: string;
  readonly id: string;
  readonly counter: number;
  readonly data: JsonObject;
  readonly timestamp: string;
  readonly session_id: string;
  readonly signature: string;
}

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  readonly sent: SentFrame[] = [];
  closedWith: number | undefined;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as SentFrame);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  /** Let a frame arrive from the server. */
  deliver(type: string, data: unknown, published: Record<string, unknown> = {}): void {
    const frame = { type, data, timestamp: 'now', session_id: 'stream', ...published };
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** The connection with fake sockets, a clock set by hand and timers run by hand. */
export function connectionWorld() {
  const sockets: FakeSocket[] = [];
  const timers = new Set<{ readonly dueMs: number; readonly task: () => void }>();
  let nowMs = 0;
  const listener = {
    lifecycle: vi.fn<Listener['lifecycle']>(),
    published: vi.fn<Listener['published']>(),
    gap: vi.fn<Listener['gap']>(),
    refused: vi.fn<Listener['refused']>(),
    resumed: vi.fn<Listener['resumed']>(),
    fates: vi.fn<Listener['fates']>(),
    roundTrip: vi.fn<Listener['roundTrip']>(),
  };
  const renewToken = vi.fn(() => Promise.resolve('renewed'));
  const commandsInDoubt: string[] = [];
  const connection = new RealtimeConnection(
    'session-1',
    {
      openSocket: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      nowMs: () => nowMs,
      timestamp: () => '2026-11-24T14:00:00.000Z',
      random: () => 0,
      after: (delayMs, task) => {
        const timer = { dueMs: nowMs + delayMs, task };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      accessToken: () => Promise.resolve('access'),
      renewToken,
      commandsInDoubt: () => commandsInDoubt,
      tickEveryMs: () => 1_000,
    },
    listener,
  );
  /** Move the clock, running what falls due on the way. */
  function pass(ms: number): void {
    const untilMs = nowMs + ms;
    for (;;) {
      const due = [...timers].filter((timer) => timer.dueMs <= untilMs);
      const next = due.sort((one, other) => one.dueMs - other.dueMs)[0];
      if (next === undefined) break;
      timers.delete(next);
      nowMs = next.dueMs;
      next.task();
    }
    nowMs = untilMs;
  }
  function newest(): FakeSocket {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }
  return { connection, listener, sockets, pass, newest, renewToken, commandsInDoubt };
}

/** Wait until a socket has been sent so many frames. */
export async function sentCount(socket: FakeSocket, count: number): Promise<readonly SentFrame[]> {
  await vi.waitFor(() => {
    expect(socket.sent).toHaveLength(count);
  });
  return socket.sent;
}
