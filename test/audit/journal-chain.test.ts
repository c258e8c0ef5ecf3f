import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { chainHash, chainStart, checkChain, type ChainedEntry } from '../../src/audit/journal-chain.js';

const id = '2026-11-winter-news';

type Written = Pick<ChainedEntry, 'at' | 'kind' | 'data'>;

function chain(written: readonly Written[], deliveryId = id): ChainedEntry[] {
  let previous = chainStart;
  return written.map((entry, index) => {
    const numbered = { n: index + 1, ...entry };
    previous = chainHash(previous, deliveryId, numbered);
    return { ...numbered, hash: previous.toString('hex') };
  });
}

/** What JSON carries and a column of jsonb keeps. */
const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
const written = fc.record({
  at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  kind: fc.constantFrom('started', 'phase', 'decide', 'ended'),
  data: fc.dictionary(fc.string(), fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value))),
});
const journals = fc.array(written, { minLength: 1, maxLength: 12 });
/** A journal, and the index of one of its entries. */
const placed = journals.chain((entries) => fc.tuple(fc.constant(chain(entries)), fc.nat({ max: entries.length - 1 })));
const swap = (entries: ChainedEntry[], a: number, b: number): ChainedEntry[] =>
  entries.map((entry, i) => entries[i === a ? b : i === b ? a : i] ?? entry);
const renumbered = (entries: readonly ChainedEntry[]): ChainedEntry[] =>
  entries.map((entry, i) => ({ ...entry, n: i + 1 }));

test('is SHA-256(0x03 ‖ hash before ‖ canonical JSON), from 32 zero bytes on', () => {
  const [one, two] = chain([
    { at: '2026-11-24T22:10:33.007Z', kind: 'started', data: { revision: 'ab', operator: 'ann', none: undefined } },
    { at: '2026-11-24T22:10:34.000Z', kind: 'phase', data: { phase: 'analysing' } },
  ]);
  const sha256 = (...parts: (Buffer | string)[]) =>
    createHash('sha256')
      .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
      .digest('hex');
  const first = sha256(
    Buffer.of(3),
    Buffer.alloc(32),
    `{"at":"2026-11-24T22:10:33.007Z","data":{"operator":"ann","revision":"ab"},"delivery":"${id}","kind":"started","n":1}`,
  );
  expect(one?.hash).toBe(first);
  expect(two?.hash).toBe(
    sha256(
      Buffer.of(3),
      Buffer.from(first, 'hex'),
      `{"at":"2026-11-24T22:10:34.000Z","data":{"phase":"analysing"},"delivery":"${id}","kind":"phase","n":2}`,
    ),
  );
});

test('a chain as it was written is unbroken, whatever its entries, also after a way through JSON', () => {
  fc.assert(
    fc.property(journals, (entries) => {
      const chained = chain(entries);
      expect(checkChain(id, chained)).toEqual([]);
      expect(checkChain(id, JSON.parse(JSON.stringify(chained)) as ChainedEntry[])).toEqual([]);
    }),
  );
});

describe('is named by number', () => {
  const other = (text: string): string => `${text}x`;
  test.each<[string, (entry: ChainedEntry) => Partial<ChainedEntry>]>([
    ['another time', ({ at }) => ({ at: new Date(Date.parse(at) === 0 ? 1 : 0).toISOString() })],
    ['another kind', ({ kind }) => ({ kind: other(kind) })],
    ['a member more', ({ data }) => ({ data: { ...data, [Object.keys(data).join() + '+']: null } })],
    ['another hash', ({ hash }) => ({ hash: hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })],
    ['no hash', () => ({ hash: '' })],
    ['what JSON cannot carry', () => ({ data: { count: 2 ** 60 } })],
  ])('%s', (_what, change) => {
    fc.assert(
      fc.property(placed, ([entries, at]) => {
        const [first] = checkChain(
          id,
          entries.map((entry, i) => (i === at ? { ...entry, ...change(entry) } : entry)),
        );
        expect(first).toMatch(new RegExp(`^entry ${at + 1} (does not match|holds)`));
      }),
    );
  });

  test('each member of the data that is changed or left out', () => {
    fc.assert(
      fc.property(placed, ([entries, at]) => {
        const data = entries[at]?.data ?? {};
        for (const name of Object.keys(data)) {
          const { [name]: before, ...rest } = data;
          for (const changed of [rest, { ...rest, [name]: [before] }]) {
            const faults = checkChain(
              id,
              entries.map((entry, i) => (i === at ? { ...entry, data: changed } : entry)),
            );
            expect(faults).toEqual([expect.stringMatching(new RegExp(`^entry ${at + 1} does not match`))]);
          }
        }
      }),
    );
  });

  test('an entry that was removed, also where the rest was numbered anew', () => {
    fc.assert(
      fc.property(placed, ([entries, at]) => {
        const left = entries.filter((_, i) => i !== at);
        const isLast = at === entries.length - 1;
        expect(checkChain(id, left)).toEqual(isLast ? [] : [`entry ${at + 1} is missing`]);
        const [first] = checkChain(id, renumbered(left));
        if (!isLast) expect(first).toMatch(new RegExp(`^entry ${at + 1} does not match`));
      }),
    );
  });

  test('an entry that was put in, also where the rest was numbered anew', () => {
    fc.assert(
      fc.property(placed, written, ([entries, at], own) => {
        const alien = { n: at + 1, ...own, hash: entries[at]?.hash ?? '' };
        const twice = [...entries.slice(0, at), alien, ...entries.slice(at)];
        expect(checkChain(id, twice)).not.toEqual([]);
        expect(checkChain(id, twice).join()).toMatch(new RegExp(`^entry ${at + 1} `));
        expect(checkChain(id, renumbered(twice))[0]).toMatch(/^entry \d+ does not match/);
      }),
    );
  });

  test('entries that changed places', () => {
    fc.assert(
      fc.property(placed, fc.nat(), ([entries, a], offset) => {
        fc.pre(entries.length > 1);
        const b = (a + 1 + (offset % (entries.length - 1))) % entries.length;
        const moved = swap(entries, a, b);
        expect(checkChain(id, moved).join('; ')).toMatch(/entr(y|ies) \d+/);
        expect(checkChain(id, renumbered(moved))[0]).toMatch(
          new RegExp(`^entry ${Math.min(a, b) + 1} does not match its hash`),
        );
      }),
    );
  });

  test('several that are missing', () => {
    const entries = chain(Array.from({ length: 6 }, () => ({ at: 'x', kind: 'phase', data: {} })));
    expect(checkChain(id, entries.slice(3))).toEqual(['entries 1 to 3 are missing']);
  });

  test('a journal of another delivery', () => {
    fc.assert(
      fc.property(journals, (entries) => {
        expect(checkChain(id, chain(entries, other(id)))[0]).toMatch(
          /^entry 1 does not match its hash: it was changed after/,
        );
      }),
    );
  });
});
