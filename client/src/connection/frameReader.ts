import * as v from 'valibot';

import type { JsonObject } from '../protocol/canonicalJson';
import { Delta, rebuilt } from '../protocol/delta';
import { ServerFrame } from '../protocol/envelope';

/** A frame, or the channel of a delta that does not fit what came before it. */
export type Reading =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'mismatch'; readonly channel: string };

/** Reads text messages; a delta is read as the whole frame that it stands for. */
export class FrameReader {
  private readonly newest = new Map<string, JsonObject>();

  /** @returns null for text that is no frame. */
  read(text: string): Reading | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return null;
    }
    const delta = v.safeParse(Delta, value);
    if (!delta.success) return this.whole(value);
    const base = this.newest.get(delta.output.channel);
    const frame = base === undefined ? null : rebuilt(base, delta.output);
    return frame === null ? { kind: 'mismatch', channel: delta.output.channel } : this.whole(frame);
  }

  /** Forget what came before: a new connection, or a channel that is let go, begins anew. */
  forget(channel?: string): void {
    if (channel === undefined) this.newest.clear();
    else this.newest.delete(channel);
  }

  private whole(value: unknown): Reading | null {
    const result = v.safeParse(ServerFrame, value);
    if (!result.success) return null;
    const { channel, offset } = result.output;
    // The schema lets go of members that a later delta may need.
    if (channel !== undefined && offset !== undefined) {
      this.newest.set(channel, value as JsonObject);
    }
    return { kind: 'frame', frame: result.output };
  }
}
