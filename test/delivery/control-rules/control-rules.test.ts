import { checkAnalysis, checkParameters, ruleDescriptions } from '../../../src/delivery/control-rules/index.js';
import type { QuotedFinding } from '../../../src/delivery/control-rules/rule.js';
import { analysisCases } from './analysis-cases.js';
import { contentCases } from './content-cases.js';
import { japaneseMobileCases } from './japanese-mobile-cases.js';
import { scheduleCases, timeZoneCases } from './schedule-cases.js';
import { settingsCases } from './settings-cases.js';
import { analysis, parameters, type CasesOf } from './views.js';

type Case = [rule: string, n: number, findings: () => QuotedFinding[], place: string, sentence: RegExp];

/** The findings of one rule, for each of its cases. */
function played<View>(cases: CasesOf<View>, check: (own: Partial<View>) => QuotedFinding[]) {
  const of = (rule: string, own: Partial<View>) => () => check(own).filter((finding) => finding.rule === rule);
  return {
    finds: Object.entries(cases).flatMap(([rule, { finds }]) =>
      finds.map(([place, own, sentence = /[.?]$/], n): Case => [rule, n, of(rule, own), place, sentence]),
    ),
    passes: Object.entries(cases).flatMap(([rule, { passes }]) =>
      passes.map((own, n): [string, number, () => QuotedFinding[]] => [rule, n, of(rule, own)]),
    ),
  };
}

const parameterCases: CasesOf<Parameters<typeof checkParameters>[0]> = {
  ...settingsCases,
  ...contentCases,
  ...timeZoneCases,
};
const inParameters = played(parameterCases, (own) => checkParameters(parameters(own)));
const inAnalysis = played({ ...analysisCases, ...japaneseMobileCases, ...scheduleCases }, (own) =>
  checkAnalysis(analysis(own)),
);
const levelOf = (rule: string) => ruleDescriptions.find(({ id }) => id === rule)?.level;

test('nothing is found in a delivery that is in order', () => {
  expect(checkParameters(parameters())).toEqual([]);
  expect(checkAnalysis(analysis())).toEqual([]);
});

test.each([...inParameters.finds, ...inAnalysis.finds])('%s finds case %i', (rule, _n, findings, place, sentence) => {
  const level = levelOf(rule);
  expect(level).toBeDefined();
  expect(findings()).toEqual([
    expect.objectContaining({ rule, level, place, sentence: expect.stringMatching(sentence) }),
  ]);
});

test.each([...inParameters.passes, ...inAnalysis.passes])('%s lets case %i pass', (_rule, _n, findings) => {
  expect(findings()).toEqual([]);
});

test('each rule has cases that it finds and cases that pass, and is told once', () => {
  const ids = ruleDescriptions.map(({ id }) => id);
  const withCases = (cases: readonly (readonly [string, ...unknown[]])[]) => new Set(cases.map(([rule]) => rule));
  const finds = withCases([...inParameters.finds, ...inAnalysis.finds]);
  const passes = withCases([...inParameters.passes, ...inAnalysis.passes]);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...finds].toSorted()).toEqual(ids.toSorted());
  expect([...passes].toSorted()).toEqual(ids.toSorted());
});

test('what is an error from the start stays one', () => {
  // `sealpost start` refuses errors without knowing the typologies of the workers.
  const errors = ruleDescriptions.filter(({ level }) => level === 'error');
  expect(ruleDescriptions.filter(({ fixed }) => fixed)).toEqual(errors);
});

test('explanations are sentences', () => {
  for (const { explanation } of ruleDescriptions) expect(explanation).toMatch(/^[A-Z].{20,300}\.$/);
});
