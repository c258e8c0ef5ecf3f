import * as fc from 'fast-check';
import { canonicalJson } from '../../src/delivery/canonical-json.js';

const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
/** What JSON carries exactly: JSON.parse itself turns bigger whole numbers into their neighbours. */
const isCarried = (value: unknown): boolean =>
  typeof value === 'number'
    ? !Number.isInteger(value) || Number.isSafeInteger(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(isCarried);
const exact = json.filter(isCarried);

test('reading it back gives the value', () => {
  fc.assert(
    fc.property(exact, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))),
  );
});

test('the order of members makes no difference', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, member]) => [name, shuffled(member)]),
    );
  };
  fc.assert(fc.property(exact, (value) => expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value))));
});

test.each([
  [
    'members sorted by UTF-16 code units',
    { '\u20ac': 1, '\r': 2, '1': 3, '\u{1f600}': 4, '\ufb33': 5, ö: 6 },
    '{"\\r":2,"1":3,"ö":6,"€":1,"\u{1f600}":4,"\ufb33":5}',
  ],
  ['no white space', { a: [1, { b: null }], c: true }, '{"a":[1,{"b":null}],"c":true}'],
  ['numbers as ECMAScript writes them', [1e21 / 10 ** 21, 0.1, -0, 1e-7, 4.5], '[1,0.1,0,1e-7,4.5]'],
  ['text with the shortest escapes', '\u0000\n"\\/é\u2028', '"\\u0000\\n\\"\\\\/é\u2028"'],
  ['undefined members left out', { a: undefined, b: 1 }, '{"b":1}'],
  ['objects without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
  ['a member named __proto__', JSON.parse('{"__proto__":1}') as unknown, '{"__proto__":1}'],
])('%s', (_, value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

test.each([
  ['undefined', undefined, /^\$ is undefined/],
  ['undefined in a list', { a: [undefined] }, /^\$\.a\[0\] is undefined/],
  ['a hole in a list', [, 1], /^\$\[0\] is undefined/], // oxlint-disable-line no-sparse-arrays
  ['NaN', [Number.NaN], /^\$\[0\] is NaN/],
  ['infinity', { a: Infinity }, /^\$\.a is Infinity/],
  ['a whole number beyond 2^53', 2 ** 53, /beyond 2\^53/],
  ['a bigint', 1n, /is bigint/],
  ['a date', { at: new Date(0) }, /^\$\.at is a Date/],
  ['a map', new Map(), /is a Map/],
  ['a function', () => 1, /is function/],
  ['a lone surrogate', 'a\ud800', /not well-formed/],
  ['a lone surrogate in a name', { '\udc00': 1 }, /not well-formed/],
  ['a cycle', cycle, /more than 100 levels/],
])('refuses %s', (_, value, message) => {
  expect(() => canonicalJson(value)).toThrow(message);
});
