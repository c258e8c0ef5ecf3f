import * as fc from 'fast-check';
import {
  defineConfig,
  judgeConfig,
  noConfig,
  readFound,
  typologyOf,
} from '../../../src/delivery/control-rules/config.js';
import { checkParameters, ruleDescriptions } from '../../../src/delivery/control-rules/index.js';
import { parameters, settings } from './views.js';

const rule = { id: 'imprint', level: 'error', explanation: 'The law asks for it.', check: 'function' };
const changes = (strict: object) => ({ typologies: { strict } });

test.each<[string, unknown, string[]]>([
  ['nothing', null, ['it must export a configuration by default']],
  ['a list', [], ['it must export a configuration by default']],
  ['an unknown key', { rule: [] }, ['it must export a configuration by default']],
  [
    'rules that are none',
    { rules: [{ id: 'A b', level: 'fatal', explanation: '', step: 'sending', check: 1 }] },
    [
      'rules.0.id: an id is 1–60 of a–z, 0–9 and "-", beginning with a letter',
      'rules.0.level: a level is one of error, warning, info',
      'rules.0.explanation: is empty',
      'rules.0.step: a step is parameters or analysis',
      'rules.0.check: check must be a function',
    ],
  ],
  [
    'ids that are taken',
    { rules: [rule, { ...rule, id: 'subject-empty' }, rule] },
    [
      'rules.1: sealpost has a rule "subject-empty": give yours another id',
      'rules.2: the id "imprint" is that of rules.0 too: give one of them another',
    ],
  ],
  [
    'unknown rules',
    { ...changes({ levels: { 'link-without-labels': 'error' }, off: ['imprnt', 'whatever-this-is'] }), rules: [rule] },
    [
      'typologies.strict.levels: there is no rule "link-without-labels"; did you mean "link-without-label"?',
      'typologies.strict.off: there is no rule "imprnt"; did you mean "imprint"?',
      'typologies.strict.off: there is no rule "whatever-this-is"; "sealpost rules" lists those that there are',
    ],
  ],
  [
    'fixed rules',
    changes({ levels: { 'sender-domain': 'warning' }, off: ['target-empty', 'relay-unknown'] }),
    [
      'typologies.strict.levels: "sender-domain" keeps unsafe deliveries from being sent: it cannot be less than error',
      'typologies.strict.off: "target-empty" keeps unsafe deliveries from being sent: it cannot be switched off',
      'typologies.strict.off: "relay-unknown" keeps unsafe deliveries from being sent: it cannot be switched off',
    ],
  ],
])('%s is refused with all that is wrong', (_name, written, faults) => {
  expect(judgeConfig(written, ruleDescriptions)).toEqual({ faults });
});

test('a configuration in TypeScript has types, by the step of each rule', () => {
  const { typologies, rules = [] } = defineConfig({
    typologies: { strict: { levels: { 'link-insecure': 'error' }, off: ['sender-name-empty'] } },
    rules: [
      {
        id: 'imprint',
        level: 'error',
        explanation: 'The law asks for it.',
        // @ts-expect-error -- step 1 knows no messages
        check: ({ content, messages }) =>
          content.text.includes(`Imprint${messages}`) ? [] : [{ place: 'text', sentence: 'Add it.' }],
      },
      {
        id: 'few',
        level: 'info',
        explanation: 'The list may be wrong.',
        step: 'analysis',
        check: async ({ messages, settings: { name } }) =>
          messages > 9 ? [] : [{ place: 'recipients', sentence: `Few in ${name}.` }],
      },
    ],
  });
  const written = { typologies, rules: rules.map((one) => ({ ...one, check: typeof one.check })) };
  expect(judgeConfig(written, ruleDescriptions)).toHaveProperty('config');
});

test('names that objects inherit are no typologies and no rules', () => {
  const written: unknown = JSON.parse(
    '{"typologies":{"__proto__":{"off":["html-clipped"]},"strict":{"off":["constructor"]}}}',
  );
  expect(judgeConfig(written, ruleDescriptions)).toHaveProperty('faults');
  expect(typologyOf(noConfig, settings({ typology: 'constructor' })).off.size).toBe(0);
});

test('a typology changes levels, switches rules off, and touches nothing else', () => {
  const judged = judgeConfig(
    changes({ levels: { 'sender-name-empty': 'error', 'sender-domain': 'error' }, off: ['unsubscription-header'] }),
    ruleDescriptions,
  );
  if ('faults' in judged) throw new Error(judged.faults.join());
  const found = (typology?: string) => {
    const all = settings({ sender: { address: 'a@b.example' }, unsubscribe: {}, ...(typology && { typology }) });
    const findings = checkParameters(parameters({ settings: all }), typologyOf(judged.config, all));
    return findings.map(({ rule: id, level }) => [id, level]);
  };
  expect(found()).toEqual([
    ['sender-name-empty', 'info'],
    ['unsubscription-header', 'warning'],
  ]);
  expect(found('strict')).toEqual([['sender-name-empty', 'error']]);
});

test.each([
  null,
  {},
  'text',
  [null],
  [{ place: 'html' }],
  [{ place: '', sentence: 'x' }],
  [{ place: 'a', sentence: 1 }],
])('%j is no list of findings', (written) => {
  expect(readFound(written)).toBeUndefined();
});

test('whatever a rule writes can be stored', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(text, text, (place, sentence) => {
      const [found] = readFound([{ place, sentence: `${sentence}\ud800\0` }]) ?? [];
      expect(found?.sentence.isWellFormed()).toBe(true);
      expect(`${found?.place}${found?.sentence}`).not.toMatch(/\p{Cc}/u);
    }),
  );
});
