import * as fc from 'fast-check';
import { RecipientRefused } from '../../src/client/field-value.js';
import { recipientReader } from '../../src/client/recipient-object.js';
import { canonicalJson } from '../../src/delivery/canonical-json.js';

const read = (recipient: unknown) => recipientReader('email')(recipient, 1);
const fieldsOf = (fields: object) => read({ email: 'a@b.example', ...fields }).fields;

/** What is wrong, with its place. */
function refusalOf(recipient: unknown): string | undefined {
  try {
    read(recipient);
    return undefined;
  } catch (error) {
    if (!(error instanceof RecipientRefused)) throw error;
    return `${error.place}: ${error.message}`;
  }
}

test('values that JSON carries are taken over, missing and empty ones left out', () => {
  const items = [{ name: 'Rose', price: 12.5, gift: false, note: null, colour: undefined }, []];
  expect(read({ email: ' a@b.example ', items, points: 0, city: ' ', none: null, tags: [] })).toEqual({
    row: 1,
    address: 'a@b.example',
    fields: { items: [{ name: 'Rose', price: 12.5, gift: false }, []], points: 0, tags: [] },
  });
  expect(read({ name: 'A' }).address).toBe('');
});

const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);
const round: unknown[] = [];
round.push(...Array.from({ length: 1_000 }, () => round));

test.each<[string, unknown, string]>([
  ['no object', 'secret', ': must be an object with an email'],
  ['a list', [], ': must be an object with an email'],
  ['an address of another type', { email: ['secret'] }, 'email: must be text, not a list'],
  [
    'a function',
    { v: { f: () => 'secret' } },
    'v.f: must be text, a number, true, false, a list or an object, not function',
  ],
  ['a date', { v: [new Date()] }, 'v[0]: must be text, a number, true, false, a list or an object, not a date'],
  [
    'a class',
    { v: new URL('https://x.example') },
    'v: must be text, a number, true, false, a list or an object, not an instance of a class',
  ],
  [
    'a map',
    { v: new Map() },
    'v: must be text, a number, true, false, a list or an object, not an instance of a class',
  ],
  ['a bigint', { v: 1n }, 'v: must be text, a number, true, false, a list or an object, not bigint'],
  ['a symbol', { v: Symbol('s') }, 'v: must be text, a number, true, false, a list or an object, not symbol'],
  ['NaN', { v: [{ price: NaN }] }, 'v[0].price: must be a finite number'],
  ['infinity', { v: -Infinity }, 'v: must be a finite number'],
  ['2^53', { v: 2 ** 53 }, 'v: is a whole number beyond 2^53, which is not kept exactly: give it as text'],
  ['a gap in a list', { v: ['a', null] }, 'v[1]: is missing in its list'],
  ['NUL', { v: { w: 'secret\0' } }, 'v.w: must be well-formed Unicode without NUL'],
  ['NUL in a name', { v: { 'secret\0': 1 } }, 'v: must be well-formed Unicode without NUL'],
  ['a key that is an address', { v: [{ a: 1, 'secret@b.example': NaN }] }, 'v[0].(member 2): must be a finite number'],
  ['a long key', { v: { ['secret'.repeat(20)]: NaN } }, 'v.(member 1): must be a finite number'],
  ['a key with spaces', { v: { 'secret words': { b: NaN } } }, 'v.(member 1).b: must be a finite number'],
  [
    'a field that is an address',
    { email: 'a', 'secret@b.example': 1 },
    ': column 2 needs a name that templates can use',
  ],
  ['a field that is a number', { '+49 170 1234567 secret': 1 }, ': column 1 needs a name that templates can use'],
  ['a field that is a text', { ['secret '.repeat(9)]: 1 }, ': column 1 needs a name that templates can use'],
  ['long text', { v: ['x'.repeat(65_537)] }, 'v[0]: is longer than 64 KB'],
  ['depth', { v: deep(11) }, `v${'[0]'.repeat(11)}: is nested more than 10 deep`],
  ['a cycle', { v: round }, `v${'[0]'.repeat(11)}: is nested more than 10 deep`],
  ['many long texts', { v: Array.from({ length: 5 }, () => 'x'.repeat(60_000)) }, ': is bigger than 256 KB as JSON'],
  ['many lists', { v: Array.from({ length: 300_000 }, () => []) }, ': is bigger than 256 KB as JSON'],
  ['escapes', { v: '\u0001'.repeat(50_000) }, ': is bigger than 256 KB as JSON'],
  ['a reserved name', JSON.parse('{"__proto__": 1}'), ': the column "__proto__" has a name that means something else'],
])('%s is refused with its place, not with its value', (_, recipient, refusal) => {
  const told = refusalOf(recipient);
  expect(told).toContain(refusal);
  expect(told).not.toContain('secret');
});

test('ten levels are deep enough', () => {
  expect(fieldsOf({ v: deep(10) })).toEqual({ v: deep(10) });
});

test('all recipients together have at most a thousand fields', () => {
  const reader = recipientReader('email');
  const one = (i: number) => reader({ email: 'a', [`f${i}`]: 'x' }, i);
  for (let i = 0; i < 1_000; i += 1) one(i);
  expect(() => one(1_000)).toThrow('brings one field more than the 1000 that all together may have');
});

test('members called as those of prototypes stay own ones', () => {
  const { v } = fieldsOf(JSON.parse('{"v": {"__proto__": {"admin": true}, "constructor": {"name": "x"}}}') as object);
  expect(Object.getPrototypeOf(v)).toBe(Object.prototype);
  expect(JSON.stringify(v)).toBe('{"__proto__":{"admin":true},"constructor":{"name":"x"}}');
  expect('admin' in {}).toBe(false);
});

test('members stand in the order that the database gives them back in', () => {
  expect(JSON.stringify(fieldsOf({ v: { é: 1, bb: 2, a: { zz: 3, z: 4 } } }).v)).toBe(
    '{"a":{"z":4,"zz":3},"bb":2,"é":1}',
  );
});

test('whatever JSON gives is taken over as it is, or refused', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const given: unknown = JSON.parse(JSON.stringify(value));
      if (refusalOf({ v: [given] }) !== undefined) return;
      const { v } = fieldsOf({ v: [given] });
      expect(canonicalJson(v)).toBe(canonicalJson([withoutNulls(given)]));
    }),
  );
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}
