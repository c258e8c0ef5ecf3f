import { seenBefore } from '../../src/client/index.js';
import type { JournalEntry } from '../../src/client/index.js';

const first = 'a1'.repeat(32);
const second = 'b2'.repeat(32);
const at = (n: number) => `2026-11-26T10:00:0${n}.000Z`;

/** A revision that was proofed, sealed, reviewed and decided on, and the one that came after it. */
const told: Omit<JournalEntry, 'n' | 'at'>[] = [
  { kind: 'started', operator: 'author', revision: first },
  { kind: 'proof', proof: 1, revision: first },
  { kind: 'sealed', seal: 's1', revision: first, counts: { sealed: 5 } },
  { kind: 'reviewProof', operator: 'reviewer', proof: 1, accepted: true },
  { kind: 'decide', operator: 'approver', seal: 's1', verdict: 'reject', accepted: true },
  { kind: 'decide', operator: 'late', seal: 's1', verdict: 'confirm', accepted: false },
  { kind: 'revise', operator: 'author', revision: second },
  { kind: 'sealed', seal: 's2', revision: second, counts: { sealed: 6 } },
  { kind: 'decide', operator: 'early', seal: 's2', verdict: 'confirm', accepted: true },
  { kind: 'decide', operator: 'guesser', seal: 'none', verdict: 'confirm', accepted: false },
];
const journal = told.map((entry, i): JournalEntry => ({ ...entry, n: i + 1, at: at(i) }));
const now = { journal, revision: second, seal: 's2' };

test.each([
  ['who decided on the revision before', 'approver', { revision: first, seal: 's1', sealedCount: 5, at: at(4) }],
  ['who was refused then', 'late', { revision: first, seal: 's1', sealedCount: 5, at: at(5) }],
  ['who reviewed a proof of it', 'reviewer', { revision: first, at: at(3) }],
  ['who decided on what is there now', 'early', undefined],
  ['who named a seal that never was', 'guesser', undefined],
  ['who submitted revisions, and said nothing on them', 'author', undefined],
  ['who has done nothing', 'nobody', undefined],
])('%s', (_who, operator, seen) => {
  expect(seenBefore(now, operator)).toEqual(seen);
});

test('an analysis of the same revision anew is news', () => {
  const again: JournalEntry = { kind: 'sealed', seal: 's3', revision: second, counts: { sealed: 7 }, n: 11, at: at(9) };
  expect(seenBefore({ journal: [...journal, again], revision: second, seal: 's3' }, 'early')).toEqual({
    revision: second,
    seal: 's2',
    sealedCount: 6,
    at: at(8),
  });
});

test('what somebody said last on something else counts, not what they said after it on what is there now', () => {
  const entries: JournalEntry[] = [
    ...journal,
    { kind: 'decide', operator: 'approver', seal: 's2', verdict: 'confirm', accepted: true, n: 11, at: at(9) },
  ];
  expect(seenBefore({ journal: entries, revision: second, seal: 's2' }, 'approver')).toMatchObject({ seal: 's1' });
});

test('of two analyses with one seal, the later one before the word was seen', () => {
  const twice: JournalEntry[] = [
    { kind: 'sealed', seal: 's', revision: first, counts: { sealed: 1 }, n: 1, at: at(0) },
    { kind: 'sealed', seal: 's', revision: second, counts: { sealed: 1 }, n: 2, at: at(1) },
    { kind: 'decide', operator: 'anna', seal: 's', n: 3, at: at(2) },
    { kind: 'sealed', seal: 's', revision: first, counts: { sealed: 9 }, n: 4, at: at(3) },
  ];
  expect(seenBefore({ journal: twice, revision: first, seal: 's' }, 'anna')).toMatchObject({
    revision: second,
    sealedCount: 1,
  });
});
