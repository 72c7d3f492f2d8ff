import * as v from 'valibot';

import {
  AuthSuccess,
  Refusal,
  Resumed,
  type ResumedChannel,
  type ResumedCommand,
  type ServerFrame,
  Staleness,
  Subscribed,
} from '../protocol/envelope';
import type { JsonValue } from '../protocol/canonicalJson';
import { parseChannel } from '../protocol/channel';
import { asksToStayAway } from '../protocol/closeCode';
import { continuity, type Position } from '../protocol/position';
import { importSessionKey, signFrame } from '../protocol/signing';
import { FrameReader } from './frameReader';
import {
  advance,
  type Effect,
  isOpen,
  type Lifecycle,
  type LifecycleEvent,
  SIGNED_OUT,
  STALE_AFTER_MS,
} from './lifecycle';
import { SubscriptionRequests } from './subscriptionRequests';

/** How often the connection looks at its clock. */
const TICK_MS = 1_000;
const PING_EVERY_MS = 10_000;
/** So many of the galaxy's ticks may pass without a price. */
const TICKS_WITHOUT_PRICE_MAX = 3;
/** Well within the life of an access token, so that the stream outlives it. */
const REAUTHENTICATE_EVERY_MS = 5 * 60_000;

/** The part of a browser's WebSocket that the connection needs. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

/** Clock, chance and sockets of the browser, passed in so that tests can pass others. */
export interface Surroundings {
  openSocket(): Socket;
  nowMs(): number;
  /** RFC 3339 time of the frames sent. */
  timestamp(): string;
  random(): number;
  /** Run a task later; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
  accessToken(): Promise<string>;
  renewToken(): Promise<string>;
  /** Commands that were sent and whose outcome is not known. */
  commandsInDoubt(): readonly string[];
  /** How often the galaxy ticks, and so has new prices. */
  tickEveryMs(): number;
}

/** What the connection tells the rest of the page. */
export interface Listener {
  lifecycle(state: Lifecycle): void;
  /** A channel's whole state at a moment, or the next change to it. */
  published(channel: string, data: unknown): void;
  /** Frames of a channel were missed: what was derived from each of them must be read again. */
  gap(channel: string, missed: number | null): void;
  /** Channels stand still for as long as this line lasts: the server will not have them followed. */
  refused(channels: readonly string[], reason: string): void;
  /** How the channels go on, told on coming back. */
  resumed(channels: readonly ResumedChannel[]): void;
  /** What became of the commands in doubt, told on coming back. */
  fates(commands: readonly ResumedCommand[]): void;
  /** How long a message to the server and its answer took. */
  roundTrip(ms: number): void;
}

/**
 * The page's one real-time connection: authenticates, signs, subscribes, comes back after losses
 * and says where it was.
 */
export class RealtimeConnection {
  private state: Lifecycle = SIGNED_OUT;
  private socket: Socket | null = null;
  private sessionKey: Promise<CryptoKey> | null = null;
  private counter = 0;
  private outbox: Promise<void> = Promise.resolve();
  private cancelTick: (() => void) | null = null;
  private cancelRetry: (() => void) | null = null;
  private pingedAtMs = 0;
  private authenticatedAtMs = 0;
  private readonly wanted = new Set<string>();
  private readonly positions = new Map<string, Position>();
  private readonly frames = new FrameReader();
  private readonly requests: SubscriptionRequests;

  constructor(
    private readonly sessionId: string,
    private readonly around: Surroundings,
    private readonly listener: Listener,
  ) {
    this.requests = new SubscriptionRequests(
      (channels) => this.command('subscribe', { channels: [...channels], deltas: true }),
      around,
    );
  }

  /** Connect, and stay connected until `stop`. */
  start(): void {
    this.step({ type: 'sign_in' });
    this.cancelTick ??= this.tickLater();
  }

  /** End the connection and forget what was subscribed. */
  stop(): void {
    this.cancelTick?.();
    this.cancelTick = null;
    this.wanted.clear();
    this.positions.clear();
    this.step({ type: 'sign_out' });
  }

  /** Try at once instead of waiting: the network came back, or the page was shown again. */
  wake(): void {
    this.step({ type: 'woken' });
  }

  /** Follow channels, now and after every reconnection. */
  subscribe(channels: readonly string[]): void {
    const added = channels.filter((channel) => !this.wanted.has(channel));
    added.forEach((channel) => this.wanted.add(channel));
    if (this.isAuthenticated) this.requests.ask(added);
  }

  /** Stop following channels. */
  unsubscribe(channels: readonly string[]): void {
    const removed = channels.filter((channel) => this.wanted.delete(channel));
    removed.forEach((channel) => {
      this.positions.delete(channel);
      this.frames.forget(channel);
      this.requests.answered(channel);
    });
    if (this.isAuthenticated && removed.length > 0) {
      this.command('unsubscribe', { channels: removed });
    }
  }

  private get isAuthenticated(): boolean {
    return isOpen(this.state);
  }

  private step(event: LifecycleEvent): void {
    const [next, effects] = advance(this.state, event, this.around.nowMs(), this.around.random());
    if (next !== this.state) {
      this.state = next;
      this.listener.lifecycle(next);
    }
    effects.forEach((effect) => this.carryOut(effect));
  }

  private carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'open':
        this.open();
        break;
      case 'authenticate':
        void this.authenticate();
        break;
      case 'renew_token':
        // Where the session is over, the token source ends it and the page stops this connection.
        void this.around.renewToken().catch(() => undefined);
        break;
      case 'close':
        this.drop();
        break;
      case 'retry':
        this.cancelRetry?.();
        this.cancelRetry = this.around.after(effect.delayMs, () => {
          this.step({ type: 'retry_due' });
        });
        break;
    }
  }

  private tickLater(): () => void {
    return this.around.after(TICK_MS, () => {
      this.cancelTick = this.tickLater();
      const staleAfterMs = TICKS_WITHOUT_PRICE_MAX * this.around.tickEveryMs();
      this.step({ type: 'tick', staleAfterMs: Math.max(STALE_AFTER_MS, staleAfterMs) });
      if (this.isAuthenticated) this.keepAlive(this.around.nowMs());
    });
  }

  private keepAlive(nowMs: number): void {
    if (nowMs - this.pingedAtMs >= PING_EVERY_MS) {
      this.pingedAtMs = nowMs;
      this.command('ping', {});
    }
    if (nowMs - this.authenticatedAtMs >= REAUTHENTICATE_EVERY_MS) {
      this.authenticatedAtMs = nowMs;
      void this.authenticate();
    }
  }

  private open(): void {
    this.drop();
    const socket = this.around.openSocket();
    this.socket = socket;
    socket.onopen = () => this.step({ type: 'opened' });
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.receive(data);
    };
    socket.onclose = ({ code }) => {
      this.socket = null;
      this.step({ type: asksToStayAway(code) ? 'refused' : 'closed' });
    };
  }

  private drop(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
    this.sessionKey = null;
    this.frames.forget();
    this.requests.clear();
    const socket = this.socket;
    if (socket === null) return;
    this.socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private async authenticate(): Promise<void> {
    const socket = this.socket;
    try {
      const token = await this.around.accessToken();
      if (socket === null || socket !== this.socket) return;
      const frame = this.isAuthenticated
        ? this.frame('authenticate', { token })
        : this.greeting(token);
      // In the chain of signed frames, so that the counter rises on the wire.
      this.outbox = this.outbox.then(() => {
        if (socket === this.socket) socket.send(JSON.stringify({ ...frame, signature: '' }));
      });
    } catch {
      if (socket === this.socket) this.step({ type: 'closed' });
    }
  }

  /** The first frame: the token and, after a loss, where each channel stood and what is in doubt. */
  private greeting(token: string): Record<string, JsonValue> {
    const positions = Array.from(this.positions, ([channel, { epoch, offset }]) => ({
      channel,
      epoch,
      offset,
    }));
    const commands = [...this.around.commandsInDoubt()];
    return positions.length === 0 && commands.length === 0
      ? this.frame('authenticate', { token })
      : this.frame('resume', { token, positions, commands, deltas: true });
  }

  private frame(type: string, data: JsonValue): Record<string, JsonValue> & { id: string } {
    this.counter += 1;
    return {
      type,
      id: `${this.counter}`,
      counter: this.counter,
      data,
      timestamp: this.around.timestamp(),
      session_id: this.sessionId,
    };
  }

  /**
   * Sign and send; signing is asynchronous, so a chain keeps frames in the order of counters.
   *
   * @returns the frame's id; null where there is no line.
   */
  private command(type: string, data: JsonValue): string | null {
    const { socket, sessionKey } = this;
    if (socket === null || sessionKey === null) return null;
    const frame = this.frame(type, data);
    this.outbox = this.outbox.then(async () => {
      const signature = await signFrame(await sessionKey, frame);
      if (socket === this.socket) socket.send(JSON.stringify({ ...frame, signature }));
    });
    return frame.id;
  }

  private receive(text: string): void {
    const reading = this.frames.read(text);
    if (reading === null) return;
    if (reading.kind === 'frame') this.take(reading.frame);
    else if (this.wanted.has(reading.channel)) this.requests.askAnew(reading.channel);
    this.step({ type: 'frame' });
  }

  private take(frame: ServerFrame): void {
    switch (frame.type) {
      case 'auth_success':
        this.authenticated(frame);
        break;
      case 'resumed':
        this.resumed(frame);
        break;
      case 'auth_failed':
        this.refused(frame);
        break;
      case 'error':
        this.refused(frame);
        break;
      case 'subscribed':
        this.subscribed(frame);
        break;
      case 'pong':
        this.listener.roundTrip(this.around.nowMs() - this.pingedAtMs);
        break;
      case 'stale':
        this.step({ type: v.parse(Staleness, frame.data).stale ? 'told_stale' : 'told_fresh' });
        break;
      default:
        this.publish(frame);
    }
  }

  private authenticated(frame: ServerFrame): void {
    const answer = v.parse(AuthSuccess, frame.data);
    const renewed = this.isAuthenticated;
    this.enter(answer.session_key);
    if (!renewed) this.requests.ask([...this.wanted]);
  }

  private enter(sessionKey: string): void {
    this.sessionKey = importSessionKey(sessionKey);
    this.authenticatedAtMs = this.around.nowMs();
    // A new line is measured with the next tick, so that people need not wait for its round trip.
    if (!this.isAuthenticated) this.pingedAtMs = this.authenticatedAtMs - PING_EVERY_MS;
    this.step({ type: 'authenticated' });
  }

  private resumed(frame: ServerFrame): void {
    const answer = v.parse(Resumed, frame.data);
    this.enter(answer.session_key);
    const continued = new Set<string>();
    for (const { channel, outcome, missed } of answer.channels) {
      if (outcome === 'replay') {
        continued.add(channel);
      } else {
        this.positions.delete(channel);
        this.listener.gap(channel, missed);
      }
    }
    this.listener.resumed(answer.channels);
    this.requests.ask([...this.wanted].filter((channel) => !continued.has(channel)));
    if (answer.commands.length > 0) this.listener.fates(answer.commands);
  }

  private refused(frame: ServerFrame): void {
    const refusal = v.safeParse(Refusal, frame.data);
    if (this.state.phase === 'authenticating') this.refuse();
    else if (refusal.success) this.heed(frame.id, refusal.output);
  }

  private heed(id: string | undefined, refusal: Refusal): void {
    const channels = this.requests.refused(id, refusal);
    if (channels === null) console.warn(`${refusal.code}: ${refusal.reason}`);
    else if (channels.length > 0) this.listener.refused(channels, refusal.reason);
  }

  private refuse(): void {
    this.positions.clear();
    this.step({ type: 'refused' });
  }

  private subscribed(frame: ServerFrame): void {
    this.requests.granted(frame.id);
    for (const { channel, epoch, offset, snapshot } of v.parse(Subscribed, frame.data).channels) {
      if (!this.wanted.has(channel)) continue;
      this.requests.answered(channel);
      const seen = this.positions.get(channel);
      const arriving = { epoch, offset };
      const step = continuity(seen, arriving);
      if (step.kind === 'duplicate') continue;
      this.positions.set(channel, arriving);
      this.listener.published(channel, snapshot);
      // The frames up to the snapshot were not seen one by one.
      if (step.kind === 'restarted') this.listener.gap(channel, null);
      else if (seen !== undefined) this.listener.gap(channel, offset - seen.offset);
    }
  }

  private publish(frame: ServerFrame): void {
    const { channel, epoch, offset } = frame;
    if (channel === undefined || epoch === undefined || offset === undefined) return;
    if (!this.wanted.has(channel)) return;
    const arriving = { epoch, offset };
    const step = continuity(this.positions.get(channel), arriving);
    if (step.kind === 'duplicate') return;
    this.positions.set(channel, arriving);
    this.requests.answered(channel);
    this.listener.published(channel, frame.data);
    // Prices of one channel say nothing of another that stands still.
    if (parseChannel(channel)?.kind === 'market' && !this.requests.isLacking) {
      this.step({ type: 'price' });
    }
    if (step.kind === 'gap') this.listener.gap(channel, step.missed);
    if (step.kind === 'restarted') this.listener.gap(channel, null);
  }
}
