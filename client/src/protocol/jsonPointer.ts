import { isArray, type JsonObject, type JsonValue } from './canonicalJson';

type Container = JsonValue[] | Record<string, JsonValue>;

/**
 * Copy a document with other values at some places, and without some members.
 *
 * Source: RFC 6901 (JSON Pointer).
 *
 * @param set values by pointers to their places: elements of arrays, or members, which may be new.
 * @param unset pointers to members to take away.
 * @returns the copy, or null where a pointer leads nowhere.
 */
export function changed(
  document: JsonObject,
  set: JsonObject,
  unset: readonly string[],
): JsonObject | null {
  const copy = structuredClone(document);
  for (const pointer of unset) {
    const [container, key] = place(copy, pointer) ?? [];
    if (container === undefined || key === undefined || isArray(container)) return null;
    if (!Object.hasOwn(container, key)) return null;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the copy is a plain object
    delete container[key];
  }
  for (const [pointer, value] of Object.entries(set)) {
    const [container, key] = place(copy, pointer) ?? [];
    if (container === undefined || key === undefined) return null;
    // Unlike an assignment, this makes a member of any name.
    Object.defineProperty(container, key, { ...MEMBER, value });
  }
  return copy;
}

const MEMBER = { configurable: true, enumerable: true, writable: true };

/** Find the container that a pointer leads to, and the key of the place in it. */
function place(document: JsonObject, pointer: string): [Container, string] | null {
  const [start, ...tokens] = pointer.split('/').map(unescaped);
  const key = tokens.pop();
  if (start !== '' || key === undefined) return null;
  let node: JsonValue | undefined = document;
  for (const token of tokens) {
    node = hasPlace(node, token) ? (node as JsonObject)[token] : undefined;
  }
  if (node === undefined || node === null || typeof node !== 'object') return null;
  if (isArray(node) && !hasPlace(node, key)) return null;
  return [node as Container, key];
}

function hasPlace(node: JsonValue | undefined, token: string): boolean {
  if (node === undefined || node === null || typeof node !== 'object') return false;
  // An array has a length of its own, which is no place.
  return Object.hasOwn(node, token) && !(isArray(node) && token === 'length');
}

function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
