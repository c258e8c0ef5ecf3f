import * as fc from 'fast-check';
import { templateFault, templateVariables } from '../../src/content/liquid.js';
import {
  compilePersonalisation,
  partsWithMirror,
  PersonalisationError,
  variablesByPart,
} from '../../src/content/personalise.js';
import type { Content, FieldValue } from '../../src/delivery/definition.js';

const delivery = { id: 'winter', name: 'Winter & news' };
const sent = { sender: { address: 'news@shop.example' }, headers: {}, locale: 'en', localeField: 'locale' };

function render(template: string, fields: Record<string, FieldValue> = {}, address = 'ada@mail.example') {
  const content: Content = { html: template, text: template, sources: {} };
  const unsubscribe = { url: 'https://news.example/u?a={{ email }}' };
  return compilePersonalisation({ ...sent, subject: template, unsubscribe }, content).render({
    profile: { address, fields },
    delivery,
  });
}

test('a value is escaped in HTML and left as it is in text and subject', () => {
  expect(render('{{ name }} of {{ delivery.name }}', { name: `<b>"O'Brien"</b> & Co` })).toEqual({
    subject: `<b>"O'Brien"</b> & Co of Winter & news`,
    html: '&lt;b&gt;&#34;O&#39;Brien&#34;&lt;/b&gt; &amp; Co of Winter &amp; news',
    text: `<b>"O'Brien"</b> & Co of Winter & news`,
    unsubscribeUrl: 'https://news.example/u?a=ada%40mail.example',
  });
});

test('no value can break out of HTML, whatever filters the author put behind it', () => {
  const templates = [
    '{{ v }}',
    '{{ v | escape }}',
    '{{ v | upcase }}',
    '{{ "<" | append: v }}',
    '{% assign w = v %}{{ w }}',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...templates), fc.string(), (template, v) => {
      expect(render(template, { v: `${v}<"'>` }).html).not.toMatch(/[<>"']/);
    }),
  );
});

test('a value is escaped once, also where the author escapes it', () => {
  expect(render('{{ v | escape }}{{ v | escape_once }}', { v: '&' })).toMatchObject({ html: '&amp;&amp;', text: '&&' });
});

test('a field may be called as Liquid calls the number of members', () => {
  expect(render('{{ size }}{{ name.size }}', { size: 'M', name: 'Ada' }).text).toBe('M3');
});

test('a value is no template', () => {
  expect(render('{{ v }}', { v: '{{ email }}{% if %}' }).text).toBe('{{ email }}{% if %}');
});

test('a subject is one line, whatever the values hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\r', '\n', '\0', '\u0085', '\u2028', '\t', 'a', ' ') }), (v) => {
      expect(render('x{{ v }}y', { v }).subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }),
  );
  expect(render('Hello {{ v }}', { v: 'Ada\r\nBcc: all@mail.example' }).subject).toBe(
    'Hello Ada Bcc: all@mail.example',
  );
});

test('the unsubscription URL takes values URL-encoded and stands in the content', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (address) => {
      const { unsubscribeUrl, text } = render('{{ unsubscribe_url }}', {}, address);
      expect(text).toBe(unsubscribeUrl);
      expect(new URL(unsubscribeUrl ?? '').searchParams.get('a')).toBe(address);
    }),
  );
  expect(render('', {}, 'a\ud800').unsubscribeUrl).toBe('https://news.example/u?a=a%EF%BF%BD');
});

test.each([
  ['a default', '{{ city | default: "your town" }}', 'your town'],
  ['a condition', '{% if city %}in {{ city }}{% else %}there{% endif %}', 'there'],
  ['a comparison', '{% if city == "Lindenau" %}a{% elsif city contains "x" %}b{% else %}c{% endif %}', 'c'],
  ['unless', '{% unless city %}nowhere{% endunless %}', 'nowhere'],
  ['case', '{% case city %}{% when "Lindenau" %}a{% else %}b{% endcase %}', 'b'],
])('%s asks after a missing field without fault', (_, template, expected) => {
  expect(render(template).text).toBe(expected);
});

test.each([
  ['{{ first_name }}', 'html: field "first_name" is missing', 'first_name'],
  ['{{ delivery.nmae }}', 'html: field "delivery.nmae" is missing', 'delivery.nmae'],
  ['{{ email | append: nick }}', 'html: field "nick" is missing', 'nick'],
  ['{{ constructor }}', 'html: field "constructor" is missing', 'constructor'],
  ['{{ email.__proto__ }}', 'html: field "email.__proto__" is missing', 'email.__proto__'],
  ['{{ size }}', 'html: field "size" is missing', 'size'],
])('%s without the field names part and field', (template, message, field) => {
  const content: Content = { html: template, text: '', sources: {} };
  const personaliser = compilePersonalisation({ ...sent, subject: '', unsubscribe: {} }, content);
  const fill = () => personaliser.render({ profile: { address: 'ada@mail.example', fields: {} }, delivery });
  expect(fill).toThrow(new PersonalisationError('html', message.slice('html: '.length), field));
  expect(fill).toThrow(expect.objectContaining({ part: 'html', field }) as Error);
});

test.each([
  [
    'a date that is none',
    '{{ v | date: "%Y" }}',
    'secret',
    'cannot be filled: "date" takes an ISO date such as 2026-11-03',
  ],
  [
    'a range without end',
    '{% for i in (1..v) %}{% endfor %}',
    '98765432198',
    'makes more, or takes longer, than one message may',
  ],
])('%s is told without the value', (_, template, v, what) => {
  const fill = () => render(`\n\n${template}`, { v });
  const sentence = `the template on line 3 ${what}`;
  expect(fill).toThrow(new PersonalisationError('subject', sentence));
  expect(fill).not.toThrow(v);
});

test('dates are those of the value, in UTC, and never of the clock', () => {
  expect(render('{{ v | date: "%Y-%m-%d %H:%M" }}', { v: '2026-03-29' }).text).toBe('2026-03-29 00:00');
  expect(render('{{ v | date: "%H:%M" }}', { v: '2026-03-29T12:30' }).text).toBe('12:30');
  expect(render('{{ v | date: "%H:%M" }}', { v: '2026-03-29T12:30:00+02:00' }).text).toBe('10:30');
  expect(render('{{ v | default: nil | date: "%Y" }}').text).toBe('');
  for (const now of ['now', 'today', '1793705600']) expect(() => render('{{ v | date: "%Y" }}', { v: now })).toThrow();
});

test.each([
  ['{% include "x" %}', 'no tag "include"'],
  ['{% render "/etc/passwd" %}', 'no tag "render"'],
  ['{% layout "x" %}', 'no tag "layout"'],
  ['{% echo v %}', 'no tag "echo"'],
  ['{% cycle v, "b" %}', 'no tag "cycle"'],
  ['{% capture x %}{{ v }}{% endcapture %}', 'no tag "capture"'],
  ['{% liquid echo v %}', 'no tag "echo"'],
  ['{{ v | raw }}', 'no filter "raw"'],
  ['{{ v | sample }}', 'no filter "sample"'],
  ['{{ v | dat }}', 'no filter "dat" here; did you mean "date"?'],
  ['{% if v %}', 'not closed'],
  ['{% endif %}', 'no tag "endif"'],
  ['{{ v', 'not closed'],
])('%s is refused before anything is sent', (template, sentence) => {
  expect(templateFault(`a\nb ${template}`)).toEqual({ line: 2, sentence: expect.stringContaining(sentence) as string });
});

test('the same recipient always gets the same message', () => {
  const template = '{% for w in v %}{{ w }}{% endfor %}{{ v | split: "" | sort | join: "," }}';
  fc.assert(fc.property(fc.string(), (v) => expect(render(template, { v })).toEqual(render(template, { v }))));
});

test('variables are told by part, with what a recipient cannot do without', () => {
  const content: Content = {
    html: '{{ a }}\n{{ b | default: "x" }}{% if c %}{{ c }}{% endif %}{{ delivery.id }}{% assign d = e %}{{ d }}',
    text: '{% for x in f %}{{ x }}{{ forloop.index }}{% endfor %}{{ unsubscribe_url }}',
    sources: {},
  };
  expect(
    variablesByPart({ ...sent, subject: '{{ a }}', unsubscribe: { url: 'https://u.example/{{ email }}' } }, content),
  ).toEqual({
    subject: [{ name: 'a', line: 1, required: true }],
    'unsubscribe.url': [{ name: 'email', line: 1, required: true }],
    html: [
      { name: 'a', line: 1, required: true },
      { name: 'b', line: 2, required: false },
      { name: 'c', line: 2, required: false },
      { name: 'delivery.id', line: 2, required: true },
      { name: 'e', line: 2, required: false },
    ],
    text: [
      { name: 'f', line: 1, required: true },
      { name: 'unsubscribe_url', line: 1, required: true },
    ],
  });
});

test('a variable that is written out once without a default is required', () => {
  expect(templateVariables('{{ a | default: "" }}{{ a }}')).toEqual([{ name: 'a', line: 1, required: true }]);
});

test('the page of a message is linked to from the parts that ask for its address, in whatever way', () => {
  const parts = (subject: string, html: string, text: string) =>
    partsWithMirror({ ...sent, subject, unsubscribe: {}, format: 'multipart' }, { html, text, sources: {} });
  expect(parts('{{ mirror_url }}', '{% if mirror_url %}x{% endif %}', '{{ mirror_url | default: "" }}')).toEqual([
    'subject',
    'html',
    'text',
  ]);
  expect(parts('mirror_url', '{{ unsubscribe_url }}', '{% assign mirror_url = "x" %}{{ mirror_url }}')).toEqual([]);
});

describe('fields of other types than text', () => {
  const order = {
    items: [
      { name: 'Rose <red>', price: 12.5, tags: ['a', 'b'] },
      { name: 'Tulip', price: 3, tags: [] },
    ],
    customer: { name: { first: 'Ada' }, vip: true },
    points: 0,
    none: [],
  };

  test.each([
    [
      '{% for i in items %}{{ forloop.index }} {{ i.name }}: {{ i.price }};{% endfor %}',
      '1 Rose <red>: 12.5;2 Tulip: 3;',
    ],
    ['{% for i in items %}{{ i.price | times: 2 | money: "EUR" }} {% endfor %}', '€25.00 €6.00 '],
    ['{% for i in items %}{% for t in i.tags %}{{ t }}{% else %}-{% endfor %}{% endfor %}', 'ab-'],
    ['{% for i in none %}{{ i }}{% else %}nothing{% endfor %}', 'nothing'],
    ['{{ items | map: "name" | join: ", " }}; {{ items.size }}; {{ items[1].name }}', 'Rose <red>, Tulip; 2; Tulip'],
    ['{{ items | where: "name", "Tulip" | map: "price" | first }}', '3'],
    ['{{ customer.name.first }} {{ customer.vip }} {{ points }}{{ points | default: "x" }}', 'Ada true 00'],
    ['{% if customer.vip and points == 0 %}yes{% endif %}', 'yes'],
    ['{% for pair in customer.name %}{{ pair[0] }}={{ pair[1] }}{% endfor %}', 'first=Ada'],
    ['{{ customer }}', ''],
  ])('%s', (template, expected) => {
    expect(render(template, order).text).toBe(expected);
  });

  test('are escaped in HTML', () => {
    expect(render('{% for i in items %}{{ i.name }}{% endfor %}', order).html).toBe('Rose &lt;red&gt;Tulip');
  });

  test.each([
    ['{% for i in items %}{{ i.colour }}{% endfor %}', 'i.colour'],
    ['{{ customer.name.last_name }}', 'customer.name.last_name'],
    ['{% for i in orders %}{{ i }}{% endfor %}', 'orders'],
    ['{{ items[0].constructor }}', 'items.0.constructor'],
    ['{{ customer.__proto__ }}', 'customer.__proto__'],
    ['{{ customer.toString }}', 'customer.toString'],
    ['{{ items.map }}', 'items.map'],
  ])('%s without it names the field', (template, field) => {
    expect(() => render(template, order)).toThrow(`field "${field}" is missing`);
  });

  test('members called as those of prototypes are members like others', () => {
    const fields = JSON.parse(
      '{"v": {"__proto__": {"polluted": "p"}, "constructor": {"prototype": {"polluted": "c"}}}}',
    );
    const before = Object.getOwnPropertyNames(Object.prototype);
    const template = '{{ v.__proto__.polluted }}{{ v.constructor.prototype.polluted }}{% assign w = v | sort %}';
    expect(render(template, fields as Record<string, FieldValue>).text).toBe('pc');
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect('polluted' in {}).toBe(false);
    expect(() => render('{{ v.polluted }}', fields as Record<string, FieldValue>)).toThrow('is missing');
  });
});
