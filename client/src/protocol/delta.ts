import * as v from 'valibot';

import { canonicalJson, type JsonObject } from './canonicalJson';
import { changed } from './jsonPointer';

/** A published frame as what differs from the frame before it. */
export const Delta = v.object({
  type: v.literal('delta'),
  channel: v.string(),
  epoch: v.string(),
  offset: v.number(),
  data: v.object({
    base: v.number(),
    set: v.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
    unset: v.optional(v.array(v.string()), []),
    checksum: v.string(),
  }),
});
export type Delta = v.InferOutput<typeof Delta>;

/**
 * Make a delta the whole frame that it stands for.
 *
 * @param base the whole frame before it, with all its members.
 * @returns the frame, or null where the delta does not fit.
 */
export function rebuilt(base: JsonObject, { epoch, data }: Delta): JsonObject | null {
  if (base.epoch !== epoch || base.offset !== data.base) return null;
  const frame = changed(base, data.set, data.unset);
  return frame !== null && checksum(wholeText(frame)) === data.checksum ? frame : null;
}

/** Return the text in which a published frame is sent whole. */
export function wholeText(frame: JsonObject): string {
  const { signature, ...covered } = frame;
  return `${canonicalJson(covered).slice(0, -1)},"signature":${canonicalJson(signature ?? null)}}`;
}

/** Return the CRC-32 of a text's UTF-8, eight lower-case hex digits. */
export function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ byte) & 0xff] ?? 0);
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});
