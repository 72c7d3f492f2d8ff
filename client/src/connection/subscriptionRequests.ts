import type { Refusal } from '../protocol/envelope';
import { retryDelayMs } from './lifecycle';

/** Chance and timers, passed in so that tests can pass others. */
interface Timing {
  random(): number;
  /** Run a task later; the answer cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

interface SubscriptionRequest {
  readonly channels: readonly string[];
  /** How often it was asked and refused before. */
  readonly attempt: number;
}

/**
 * Follows requests for channels from the asking to the whole state that answers, and repeats those
 * that are refused for a while only.
 */
export class SubscriptionRequests {
  private readonly requests = new Map<string, SubscriptionRequest>();
  private readonly unanswered = new Set<string>();
  private readonly waits = new Set<() => void>();

  /**
   * @param send sends a request for channels; it returns the frame's id, or null where there is no
   *   line to send it on.
   */
  constructor(
    private readonly send: (channels: readonly string[]) => string | null,
    private readonly timing: Timing,
  ) {}

  /** Whether a channel lacks the whole state that it was asked for, so that it stands still. */
  get isLacking(): boolean {
    return this.unanswered.size > 0;
  }

  ask(channels: readonly string[], attempt = 0): void {
    if (channels.length === 0) return;
    const id = this.send(channels);
    if (id === null) return;
    this.requests.set(id, { channels, attempt });
    channels.forEach((channel) => this.unanswered.add(channel));
  }

  /** Ask for a channel's whole state, unless that was done and not answered yet. */
  askAnew(channel: string): void {
    if (!this.unanswered.has(channel)) this.ask([channel]);
  }

  /** A request was granted. */
  granted(id: string | undefined): void {
    if (id !== undefined) this.requests.delete(id);
  }

  /** A channel's whole state came. */
  answered(channel: string): void {
    this.unanswered.delete(channel);
  }

  /**
   * Take a refusal; where a wait helps, the request is repeated after it.
   *
   * @returns the channels that are refused for good, none where it is asked again; null where
   *   something else was refused.
   */
  refused(id: string | undefined, refusal: Refusal): readonly string[] | null {
    const request = id === undefined ? undefined : this.requests.get(id);
    if (id === undefined || request === undefined) return null;
    this.requests.delete(id);
    const { attempt } = request;
    const channels = request.channels.filter((channel) => this.unanswered.has(channel));
    if (refusal.retry !== 'later' && refusal.retry !== 'same_id') return channels;
    const waitMs = (refusal.retry_after_ms ?? 0) + retryDelayMs(attempt, this.timing.random());
    const cancel = this.timing.after(waitMs, () => {
      this.waits.delete(cancel);
      this.ask(
        channels.filter((channel) => this.unanswered.has(channel)),
        attempt + 1,
      );
    });
    this.waits.add(cancel);
    return [];
  }

  /** Forget what was asked for: a new line begins anew. */
  clear(): void {
    this.requests.clear();
    this.unanswered.clear();
    this.waits.forEach((cancel) => cancel());
    this.waits.clear();
  }
}
