import { describe as describeDelivery } from '../../src/wording/description-text.js';
import { dryRunAnswers, dryRunSentence } from '../../src/wording/dry-run-text.js';
import { reportSections } from '../../src/wording/report-sections.js';
import type { DryRunDescription } from '../../src/client/index.js';
import { anyReport, descriptionOf } from '../cli/any-report.js';

const ended = { at: '2026-11-24T22:10:33.000Z', operator: 'ann' };
const dryRun: DryRunDescription = {
  answers: [
    { outcome: 'accepted', reason: null, count: 1_900 },
    { outcome: 'rejected', reason: 'user-unknown', count: 2 },
  ],
  untried: 0,
  ended,
};

test.each<[string, DryRunDescription, string]>([
  ['ended', dryRun, 'Asked for by ann, ended at 2026-11-24 22:10:33 UTC. Nothing was sent.'],
  ['under way', { answers: [], untried: 1 }, 'It is under way; nothing is sent. Of 1 recipient nothing is known.'],
  [
    'ended early',
    { answers: [], untried: 7, ended: { ...ended, reason: 'the relay did not answer to the end' } },
    'Asked for by ann, ended at 2026-11-24 22:10:33 UTC; it ended early, for the relay did not answer to the end. Nothing was sent. Of 7 recipients nothing is known.',
  ],
])('a dry run that is %s', (_, one, sentence) => expect(dryRunSentence(one)).toBe(sentence));

test('show and the report tell how many got which answer, and nothing where none was made', () => {
  expect(dryRunAnswers(dryRun)).toEqual([
    ['accepted', '1,900'],
    ['rejected: user-unknown', '2'],
  ]);
  const delivery = descriptionOf(anyReport());
  const titles = (own: object) => describeDelivery({ ...delivery, ...own }).map(({ title }) => title);
  expect(titles({ dryRun })).toContain('Dry run');
  expect(titles({})).not.toContain('Dry run');
  const ids = (own: object) => reportSections(anyReport(own)).map(({ id }) => id);
  expect(ids({ dryRun })).toContain('dry-run');
  expect(ids({})).not.toContain('dry-run');
});
