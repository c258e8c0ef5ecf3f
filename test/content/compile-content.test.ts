import { compileContent } from '../../src/content/compile-content.js';
import { FileRefused, type ReadInclude } from '../../src/content/content-source.js';

/** Includes from memory, by name; what the disk refuses is tested with the disk. */
const includes =
  (files: Record<string, string> = {}): ReadInclude =>
  async (path) => {
    const text = files[path];
    if (text === undefined) throw new FileRefused(`there is no file "${path}"`);
    return { name: path, text };
  };

const page = (body: string, head = '') =>
  `<mjml>\n<mj-head>\n<mj-title>News</mj-title>${head}\n</mj-head>\n<mj-body>\n${body}\n</mj-body>\n</mjml>\n`;
const column = (inner: string) => page(`<mj-section>\n<mj-column>\n${inner}\n</mj-column>\n</mj-section>`);

const compile = async (mjml: string, files?: Record<string, string>) =>
  compileContent({ mjml: { name: 'content.mjml', text: mjml } }, includes(files));
async function contentOf(mjml: string, files?: Record<string, string>) {
  const compiled = await compile(mjml, files);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.content;
}
async function faultsOf(mjml: string, files?: Record<string, string>) {
  const compiled = await compile(mjml, files);
  return 'faults' in compiled ? compiled.faults : [];
}
const fault = (line: number, sentence: string, file = 'content.mjml') => ({
  file,
  line,
  sentence: expect.stringContaining(sentence) as string,
});

test('Liquid comes through MJML as it was, in text, attributes and between components', async () => {
  const pieces = [
    '{{ a | default: "x > y" }}',
    "{{ '}}' | append: b }}",
    '{%- if c < 3 and d -%}',
    '{% endif %}',
    '{{ link | url_encode }}',
    '{{ "quoted" }}',
    '{% unless e %}',
    '{% endunless %}',
    '{% liquid\n assign x = 1\n%}',
  ];
  const [a, b, c, endif, link, quoted, unless, endunless, liquid] = pieces;
  const { html = '' } = await contentOf(
    column(
      `<mj-raw>${unless}</mj-raw><mj-text>${a}<b>${b}</b> ${c}hello${endif}${liquid}</mj-text><mj-raw>${endunless}</mj-raw>\n` +
        `<mj-button href="https://x.example/?a=1&amp;q=${link}" title="${quoted}">Go</mj-button>`,
    ),
  );
  for (const piece of pieces) expect(html).toContain(piece);
  expect(html).toContain(`href="https://x.example/?a=1&amp;q=${link}"`);
});

test('no mail asks a third party for fonts', async () => {
  const { html } = await contentOf(column('<mj-text font-family="Ubuntu">Hi</mj-text>'));
  expect(html).not.toContain('fonts.googleapis');
});

test('comments of the author stay at home, and what stands around them stays whole', async () => {
  const { html, text } = await contentOf(
    column('<!-- the boss wants {{ this }} --><mj-text>Hi</mj-text><!-- </mj-column> --><mj-text>Ho</mj-text>'),
  );
  expect(html).not.toMatch(/the boss|this/);
  expect(html?.match(/<div[^>]*>H[io]<\/div>/g)).toHaveLength(2);
  expect(text).toBe('Hi\nHo\n');
});

test('the text part is made from the HTML, with its Liquid and with links as label and address', async () => {
  const { text } = await contentOf(
    page(
      '<mj-section><mj-column>' +
        '<mj-image src="https://x.example/i.png" alt="a picture" href="https://x.example/i" />' +
        '<mj-text><h1>Hello {{ name | default: "you" }}</h1></mj-text>' +
        `<mj-raw>{% if city %}</mj-raw><mj-text>In {{ city }}</mj-text><mj-raw>{% endif %}</mj-raw>` +
        `<mj-text><p>${'long words in a row '.repeat(5)}{{ a | default: "with several words in it" }}</p></mj-text>` +
        '<mj-button href="{{ unsubscribe_url }}">Unsubscribe</mj-button>' +
        '<mj-text><a href="https://x.example">https://x.example</a></mj-text>' +
        '</mj-column></mj-section>',
      '<mj-preview>In the list of mails</mj-preview>',
    ),
  );
  expect(text).toBe(`https://x.example/i

Hello {{ name | default: "you" }}

{% if city %}In {{ city }}
{% endif %}long words in a row long words in a row long words in a row long words in a
row long words in a row {{ a | default: "with several words in it" }}

Unsubscribe ({{ unsubscribe_url }})

https://x.example
`);
});

test('a text part that is given is used as it is', async () => {
  const source = {
    mjml: { name: 'c.mjml', text: column('<mj-text>Hi</mj-text>') },
    text: { name: 'c.txt', text: 'Hi\n' },
  };
  const compiled = await compileContent(source, includes());
  expect(compiled).toMatchObject({
    content: { text: 'Hi\n', sources: { 'c.mjml': source.mjml.text, 'c.txt': 'Hi\n' } },
  });
});

test('HTML and text alone stay as they are', async () => {
  const html = { name: 'c.html', text: '<p>Hi {{ name }}' };
  const text = { name: 'c.txt', text: 'Hi {{ name }}' };
  expect(await compileContent({ html }, includes())).toEqual({
    content: { html: html.text, text: 'Hi {{ name }}\n', sources: { 'c.html': html.text } },
  });
  expect(await compileContent({ text }, includes())).toEqual({
    content: { text: text.text, sources: { 'c.txt': text.text } },
  });
});

test.each([
  [
    'an unclosed section',
    page('<mj-section>\n<mj-column></mj-column>'),
    [fault(6, '<mj-section> is not closed before </mj-body> on line 8')],
  ],
  [
    'an unclosed text',
    column('<mj-text>a\n<mj-text>b</mj-text>'),
    [fault(8, '<mj-text> is not closed before <mj-text> on line 9')],
  ],
  ['an unclosed document', '<mjml>\n<mj-body>\n</mj-body>', [fault(1, '<mjml> is never closed')]],
  [
    'a tag that never ends',
    '<mjml>\n<mj-body>\n<mj-section',
    [fault(1, '<mjml> is never'), fault(2, '<mj-body> is never')],
  ],
  ['a stray closing tag', column('</mj-wrapper>'), [fault(8, '</mj-wrapper> closes nothing')]],
  [
    'crossed tags',
    page('<mj-section>\n<mj-column>\n</mj-section>\n</mj-column>'),
    [fault(7, '<mj-column> is not closed before </mj-section> on line 8'), fault(9, '</mj-column> closes nothing')],
  ],
  ['text between components', column('Hello'), [fault(8, 'text directly in <mj-column> would be lost')]],
  [
    'Liquid between components',
    column('\n{% if a %}<mj-text>b</mj-text>{% endif %}'),
    [fault(9, 'in <mj-raw>'), fault(9, 'in <mj-raw>')],
  ],
  ['a second document', `${column('')}<mjml></mjml>`, [fault(13, 'a second <mjml>')]],
  ['an unknown component', column('<mj-txt>a</mj-txt>'), [fault(8, "Element mj-txt doesn't exist")]],
  [
    'an unknown attribute',
    column('{% comment %}\n\n{% endcomment %}'.replace(/.*/s, '<mj-text\n colour="red">a</mj-text>')),
    [fault(8, 'Attribute colour is illegal')],
  ],
  [
    'a bad value behind Liquid of several lines',
    column('<mj-text>{{ a\n|\nupcase }}</mj-text>\n<mj-text color="{{ b }}">c</mj-text>'),
    [fault(11, 'Attribute color has invalid value: {{ b }}')],
  ],
  ['no body', '<mjml></mjml>', [fault(1, 'MJML cannot read this')]],
  ['nothing at all', ' \n', [fault(1, 'the file is empty')]],
  ['no MJML', '<p>Hello</p>', [fault(1, '')]],
  ['a wrong filter', column('<mj-text>\n{{ a | nope }}</mj-text>'), [fault(9, 'no filter "nope"')]],
  ['Liquid that is not closed', column('<mj-text>\n{% if a %}</mj-text>'), [fault(9, 'not closed')]],
  [
    'Liquid in a default that no component takes',
    page('', '<mj-attributes>\n<mj-class name="x" color="{{ y }}" />\n</mj-attributes>'),
    [fault(4, 'MJML would drop {{ y }}')],
  ],
])('%s is a fault with its line', async (_, mjml, faults) => {
  expect(await faultsOf(mjml)).toEqual(faults);
});

test('includes stand in their place and count among the sources', async () => {
  const files = {
    'footer.mjml': '<mj-section><mj-column>\n<mj-include path="legal.html" type="html"/>\n</mj-column></mj-section>',
    'legal.html': '<p>Legal<br>{{ city }}</p>',
    'style.css': '.x { color: red }',
  };
  const text = page('<mj-include path="footer.mjml"></mj-include>', '<mj-include path="style.css" type="css" />');
  const { html, sources } = await contentOf(text, files);
  expect(html).toContain('<p>Legal<br>{{ city }}</p>');
  expect(html).toContain('.x { color: red }');
  expect(sources).toEqual({ 'content.mjml': text, ...files });
});

const footer = '<mj-section><mj-column>\n<mj-text>{{ a | nope }}</mj-text>\n</mj-column></mj-section>';

test.each([
  ['a file that is not there', page('<mj-include path="x.mjml" />'), {}, [fault(6, 'there is no file "x.mjml"')]],
  ['no path', page('\n<mj-include />'), {}, [fault(7, 'mj-include needs a path')]],
  ['an unknown type', page('<mj-include path="a.js" type="js" />'), {}, [fault(6, 'is "mjml", "html" or "css"')]],
  [
    'a file that includes itself',
    page('<mj-include path="a.mjml" />'),
    { 'a.mjml': '<mj-include path="b.mjml" />', 'b.mjml': '\n<mj-include path="a.mjml" />' },
    [fault(2, '"a.mjml" includes itself', 'b.mjml')],
  ],
  [
    'a file that includes the content',
    page('<mj-include path="content.mjml" />'),
    { 'content.mjml': '' },
    [fault(6, '"content.mjml" includes itself')],
  ],
  [
    'a whole document',
    page('<mj-include path="a.mjml" />'),
    { 'a.mjml': page('') },
    [fault(1, 'an <mjml> cannot stand inside another one', 'a.mjml')],
  ],
  [
    'broken Liquid',
    page('<mj-include path="a.mjml" />'),
    { 'a.mjml': footer },
    [fault(2, 'no filter "nope"', 'a.mjml')],
  ],
  [
    'broken MJML',
    page('<mj-include path="a.mjml" />'),
    { 'a.mjml': '<mj-section>\n<mj-column>\n</mj-section>' },
    [fault(2, '<mj-column> is not closed', 'a.mjml')],
  ],
  [
    'a bad attribute',
    page('\n<mj-include path="a.mjml" />'),
    { 'a.mjml': '\n\n<mj-section foo="1"></mj-section>' },
    [fault(3, 'Attribute foo is illegal', 'a.mjml')],
  ],
  [
    'HTML that leaves its place',
    page('<mj-include path="a.html" type="html" />'),
    { 'a.html': 'x\n</mj-raw><mj-body>' },
    [fault(5, '<mj-body> is not closed'), fault(6, '</mj-raw> closes nothing')],
  ],
])('an include of %s is a fault in the file that has it', async (_, mjml, files, faults) => {
  expect(await faultsOf(mjml, files as Record<string, string>)).toEqual(faults);
});

const twice = (path: string) => `<mj-include path="${path}" /><mj-include path="${path}" />`;

test('includes that multiply end soon', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.mjml`, twice(`${i + 1}.mjml`)]));
  files['40.mjml'] = '';
  const faults = await faultsOf(page('<mj-include path="0.mjml" />'), files);
  expect(faults[0]?.sentence).toBe('there are more than 200 includes and blocks');
  expect(faults.length).toBeLessThan(200);
});

test('rows and cells of a table are lines and words of the text part; tables that only give a form are not', async () => {
  const html = `<table role="presentation"><tr><td><p>Your order</p></td></tr></table>
<table>{% for item in items %}<tr><td>{{ item.name }}</td><td>{{ item.price }}</td></tr>{% endfor %}
<tr><th>Sum</th><td>9</td></tr></table>`;
  const compiled = await compileContent({ html: { name: 'c.html', text: html } });
  expect('content' in compiled && compiled.content.text).toBe(
    'Your order\n\n{% for item in items %}{{ item.name }} {{ item.price }}\n{% endfor %}Sum 9\n',
  );
});
