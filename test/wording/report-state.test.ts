import { reportState } from '../../src/wording/report-state.js';
import { reportText } from '../../src/wording/report-text.js';
import type { DeliveryReport } from '../../src/client/index.js';
import { anyPending, anyReport, seal } from '../cli/any-report.js';

const without = (...names: (keyof DeliveryReport)[]): DeliveryReport => {
  const report: Partial<DeliveryReport> = anyReport();
  for (const name of names) delete report[name];
  return report as DeliveryReport;
};
const analysis = anyReport().analysis ?? { domains: { top: [], rest: { domains: 0, messages: 0 } }, samples: [] };

test.each<[string, DeliveryReport, RegExp, RegExp]>([
  [
    'waits',
    anyReport(),
    new RegExp(`^It waits for a decision.* ${seal} covers 988 messages\\..*1 confirmation from: approver`),
    /^sealpost confirm news --operator approver/,
  ],
  [
    'waits for one more',
    anyReport({ pendingDecision: anyPending({ mayConfirm: [], confirmedBy: ['a'] }) }),
    /It needs 1 confirmation more from: nobody: a new revision must name approvers/,
    /^sealpost confirm news/,
  ],
  [
    'must be corrected',
    { ...without('pendingDecision', 'seal', 'analysis'), phase: 'awaiting-revision' },
    /^It cannot be confirmed as it is: correct it and submit a new revision, or have it analysed again\. It has no seal yet\.$/,
    /sealpost revise news <definition> --operator publisher/,
  ],
  ['is paused', { ...without('pendingDecision'), phase: 'paused' }, /^It is paused/, /^sealpost resume news/],
  [
    'was changed after the seal',
    anyReport({ analysis: { ...analysis, differing: [3], sameLanguageData: true } }),
    /^1 of the messages .* not as they were sealed \(row 3\); something was changed after the seal: do not confirm it\. It waits/,
    /confirm/,
  ],
  [
    'is looked at with other language data',
    anyReport({ analysis: { ...analysis, differing: [3, 4], sameLanguageData: false } }),
    /^2 of the messages .*\(rows 3, 4\); this machine’s Node has other language data/,
    /confirm/,
  ],
])('a delivery that %s', (_, report, sentence, next) => {
  const state = reportState(report);
  expect(state.sentences.join(' ')).toMatch(sentence);
  expect(state.next.join('\n')).toMatch(next);
});

test('without analysis and without another revision the report says so', () => {
  const lines = reportText({ ...without('analysis', 'difference', 'seal'), phase: 'checking' }).flatMap(
    (one) => one.lines,
  );
  const told = lines.join(' ').replace(/\s+/g, ' ');
  expect(told.match(/The current revision is not analysed yet: there is nothing to count\./g)).toHaveLength(3);
  expect(told).toContain('There is no other revision to compare with: this is the first.');
});

test('errors come first', () => {
  const findings = (['info', 'error', 'warning'] as const).map((level) => ({
    rule: level,
    level,
    sentence: 'S.',
    place: level,
  }));
  const [, section] = reportText(anyReport({ findings }));
  expect(section?.title).toBe('Findings: 1 error, 1 warning, 1 for information');
  expect(
    section?.lines
      .filter(Boolean)
      .map((line) => line.trim().split(' ')[0])
      .filter(Boolean),
  ).toEqual(['error', 'warning', 'info']);
});
