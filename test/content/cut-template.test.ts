import * as fc from 'fast-check';
import { type CutTemplate, cutTemplate, joinText, type Scope } from '../../src/content/cut-template.js';
import { createLiquidEngine, textOf } from '../../src/content/liquid.js';

const escape = (value: string) => value.replace(/[&<]/g, (character) => (character === '&' ? '&amp;' : '&lt;'));
const engine = createLiquidEngine((value) => escape(textOf(value)));
const cut = (source: string) => cutTemplate(source, { engine, escape });

/** What comes of a template: its text, or the fault and its place. */
function outcome(render: () => string): unknown {
  try {
    return render();
  } catch (error) {
    return error instanceof Error ? [error.name, error.message] : error;
  }
}

const cutOutcome = (template: CutTemplate, scope: Scope) => outcome(() => joinText(template, template.values(scope)));

const names = ['a', 'b', 'c_1', 'size', 'first', 'delivery', 'email', 'not', 'nil', 'empty', 'contains', '__proto__'];
const name = fc.constantFrom(...names);
const path = fc.oneof(
  { weight: 4, arbitrary: name },
  fc.tuple(name, fc.constantFrom('id', 'size', 'length', 'toString', 'first')).map((parts) => parts.join('.')),
);
const filter = fc.constantFrom(
  '',
  ' | default: "x"',
  "| default:'<&'",
  ' | default: ""',
  ' | default: "\\n"',
  ' | default: b',
  ' | default: "x", allow_false: true',
  ' | default',
  ' | upcase',
  ' | default: "x" | upcase',
  ' | append: "&" | default: "x"',
  ' | size',
);
const output = fc
  .tuple(fc.constantFrom('{{', '{{-', '{{ '), path, filter, fc.constantFrom('}}', '-}}', ' }}'))
  .map((parts) => parts.join(''));
const text = fc.constantFrom(' ', '\n', 'text', '<p>', '&', ' \n ', '.');
const tag = fc
  .tuple(
    fc.constantFrom(
      '{% assign a = "<new>" %}',
      '{% if a %}{% assign b = a %}{% endif %}',
      '{% liquid\nassign c_1 = b\n%}',
      '{%- for a in (1..2) -%}{{ a }}{% endfor %}',
      '{% for x in (1..4) limit: 2 %}{{ x }}{% endfor %}{% for x in (1..4) offset: continue %}{{ x }}{% endfor %}',
      '{% for x in (1..3) %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}',
      '{% if b %}{% break %}{% endif %}',
      '{% unless b %}{% liquid\ncontinue\n%}{% endunless %}',
      '{% case a %}{% when "1" %}{{ b }}{% else %}{% break %}{% endcase %}',
      '{% raw %}{{ a }}<{% endraw %}',
      '{% comment %}{{ a }}{% endcomment %}',
      '{% # remark %}',
      '{% if a %}{{ a }}{% else %}-{% endif %}',
    ),
    fc.constantFrom('', ' '),
  )
  .map((parts) => parts.join(''));
const source = fc
  .array(fc.oneof({ weight: 4, arbitrary: output }, { weight: 3, arbitrary: text }, tag), { maxLength: 8 })
  .map((parts) => parts.join(''));
const scope = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...names, 'id'), fc.oneof(fc.string(), fc.constantFrom('', '1', '<&>', ' '))),
    fc.constantFrom(
      {},
      { delivery: { id: 'winter' } },
      { size: undefined },
      { a: null },
      { a: ['<', 'x'] },
      { b: 7 },
      { a: 0, delivery: { id: -1.5, size: 2 } },
      { a: { id: 3 }, b: true, c_1: false },
    ),
  )
  .map(([fields, more]): Scope => Object.assign(Object.create(null) as Scope, fields, more));

test('a template that was cut gives what the engine alone makes of it, faults included', () => {
  fc.assert(
    fc.property(source, scope, (template, values) => {
      const parsed = engine.parse(template);
      expect(cutOutcome(cut(template), values)).toEqual(outcome(() => engine.renderSync(parsed, values) as string));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['Dear {{ a }},\n{{- b -}} \n bye', ['Dear ', ',', 'bye']],
  ['{% raw %}{{ a }}{% endraw %}{% comment %}x{% endcomment %}b', ['{{ a }}b']],
  ['a{% if a %}b{% endif %}c', ['a', 'c']],
  ['a{% if a %}{% break %}{% endif %}c{{ b }}', ['', '']],
])('%j is static in %j', (template, strings) => {
  expect(cut(template).strings).toEqual(strings);
});

test('the memory that a template may use is counted over all of it', () => {
  const values: Scope = { a: 'x'.repeat(300_000) };
  const place = '{{ a | append: a | size }} ';
  expect(cutOutcome(cut(place), values)).toBe('600000 ');
  expect(cutOutcome(cut(place.repeat(2)), values)).toEqual([
    'RenderError',
    expect.stringContaining('memory alloc limit exceeded'),
  ]);
});
