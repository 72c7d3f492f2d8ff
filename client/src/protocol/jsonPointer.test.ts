import { describe, expect, it } from 'vitest';

import type { JsonObject } from './canonicalJson';
import { changed } from './jsonPointer';

const DOCUMENT: JsonObject = { a: { b: [1, { c: 2 }], 'm~n/': 3 }, gone: null };

describe('changed', () => {
  it('sets members and elements and takes members away, in a copy', () => {
    const before = structuredClone(DOCUMENT);
    const set = { '/a/b/1/c': null, '/a/b/0': [], '/a/new': 'x', '/a/m~0n~1': 4, '/': 5 };
    expect(changed(DOCUMENT, set, ['/gone'])).toEqual({
      a: { b: [[], { c: null }], 'm~n/': 4, new: 'x' },
      '': 5,
    });
    expect(DOCUMENT).toEqual(before);
  });

  it.each([
    '',
    'a',
    '/a/b/2',
    '/a/b/-',
    '/a/b/01',
    '/a/b/length',
    '/no/thing',
    '/gone/x',
    '/a/b/0/x',
  ])('has no place at %j', (pointer) => {
    expect(changed(DOCUMENT, { [pointer]: 1 }, [])).toBeNull();
  });

  it.each(['', '/no', '/a/no', '/a/b/0', '/no/thing'])(
    'has nothing to take away at %j',
    (pointer) => {
      expect(changed(DOCUMENT, {}, [pointer])).toBeNull();
    },
  );

  it('reaches nothing but the document', () => {
    expect(changed(DOCUMENT, { '/__proto__/a': 1, '/constructor/prototype/a': 1 }, [])).toBeNull();
    const made = changed(DOCUMENT, JSON.parse('{"/__proto__": {"a": 1}}') as JsonObject, []);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(JSON.stringify(made)).toContain('"__proto__":{"a":1}');
  });
});
