import { templateFault } from '../../src/content/liquid.js';
import { compilePersonalisation } from '../../src/content/personalise.js';

function fill(html: string): string | undefined {
  const personaliser = compilePersonalisation(
    { subject: 's', unsubscribe: {}, locale: 'en', localeField: 'locale' },
    { html, text: 't', sources: {} },
  );
  const profile = { address: 'ana@example.org', fields: { v: 'x' } };
  return personaliser.render({ profile, delivery: { id: 'd', name: 'D' } }).html;
}

const tooMuch = (line: number) =>
  `html: the template on line ${line} makes more, or takes longer, than one message may`;

describe('hostile templates end as a fault that names part and line', () => {
  test.each([
    ['a range of 1e9', '\n{% for i in (1..1000000000) %}{% endfor %}', tooMuch(2)],
    [
      'loops in loops',
      '{% for a in (1..999) %}{% for b in (1..999) %}{% for c in (1..999) %}\n{% endfor %}{% endfor %}{% endfor %}',
      tooMuch(1),
    ],
    [
      'text that doubles',
      `{% assign a = v %}\n{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}{{ a }}`,
      tooMuch(2),
    ],
    ['text in a loop', `{% for i in (1..9999) %}\n{{ v }}${'long '.repeat(100)}{% endfor %}`, tooMuch(2)],
    ['a prototype', '\n{{ v.constructor.name }}', 'html: field "v.constructor" is missing'],
    ['the prototype', '{{ __proto__ }}', 'html: field "__proto__" is missing'],
  ])('%s', (_, html, message) => {
    expect(() => fill(html)).toThrow(message);
  });
});

test.each([
  ['a\n{{ "now" | date: "%Y" }}', 2, /ISO date/],
  ['a\n{% if v %}\n{{ "today" | date }}{% endif %}', 3, /ISO date/],
  ['\n'.repeat(4) + '{% if v %}'.repeat(100_000), 5, /nested more than 100/],
  ['\n{% render "x" %}', 2, /no tag "render"/],
  ['\n{% include "/etc/passwd" %}', 2, /no tag "include"/],
  ['\n{% layout "x" %}', 2, /no tag "layout"/],
])('%# is refused before anybody is asked', (template, line, sentence) => {
  expect(templateFault(template)).toEqual({ line, sentence: expect.stringMatching(sentence) });
});

test('what is constant and has a value is no fault', () => {
  expect(
    templateFault('{{ "2026-11-03" | date: "%Y" }}{{ 1 | plus: 2 }}{{ "a" | upcase }}{{ v | date }}'),
  ).toBeUndefined();
});
