import { proofLog } from '../../src/client/proof-log.js';
import type { JournalEntry } from '../../src/client/index.js';

const at = '2026-11-24T22:10:33.000Z';

/** A journal of entries without their place and time. */
const journal = (...entries: Omit<JournalEntry, 'n' | 'at'>[]): JournalEntry[] =>
  entries.map((entry, index) => ({ n: index + 1, at, ...entry }));

const started = { kind: 'started', operator: 'author', revision: 'first' } as const;
const proof = (number: number, revision: string, own = {}) =>
  ({ kind: 'proof', proof: number, revision, counts: { sent: 2 }, ...own }) as const;
const revise = (revision: string, accepted = true) =>
  ({ kind: 'revise', operator: 'author', revision, accepted }) as const;
const checking = { kind: 'phase', phase: 'checking' } as const;

test('a proof has who asked for it, or nobody where it came with its revision, and who was left out', () => {
  const log = journal(started, proof(1, 'first'), proof(2, 'first', { operator: 'ann' }));
  expect(proofLog(log, 'first', new Map([[2, { double: 1 }]]))).toEqual([
    { proof: 1, at, revision: 'first', stale: false, counts: { sent: 2 }, leftOut: {} },
    { proof: 2, at, revision: 'first', stale: false, askedBy: 'ann', counts: { sent: 2 }, leftOut: { double: 1 } },
  ]);
});

test.each<[string, JournalEntry[], string, boolean[]]>([
  ['of the first revision', journal(started, proof(1, 'first')), 'first', [false]],
  ['once another one was submitted', journal(started, proof(1, 'first'), revise('second')), 'second', [true]],
  [
    'under way when another one was submitted',
    journal(started, revise('second'), proof(1, 'first'), checking, proof(2, 'second')),
    'second',
    [true, false],
  ],
  [
    'of a text that was submitted once more',
    journal(started, proof(1, 'first'), revise('second'), checking, revise('first'), proof(2, 'first')),
    'first',
    [true, false],
  ],
  ['after a revision that was refused', journal(started, proof(1, 'first'), revise('second', false)), 'first', [false]],
])('a proof %s is stale or not', (_name, entries, current, stale) => {
  expect(proofLog(entries, current, new Map()).map((one) => one.stale)).toEqual(stale);
});
