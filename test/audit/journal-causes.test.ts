import * as fc from 'fast-check';
import { journalCauses } from '../../src/audit/journal-causes.js';
import { commandNames } from '../../src/delivery/command.js';
import { eventKinds, type JournalEntry } from '../../src/delivery/journal-entry.js';
import { phases } from '../../src/delivery/phase.js';

type Told = Omit<JournalEntry, 'n' | 'at'>;

const numbered = (entries: readonly Told[]): JournalEntry[] =>
  entries.map((entry, index) => ({ n: index + 1, at: '2026-11-24T22:10:33.000Z', ...entry }));
const phase = (name: JournalEntry['phase']): Told => ({ kind: 'phase', ...(name && { phase: name }) });
const done = (kind: JournalEntry['kind'], accepted = true): Told => ({ kind, accepted });
const decide = (verdict: 'confirm' | 'reject' | 'withdraw', accepted = true, operator = 'ann'): Told => ({
  kind: 'decide',
  operator,
  verdict,
  accepted,
});
const started: Told = { kind: 'started' };
const sealed: Told = { kind: 'sealed' };

test.each<[string, Told[], number[] | undefined]>([
  ['the seal asks for a decision', [started, phase('analysing'), sealed, phase('awaiting-decision')], [3]],
  ['an analysis with errors asks for a revision', [phase('analysing'), sealed, phase('awaiting-revision')], [2]],
  ['a confirmation', [phase('awaiting-decision'), decide('confirm'), phase('scheduled')], [2]],
  [
    'a quorum is several confirmations, and no refused one',
    [phase('awaiting-decision'), decide('confirm'), decide('confirm', false), decide('confirm'), phase('scheduled')],
    [2, 4],
  ],
  [
    'confirmations that were not withdrawn',
    [
      phase('awaiting-decision'),
      decide('confirm', true, 'ben'),
      decide('confirm'),
      decide('withdraw', false, 'ben'),
      decide('withdraw'),
      decide('confirm', true, 'cid'),
      phase('scheduled'),
    ],
    [2, 6],
  ],
  ['a rejection', [phase('awaiting-decision'), decide('reject'), phase('awaiting-revision')], [2]],
  ['a revision', [phase('awaiting-revision'), done('revise'), phase('checking')], [2]],
  ['an analysis that is started again', [phase('awaiting-revision'), done('startAnalysis'), phase('analysing')], [2]],
  ['one that was stopped', [phase('analysing'), done('stopAnalysis'), phase('awaiting-revision')], [2]],
  ['a pause', [phase('sending'), done('pause'), phase('paused')], [2]],
  ['the last of several', [phase('sending'), done('pause'), done('resume'), done('pause'), phase('paused')], [4]],
  ['a canary that is held', [phase('sending'), { kind: 'held' }, phase('paused')], [2]],
  ['a start that came too late', [phase('scheduled'), { kind: 'late' }, phase('awaiting-decision')], [2]],
  ['a withdrawal', [phase('scheduled'), decide('withdraw'), phase('awaiting-decision')], [2]],
  ['what a pause comes to', [phase('sending'), done('pause'), phase('paused'), { kind: 'sending-paused' }], [3]],
  ['a resumption', [phase('paused'), done('resume'), { kind: 'sending-resumed' }, phase('sending')], [2]],
  ['a stop', [phase('paused'), done('stop'), phase('stopped')], [2]],
  ['the end', [phase('sending'), phase('finished'), { kind: 'ended' }], [2]],
  ['nothing before the last phase', [done('resume'), phase('scheduled'), phase('sending')], undefined],
  ['nothing that was refused', [phase('sending'), done('stop', false), phase('failed')], undefined],
])('an entry follows from %s', (_what, entries, follows) => {
  expect(journalCauses(numbered(entries)).get(entries.length)).toEqual(follows);
});

test('causes are earlier entries, in order, and none of them was refused', () => {
  const entry = fc.record({
    kind: fc.constantFrom(...eventKinds, ...commandNames),
    phase: fc.constantFrom(...phases),
    verdict: fc.constantFrom('confirm' as const, 'reject' as const, 'withdraw' as const),
    accepted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }).map(numbered), (entries) => {
      for (const [n, follows] of journalCauses(entries)) {
        expect(follows.toSorted((a, b) => a - b)).toEqual(follows);
        for (const earlier of follows) {
          expect(earlier).toBeLessThan(n);
          expect(entries[earlier - 1]?.accepted).not.toBe(false);
        }
      }
    }),
  );
});
