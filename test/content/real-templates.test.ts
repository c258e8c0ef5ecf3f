import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { DeliveryFolder } from '../../src/client/delivery-folder.js';
import { compileContent } from '../../src/content/compile-content.js';
import { templateFault } from '../../src/content/liquid.js';

const folder = fileURLToPath(new URL('templates/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.mjml'));
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Compiles a text as if it stood in the folder of the templates. */
async function compile(name: string, text = textOf(name)) {
  const files = await DeliveryFolder.at(join(folder, name));
  return compileContent({ mjml: { name, text } }, async (path, from) => files.read(path, from, 1024 * 1024));
}

/** Templates that make a mail, with what must stand in its HTML and in its text. */
const whole: Record<string, { html: string[]; text: string[] }> = {
  'components.mjml': {
    html: [
      'href="https://shop.example/new?c={{ campaign }}"',
      'https://img.example/bg.png?c={{ campaign | url_encode }}',
      'https://img.example/hero-{{ season }}.jpg',
      'alt="One of {{ shop }}"',
      '{% for item in items %}\n<tr><td>{{ item.name }}</td><td>{{ item.price | money: "EUR" }}</td></tr>\n{% endfor %}',
    ],
    text: ['Winter, {{ first_name }}', 'On {{ when | local_date: "long" }}.', '{{ points | number }}'],
  },
  'head.mjml': {
    html: [
      '<title>News for {{ first_name }}</title>',
      '.brand { color: {{ colour | default: "#123456" }}; }',
      'data-campaign="{{ campaign }}"',
      'Only until {{ until | local_date }}',
      '<span class="code" style="letter-spacing: 2px;">{{ code }}</span>',
    ],
    text: ['Use it (https://shop.example/?code={{ code | url_encode }})'],
  },
  'includes.mjml': {
    html: [
      '.brand { color: {{ colour }}; }',
      '<p class="legal" style="font-size: 11px;">{{ shop }} GmbH</p>',
      '{{ shop }} · <a href="{{ unsubscribe_url }}">Unsubscribe</a>',
    ],
    text: ['{% if notice %}{{ notice }}{% endif %}', 'Hello{% if first_name %} {{ first_name }}{% endif %},'],
  },
  'liquid-everywhere.mjml': {
    html: [
      'aria-label="{{ a | default: "x > y" }}"',
      '.{{ css_class }} { background: url("https://img.example/{{ b }}.png"); } /* {{ c }} */',
      'class="s {% if d %}dark{% endif %}"',
      `{{ "<b>" | append: e }} {{ '}}' | append: f }} {%- if g < 3 and h > 2 -%} less {%- endif -%}`,
      `<a href='https://x.example/?a={{ i | url_encode }}&amp;b={{ j }}' title='{{ "quoted" }}'>{{ k }}</a>`,
      '<img src="{{ l }}" alt="{{ m }}" style="width: {{ n }}px" /> <!-- {{ o }} -->',
      '<{{ p }}>tag</{{ p }}> {{ q }}&nbsp;{{ r }}&euro; &lt;{{ s }}&gt;',
      `https://img.example/{% case x %}{% when 'a' %}a{% else %}b{% endcase %}.png`,
    ],
    text: ['{{ k }} (https://x.example/?a={{ i | url_encode }}&b={{ j }})', '<{{ s }}>'],
  },
  'nothing.mjml': { html: ['<body'], text: [] },
  'odd-prolog.mjml': {
    html: ['مرحبا {{ first_name }} 👩‍👩‍👧 &#x1F600; &amp;amp; 5 < 6 & 7 > 2', '{{ raw }}'],
    text: ['مرحبا {{ first_name }} 👩‍👩‍👧 😀 &amp; 5 < 6 & 7 > 2'],
  },
  'outlook.mjml': {
    html: [
      '<!--[if mso]>\n<style>.x { width: {{ width | default: "600" }}px; }</style>\n<![endif]-->',
      '<!--[if mso]><table><tr><td>{{ item.name }}</td></tr></table><![endif]-->',
      '<!--[if !mso]><!--><b>{{ item.name }}</b><!--<![endif]-->',
      '{% for item in items %}',
      '{% else %}<!-- none -->{% endfor %}',
    ],
    text: ['{{ item.name }}'],
  },
};

const unknown = (tag: string) => `<${tag}>: Element ${tag} doesn't exist or is not registered`;
const inBody = 'text directly in <mj-body> would be lost';
/** Templates that make none, with what is told of them, by line. */
const faulty: Record<string, [line: number, sentence: string, file?: string][]> = {
  'broken-attributes.mjml': [1, 2, 3, 4, 5].map((line) => [line, 'is never closed']),
  'broken-crossed.mjml': [
    [4, '<mj-column> is not closed before </mj-section> on line 6'],
    [7, '</mj-column> closes nothing'],
    [10, 'a second <mjml>'],
  ],
  'broken-include.mjml': [
    [3, 'there is no file "parts/missing.mjml"'],
    [4, 'mj-include needs a path'],
    [5, '"../outside.mjml" is outside of the delivery\'s folder'],
    [6, '"broken-include.mjml" includes itself'],
    [4, 'output "{{ a }', 'parts/broken.mjml'],
  ],
  'broken-liquid.mjml': [[6, 'did you mean "number"?']],
  'broken-unclosed.mjml': [
    [1, '<mjml> is never closed'],
    [5, '<mj-text> is not closed before </mj-column> on line 6'],
  ],
  'liquid-between.mjml': [
    [3, inBody],
    [5, 'text directly in <mj-section> would be lost'],
    [10, inBody],
  ],
  'liquid-in-names.mjml': [
    [5, unknown('{{ tag }}')],
    [6, 'Attribute {{ attributes }} is illegal'],
    [7, 'font-size has invalid value: {{ size }}px'],
    [5, 'MJML would drop {{ tag }}'],
    [5, 'MJML would drop {{ tag }}'],
    [6, 'MJML would drop {{ attributes }}'],
    [7, 'MJML would drop {{ size }}'],
  ],
  'mjml3-head-in-body.mjml': [[1, 'MJML cannot read this']],
  'mjml3-invoice.mjml': [
    [5, unknown('mj-invoice')],
    [6, unknown('mj-invoice-item')],
    [8, unknown('mj-location')],
    [9, unknown('mj-html')],
    [9, unknown('b')],
    [6, 'MJML would drop {{ item }}'],
    [9, 'MJML would drop {{ total }}'],
  ],
  'mjml3-newsletter.mjml': [
    [8, unknown('mj-container')],
    [9, 'Attribute vertical-align is illegal'],
    [9, 'padding-bottom has invalid value: 20'],
    [11, 'width has invalid value: 144'],
    [14, 'Attribute word-wrap is illegal'],
    [15, 'Attributes display, facebook-href are illegal'],
    [11, 'MJML would drop {{ shop }}'],
    [14, 'MJML would drop {{ first_name | default: "reader" }}'],
    [15, 'MJML would drop {{ shop }}'],
  ],
  'not-mjml.mjml': [[1, 'MJML cannot read this']],
};

test('every template is in one of the tables', () => {
  expect([...Object.keys(whole), ...Object.keys(faulty)].sort()).toEqual(names.sort());
});

test.each(Object.entries(whole))('%s makes a mail, its Liquid in place', async (name, { html, text }) => {
  const compiled = await compile(name);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  for (const piece of html) expect(compiled.content.html).toContain(piece);
  for (const piece of text) expect(compiled.content.text).toContain(piece);
  expect(templateFault(compiled.content.html ?? '')).toBeUndefined();
  expect(templateFault(compiled.content.text)).toBeUndefined();
});

test.each(Object.entries(faulty))('%s is told line by line', async (name, faults) => {
  expect(await compile(name)).toEqual({
    faults: faults.map(([line, sentence, file = name]) => ({
      file,
      line,
      sentence: expect.stringContaining(sentence) as string,
    })),
  });
});

test('a long mail comes out whole', async () => {
  const section = /<mj-section>[^]*<\/mj-section>/.exec(textOf('outlook.mjml'))?.[0] ?? '';
  const compiled = await compile(
    'outlook.mjml',
    textOf('outlook.mjml').replace(section, () => section.repeat(250)),
  );
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  expect(Buffer.byteLength(compiled.content.html ?? '')).toBeGreaterThan(300 * 1024);
  expect(compiled.content.html?.match(/<b>\{\{ item\.name \}\}<\/b>/g)).toHaveLength(250);
});

/** A template without a piece of it, or without all that follows a place. */
const damaged = fc
  .record({ name: fc.constantFrom(...names), at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(400) })
  .chain(({ name, at, length }) => {
    const text = textOf(name);
    const begin = Math.floor(at * text.length);
    return fc
      .constantFrom(text.slice(0, begin), text.slice(0, begin) + text.slice(begin + length))
      .map((cut) => ({ name, cut }));
  });

test('a damaged template makes a mail, or faults that name file and line', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async ({ name, cut }) => {
      const compiled = await compile(name, cut);
      if ('content' in compiled) return;
      expect(compiled.faults.length).toBeGreaterThan(0);
      for (const { file, line, sentence } of compiled.faults) {
        const lines = (file === name ? cut : textOf(file)).split('\n').length;
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(sentence).not.toMatch(/LqMark/i);
      }
    }),
    { numRuns: 300 },
  );
});
