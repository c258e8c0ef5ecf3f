import * as fc from 'fast-check';
import { templateFault, templateVariables } from '../../src/content/liquid.js';
import { PersonalisationError, writesInLocale } from '../../src/content/personalise.js';
import type { FieldValue } from '../../src/delivery/definition.js';
import { writtenText } from './written-text-of.js';

const write = (...asked: Parameters<typeof writtenText>) => writtenText(...asked).replace(/[\u00a0\u202f]/g, ' ');

test.each([
  ['{{ v | number }}', '1234567.891', 'de', '1.234.567,891'],
  ['{{ v | number }}', '1234567.891', 'en-IN', '12,34,567.891'],
  ['{{ v | number }}', 1234567.891, 'en', '1,234,567.891'],
  ['{{ v | number: 2 }}', '-0.5', 'fr', '-0,50'],
  ['{{ v | number: 0 }}', '2.5e3', 'en', '2,500'],
  ['{{ v | money: "EUR" }}', '1234.5', 'de-DE', '1.234,50 €'],
  ['{{ v | money: "EUR" }}', ' 1234.5 ', 'de-AT', '€ 1.234,50'],
  ['{{ v | money: "JPY" }}', '1234.5', 'en-US', '¥1,235'],
  ['{{ v | times: 2 | money: "USD" }}', '4', 'pt-BR', 'US$ 8,00'],
  ['{{ v | percent }}', '0.25', 'de', '25 %'],
  ['{{ v | percent: 1 }}', 0.255, 'en', '25.5%'],
  ['{{ v | local_date }}', '2026-11-03', 'en', 'Nov 3, 2026'],
  ['{{ v | local_date: "long" }}', '2026-11-03', 'de', '3. November 2026'],
  ['{{ v | local_date: "full" }}', '2026-11-03', 'pt-BR', 'terça-feira, 3 de novembro de 2026'],
  ['{{ v | local_date: "short" }}', '2026-11-03', 'ja', '2026/11/03'],
  ['{{ v | local_date: "short", "short" }}', '2026-03-29T12:30', 'de', '29.03.26, 12:30'],
  ['{{ v | local_date: "short", "short" }}', '2026-03-29T12:30:00+02:00', 'de', '29.03.26, 10:30'],
])('%s of %s in %s', (template, v, locale, expected) => {
  expect(write(template, { v }, locale)).toBe(expected);
  expect(write(template, { v, locale: locale.replace('-', '_') }, 'ar')).toBe(expected);
});

test.each([
  ['an own language', 'de', '1,5'],
  ['an empty one', ' ', '1.5'],
  ['an undetermined one', 'und', '1.5'],
  ['none', undefined, '1.5'],
])("%s counts before the delivery's", (_, locale, expected) => {
  expect(write('{{ 1.5 | number }}', locale === undefined ? {} : { locale })).toBe(expected);
});

test("a language that nobody has tables for is the delivery's, never that of the machine", () => {
  expect(write('{{ 1.5 | number }}', { locale: 'xx-YY' }, 'de')).toBe('1,5');
  expect(write('{{ 1.5 | number }}', {}, 'xx')).toBe('1.5');
});

test.each(['german', 'de--AT', 'en_US.UTF-8', '1', 'C', 7, ['de']])(
  'a language that cannot be read (%s) fails where it counts, and is not told',
  (locale) => {
    expect(() => write('\n{{ 1 | number }}', { locale })).toThrow(
      new PersonalisationError(
        'text',
        'the template on line 2 cannot be filled: field "locale" is no language such as de or pt-BR',
      ),
    );
    expect(write('{{ "2026-11-03" | date: "%d.%m." }}', { locale })).toBe('03.11.');
  },
);

const machine = '"date" has no %c, %x and %X, which every machine writes its own way: use "local_date"';

test.each<[string, FieldValue, string]>([
  ['{{ v | number }}', '12,50', '"number" takes a number such as 1234.5'],
  ['{{ v | money: "EUR" }}', 'secret', '"money" takes a number such as 1234.5'],
  ['{{ v | percent }}', true, '"percent" takes a number such as 1234.5'],
  ['{{ v | number }}', '1e999', '"number" takes a number such as 1234.5'],
  ['{{ v | number }}', [1], '"number" takes a number such as 1234.5'],
  ['{{ v | local_date }}', 'now', '"local_date" takes an ISO date such as 2026-11-03'],
  ['{{ v | local_date }}', '2026-02-30', '"local_date" takes an ISO date such as 2026-11-03'],
  ['{{ v | local_date }}', '2026-13-01', '"local_date" takes an ISO date such as 2026-11-03'],
  ['{{ v | local_date }}', '2026-11-03T25:00', '"local_date" takes an ISO date such as 2026-11-03'],
  ['{{ v | number }}', '1'.repeat(65), '"number" takes a number such as 1234.5'],
  // An expression that tries each way to read it would take hours.
  ['{{ v | number }}', `${'1'.repeat(2_000_000)}x`, '"number" takes a number such as 1234.5'],
  ['{{ v | local_date }}', 20261103, '"local_date" takes an ISO date such as 2026-11-03'],
  ['{{ v | date: "%Y" }}', '2026-02-30', '"date" takes an ISO date such as 2026-11-03'],
  ['{{ "2026-11-03" | date: v }}', '%d %Ec', machine],
  ['{{ 5 | money: v }}', 'ERU', '"money" takes a currency such as "EUR"'],
])('%s of %j is told without the value', (template, v, sentence) => {
  expect(() => write(template, { v })).toThrow(
    new PersonalisationError('text', `the template on line 1 cannot be filled: ${sentence}`),
  );
});

test.each(['number', 'number: 2', 'money: "EUR"', 'percent', 'local_date'])(
  'nothing stays nothing for %s, and a default stands before or after it',
  (filter) => {
    expect(write(`{{ v | default: "" | ${filter} }}`)).toBe('');
    expect(write(`{{ v | ${filter} | default: "-" }}`, { v: ' ' })).toBe('-');
    expect(() => write(`{{ v | ${filter} }}`)).toThrow('field "v" is missing');
    expect(templateVariables(`{{ v | ${filter} }}{{ w | default: 1 | ${filter} }}`)).toEqual([
      { name: 'v', line: 1, required: true },
      { name: 'w', line: 1, required: false },
    ]);
  },
);

test.each([
  ['{{ 5 | number }}{{ "2026-11-03" | local_date }}{{ v | money: currency }}', undefined],
  ['{{ "x" | number }}', 'this can be filled for nobody: "number" takes a number such as 1234.5'],
  ['{{ v | money }}', 'this can be filled for nobody: "money" takes a currency such as "EUR"'],
  ['{{ v | money: "EURO" }}', 'this can be filled for nobody: "money" takes a currency such as "EUR"'],
  ['{{ v | number: 99 }}', 'this can be filled for nobody: "number" takes 0 to 20 digits'],
  [
    '{{ v | local_date: "%d" }}',
    'this can be filled for nobody: "local_date" takes one of short, medium, long, full, for the date and for the time',
  ],
  ['{{ v | date: "%x" }}', `this can be filled for nobody: ${machine}`],
  ['{% if w %}{% assign d = v | date: "%Y %-X" %}{% endif %}', `this can be filled for nobody: ${machine}`],
  ['{{ "2026-11-03" | date: "%c" }}', `this can be filled for nobody: ${machine}`],
  ['{{ v | date: "%%c %%%d" }}', undefined],
  ['{{ v | nunber }}', 'there is no filter "nunber" here; did you mean "number"?'],
  ['{{ v | localdate }}', 'there is no filter "localdate" here; did you mean "local_date"?'],
])('%s is judged before anybody is asked', (template, sentence) => {
  expect(templateFault(template)?.sentence).toBe(sentence);
});

const plain = { subject: 'S', unsubscribe: {}, sender: { address: 'a@b.example' }, headers: {} };
const inLocale = (settings: object, content: object) =>
  writesInLocale(
    { ...plain, locale: 'en', localeField: 'locale', ...settings },
    { text: 'T', sources: {}, ...content },
  );

test.each<[string, object, object, boolean]>([
  ['none', {}, { html: '{{ v | date: "%Y" }} number {{ v | upcase }}' }, false],
  ['an output', {}, { text: '{{ v | upcase | number }}' }, true],
  ['HTML, in a loop', {}, { html: '{% for a in b %}{% if a %}{{ a | money: "EUR" }}{% endif %}{% endfor %}' }, true],
  ['an assignment', {}, { text: '{% liquid\nassign a = b | percent\n%}' }, true],
  ['a condition', {}, { text: '{% if v | local_date %}{% endif %}' }, true],
  ['the subject', { subject: '{{ v | number }}' }, {}, true],
  ['a header', { headers: { 'X-A': '{{ v | number }}' } }, {}, true],
  ['the URL', { unsubscribe: { url: 'https://a.example/{{ v | number }}' } }, {}, true],
])('whether what is written is that of ICU: %s', (_, settings, content, uses) => {
  expect(inLocale(settings, content)).toBe(uses);
});

test('any language tag gives a text or a fault that names the field', () => {
  const tag = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a d e D E A T l n u - _ x 1'.split(' ')) }));
  fc.assert(
    fc.property(tag, (locale) => {
      try {
        expect(write('{{ 1.5 | number }}', { locale })).toMatch(/\S/);
      } catch (error) {
        expect(String(error)).toContain('field "locale" is no language');
      }
    }),
  );
});
