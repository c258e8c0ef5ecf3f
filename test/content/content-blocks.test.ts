import { compileContent } from '../../src/content/compile-content.js';
import { blockTags, shippedBlock, shippedNames, withoutBlocks } from '../../src/content/content-blocks.js';
import { type ContentSource, FileMissing, type ReadInclude } from '../../src/content/content-source.js';
import { templateFault } from '../../src/content/liquid.js';

type Files = Record<string, string>;

/** Files from memory, by name. */
const from =
  (files: Files): ReadInclude =>
  async (path) => {
    const text = files[path];
    if (text === undefined) throw new FileMissing(`there is no file "${path}"`);
    return { name: path, text };
  };

const mjml = (inner: string) =>
  `<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n${inner}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>\n`;
const page = (text: string): ContentSource => ({ mjml: { name: 'content.mjml', text: mjml(text) } });
const html = (text: string): ContentSource => ({ html: { name: 'content.html', text } });
const plain = (text: string): ContentSource => ({ text: { name: 'content.txt', text } });

async function contentOf(source: ContentSource, files: Files = {}) {
  const compiled = await compileContent(source, from(files));
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.content;
}
async function faultsOf(source: ContentSource, files?: Files) {
  const compiled = await compileContent(source, files && from(files));
  return 'faults' in compiled ? compiled.faults : [];
}
const fault = (file: string, line: number, sentence: string) => ({
  file,
  line,
  sentence: expect.stringContaining(sentence) as string,
});

test('a block of the folder stands in place, by the kind of place', async () => {
  const files = {
    'blocks/a.mjml': '<mj-text>{{ x }} in MJML</mj-text>\n',
    'blocks/a.html': '<b>{{ x }} in HTML</b>\n',
    'blocks/a.txt': '{{ x }} in text\n',
    'blocks/b.html': '<i>b</i>',
  };
  const { html: made, text } = await contentOf(
    page('{% render "a" %}<mj-text>{% render "b" %}{% if x %}c{% endif %}</mj-text>'),
    files,
  );
  expect(made).toContain('{{ x }} in MJML');
  expect(made).toContain('<i>b</i>{% if x %}c{% endif %}');
  expect(text).toBe('{{ x }} in MJML\nb{% if x %}c{% endif %}\n');
  expect(await contentOf(html('<p>{% render "a" %}</p>'), files)).toMatchObject({
    html: '<p><b>{{ x }} in HTML</b></p>',
    text: '{{ x }} in HTML\n',
  });
  expect((await contentOf(plain("1\n{% render 'a' %}\n2\n"), files)).text).toBe('1\n{{ x }} in text\n2\n');
});

test('a block holds others, and each file is a source of the content', async () => {
  const files = { 'blocks/a.html': '<b>{% render "b" %}{% render "greeting" %}</b>', 'blocks/b.html': '{{ y }}' };
  const source = { ...html('{% render "a" %}{% render "a" %}'), text: { name: 'content.txt', text: '{{ y }}' } };
  const content = await contentOf(source, files);
  const greeting = 'Hello{% if first_name %} {{ first_name }}{% endif %},';
  expect(content.html).toBe(`<b>{{ y }}${greeting}</b>`.repeat(2));
  expect(content.sources).toEqual({
    'content.html': '{% render "a" %}{% render "a" %}',
    ...files,
    'sealpost:blocks/greeting.html': greeting,
    'content.txt': '{{ y }}',
  });
});

test.each(shippedNames)('the block %s that Sealpost brings stands in every kind of content', async (name) => {
  const { html: made, text } = await contentOf(page(`<mj-text>{% render "${name}" %}</mj-text>`));
  expect(made).toContain(shippedBlock(name, 'html')?.text);
  expect(text).not.toContain('render');
  expect((await contentOf(plain(`{% render "${name}" %}`))).text).toBe(shippedBlock(name, 'text')?.text);
  expect(await compileContent(html(`{% render "${name}" %}`))).toMatchObject({
    content: { html: shippedBlock(name, 'html')?.text },
  });
});

test('a block of the folder goes before one of the same name that Sealpost brings', async () => {
  expect((await contentOf(html('{% render "greeting" %}'), { 'blocks/greeting.html': 'Moin' })).html).toBe('Moin');
});

test('white space goes where the tag takes it away', async () => {
  const files = { 'blocks/a.txt': 'A\n' };
  expect((await contentOf(plain('1 \n{%- render "a" -%}\n 2 {% render "a" -%} 3'), files)).text).toBe('1A2 A3');
});

test('white space is looked through once, however many tags take it away', () => {
  // An expression that begins anew at each blank would take hours.
  const template = `${' '.repeat(1_000_000)}x{%- render "a" -%}\n`.repeat(2);
  expect(blockTags(template).map(({ begin, end }) => template.slice(begin, end))).toEqual([
    '{%- render "a" -%}\n' + ' '.repeat(1_000_000),
    '{%- render "a" -%}\n',
  ]);
  const many = '\t{%- render "a" %}'.repeat(60_000);
  expect(withoutBlocks(many)).toBe(' '.repeat(many.length).replace(/ {18}/g, '\t'.padEnd(18)));
});

test('in comments and raw text a tag is no block', async () => {
  const text = '{% comment %}{% render "x" %}{% endcomment %}{% raw %}{% render "x" %}{% endraw %}1';
  expect((await contentOf(plain(text))).text).toBe(text);
});

test('an included file has blocks too, and one of its kind', async () => {
  const files = {
    'part.mjml': '<mj-text>{% render "a" %}</mj-text>',
    'part.html': '<i>{% render "a" %}</i>',
    'blocks/a.html': '{{ z }}',
  };
  const source = page('<mj-include path="part.mjml" /><mj-include path="part.html" type="html" />');
  const { html: made } = await contentOf(source, files);
  expect(made).toContain('<i>{{ z }}</i>');
  expect(made?.match(/\{\{ z \}\}/g)).toHaveLength(2);
});

const name = 'a block is named in quotes by 1–60 of a–z, 0–9 and "-"';
const missing = "or use one of Sealpost's: greeting, mirror, unsubscription";
test.each<[string, ContentSource, Files, object[]]>([
  [
    'a missing one',
    html('\n{% render "x" %}'),
    {},
    [fault('content.html', 2, `there is no block "x": put one into blocks/x.html, ${missing}`)],
  ],
  [
    'a missing one in MJML',
    page('{% render "x" %}'),
    {},
    [fault('content.mjml', 5, `there is no block "x": put one into blocks/x.mjml or blocks/x.html, ${missing}`)],
  ],
  ['one without quotes', html('{% render x %}'), { 'blocks/x.html': '' }, [fault('content.html', 1, name)]],
  ['a path', html('{% render "../x" %}'), {}, [fault('content.html', 1, name)]],
  ['a folder', html('{% render "x/y" %}'), {}, [fault('content.html', 1, name)]],
  ['a long name', html(`{% render "${'x'.repeat(61)}" %}`), {}, [fault('content.html', 1, name)]],
  [
    'arguments',
    html('{% render "x", a: b %}'),
    { 'blocks/x.html': '' },
    [fault('content.html', 1, 'a block takes no arguments, for it sees all variables: write {% render "x" %}')],
  ],
  [
    'one in the path of an include',
    page(`<mj-include path='{% render "greeting" %}' />`),
    {},
    [fault('content.mjml', 5, 'there is no file')],
  ],
  [
    'itself',
    html('{% render "x" %}'),
    { 'blocks/x.html': '\n{% render "y" %}', 'blocks/y.html': '{% render "x" %}' },
    [fault('blocks/y.html', 1, '"blocks/x.html" includes itself')],
  ],
  [
    'one that multiplies',
    plain('{% render "b" %}'.repeat(20)),
    { 'blocks/b.txt': '{% render "c" %}'.repeat(20), 'blocks/c.txt': 'c' },
    expect.arrayContaining([fault('blocks/b.txt', 1, 'there are more than 200 includes and blocks')]) as object[],
  ],
  [
    'broken Liquid in one, told once',
    html('{% render "x" %}{% render "x" %}'),
    { 'blocks/x.html': '\n\n{{ v | nunber }}' },
    [fault('blocks/x.html', 3, 'did you mean "number"?')],
  ],
  [
    'Liquid without an end in one, told once',
    page('{% render "x" %}{% render "x" %}'),
    { 'blocks/x.mjml': '<mj-text>{{ a }</mj-text>' },
    [fault('blocks/x.mjml', 1, 'not closed')],
  ],
  [
    'broken MJML in one',
    page('{% render "x" %}'),
    { 'blocks/x.mjml': '<mj-text>\n</mj-text>\n<mj-txt />' },
    [fault('blocks/x.mjml', 3, 'mj-txt')],
  ],
  [
    'text of ours where MJML would lose it',
    page('\n{% render "greeting" %}'),
    {},
    expect.arrayContaining([fault('content.mjml', 6, 'put it in <mj-text>')]) as object[],
  ],
  [
    'Liquid that is too deep only in place',
    plain(`${'{% if a %}'.repeat(60)}\n{% render "x" %}${'{% endif %}'.repeat(60)}`),
    { 'blocks/x.txt': `1\n${'{% if a %}'.repeat(60)}${'{% endif %}'.repeat(60)}` },
    [fault('blocks/x.txt', 2, 'nested more than 100 deep')],
  ],
])('%s is told with file and line', async (_, source, files, faults) => {
  expect(await faultsOf(source, files)).toEqual(faults);
});

test('content given in code has the blocks that Sealpost brings alone', async () => {
  expect(await faultsOf(html('\n{% render "x" %}'))).toEqual([
    fault('content.html', 2, `content given in code has no files for one, so put its text in this place, ${missing}`),
  ]);
});

test('a subject has no blocks', () => {
  expect(templateFault('{% render "greeting" %}')?.sentence).toContain('blocks stand in files of the content');
});

test('a template without its blocks has all else in its place', () => {
  const template = 'a {% render "x" %}\n{{ b }}{%- render\n"y" -%} \nc{{ d }}';
  const blank = withoutBlocks(template);
  expect(blockTags(template)).toHaveLength(2);
  expect(blank).toHaveLength(template.length);
  expect(blank.indexOf('{{ d }}')).toBe(template.indexOf('{{ d }}'));
  expect(blank.split('\n')).toHaveLength(template.split('\n').length);
  expect(blank).not.toContain('render');
});
