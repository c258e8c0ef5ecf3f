import { templateFault } from '../../src/content/liquid.js';
import { compilePersonalisation } from '../../src/content/personalise.js';

function fill(html: string): string | undefined {
  const personaliser = compilePersonalisation(
    {
      subject: 's',
      unsubscribe: {},
      sender: { address: 'news@shop.example' },
      headers: {},
      locale: 'en',
      localeField: 'locale',
    },
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
    [
      'rounds of loops without anything in them',
      '{% for a in (1..500) %}{% for b in (1..500) %}{% endfor %}{% endfor %}',
      tooMuch(1),
    ],
    [
      'loops with much in them',
      `\n{% for a in (1..5000) %}${'{% if v == "y" %}z{% endif %}'.repeat(50)}{% endfor %}`,
      tooMuch(2),
    ],
    [
      'one loop after the other',
      `${'{% for a in (1..10000) %}{% endfor %}'.repeat(19)}\n{% for a in (1..10000) %}{% endfor %}`,
      tooMuch(2),
    ],
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
  ['\n{% for a in (1..10000000) %}{% endfor %}', 2, /a range has more than 10,000 numbers/],
  ['{% if v %}\n{% for a in (0..10000) %}{% endfor %}{% endif %}', 2, /a range has more than 10,000 numbers/],
  ['{% liquid\nassign a = (1..20000)\n%}', 2, /a range has more than 10,000 numbers/],
  ['\n{{ (1..20000) | join }}', 2, /a range has more than 10,000 numbers/],
  ['{{ v | concat: (-9999..2) }}', 1, /a range has more than 10,000 numbers/],
])('%# is refused before anybody is asked', (template, line, sentence) => {
  expect(templateFault(template)).toEqual({ line, sentence: expect.stringMatching(sentence) });
});

test('tags that never end take no longer than their text', () => {
  // An expression that looks for each end anew would take an hour.
  expect(templateFault('{%'.repeat(4_000))?.sentence).toContain('not closed');
  expect(templateFault('{%'.repeat(1_000_000))?.sentence).toContain('more than 5,000');
});

test('what is constant and has a value is no fault', () => {
  expect(
    templateFault('{{ "2026-11-03" | date: "%Y" }}{{ 1 | plus: 2 }}{{ "a" | upcase }}{{ v | date }}'),
  ).toBeUndefined();
});

test('as many rounds as a newsletter can have are filled', () => {
  expect(fill('{% for a in (1..10000) %}{% endfor %}'.repeat(10))).toBe('');
  const row = '{% if a == 1 %}{{ v }}{% else %}-{% endif %} {{ a | plus: 1 }}\n';
  expect(fill(`{% for a in (1..2000) %}${row.repeat(10)}{% endfor %}`)?.split('\n')).toHaveLength(20_001);
  expect(templateFault('{% for a in (1..10000) %}{% endfor %}{% for a in (1..v) %}{% endfor %}')).toBeUndefined();
});

test('rounds are counted anew for each message', () => {
  const loop = '{% for a in (1..10000) %}{% endfor %}'.repeat(15);
  for (let i = 0; i < 3; i += 1) expect(fill(loop)).toBe('');
});

test('a template with more pieces than anybody writes is refused before it is read', () => {
  const line = '{{ a }}{% if a %}{% endif %}\n';
  expect(templateFault(line.repeat(1_666))).toBeUndefined();
  expect(templateFault(line.repeat(100_000))).toEqual({
    line: 1_667,
    sentence: 'there are more than 5,000 tags and outputs: use a loop, or fewer',
  });
});

test('a loop without anything of the recipient’s, and too long for all, is told before anybody is asked', () => {
  const loop = (inner: number) => `\n{% for a in (1..1000) %}{% for b in (1..${inner}) %}x{% endfor %}{% endfor %}`;
  expect(templateFault(loop(10))).toBeUndefined();
  expect(templateFault(loop(1_000))).toEqual({
    line: 2,
    sentence: 'this can be filled for nobody: it makes more, or takes longer, than one message may',
  });
});
