/** A value that JSON can carry. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Serialize a value as canonical JSON: keys sorted by UTF-16 code units, no white space,
 * numbers as ECMAScript prints them.
 *
 * Source: RFC 8785 (JSON Canonicalization Scheme).
 *
 * @throws RangeError for a number that is not finite and for text with a lone surrogate,
 *   neither of which has a canonical form.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`${value} has no JSON form`);
  }
  if (typeof value === 'string') return canonicalText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalText(key)}:${canonicalJson(member(value, key))}`);
  return `{${members.join(',')}}`;
}

/** Tell whether a value is an array: Array.isArray does not narrow readonly ones. */
export function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function member(object: JsonObject, key: string): JsonValue {
  const value = object[key];
  if (value === undefined) throw new RangeError(`${key} is undefined, which has no JSON form`);
  return value;
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function canonicalText(text: string): string {
  if (LONE_SURROGATE.test(text))
    throw new RangeError('text with a lone surrogate has no JSON form');
  return JSON.stringify(text);
}
