import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describeFault, DefinitionError } from '../../src/client/definition-faults.js';
import { parseDeliveryValues, readDefinitionFile } from '../../src/client/definition-file.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const yaml = `id: winter
name: Winter news
sender:
  address: news@shop.example
subject: Hello {{ name }}
content: content.html
recipients: recipients.csv
`;
const files = {
  'delivery.yaml': yaml,
  'content.html': '<p>Hello {{ name }}',
  'recipients.csv': 'email,name\nada@mail.example,Ada\nbob@mail.example,Bob\n',
};

/** A delivery on disk, with some files other than the good ones above. */
async function deliveryWith(other: Record<string, string | Buffer> = {}): Promise<string> {
  const folder = join(temporaryFolder(), 'a-delivery');
  for (const [name, content] of Object.entries({ ...files, ...other })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** What is wrong with it, each as `file:line: field: sentence` with the file relative to the delivery's folder. */
async function faultsOf(path: string, folder = path): Promise<string[]> {
  try {
    await readDefinitionFile(path);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    expect(error.code).toBe('DEFINITION_INVALID');
    expect(error.message).toBe(error.faults.map(describeFault).join('\n'));
    return error.faults.map((fault) => describeFault({ ...fault, file: relative(folder, fault.file ?? '') }));
  }
  return [];
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const faultsIn = async (text: string | Buffer) => faultsOf(await deliveryWith({ 'delivery.yaml': text }));
const changed = (from: string, to: string) => yaml.replace(from, to);
const about = (start: string) => expect.stringContaining(start) as string;

test('a delivery on disk', async () => {
  const definition = await readDefinitionFile(await deliveryWith());
  expect(definition).toMatchObject({
    id: 'winter',
    settings: { name: 'Winter news', relay: 'default', approval: { mode: 'manual', quorum: 1 } },
    content: {
      html: '<p>Hello {{ name }}',
      text: 'Hello {{ name }}\n',
      sources: { 'content.html': '<p>Hello {{ name }}' },
    },
  });
  for (const other of ['id', 'content', 'recipients', 'addressField'])
    expect(definition.settings).not.toHaveProperty(other);
  for (let reading = 1; reading <= 2; reading += 1) {
    expect(await all(definition.recipients.open())).toEqual([
      { row: 2, address: 'ada@mail.example', fields: { name: 'Ada' } },
      { row: 3, address: 'bob@mail.example', fields: { name: 'Bob' } },
    ]);
  }
});

test('a file in place of the definition’s own recipients may stand anywhere', async () => {
  const folder = await deliveryWith({ 'recipients.csv': 'broken' });
  const path = join(temporaryFolder(), 'others');
  await writeFile(path, '{"email":"eve@mail.example","name":"Eve"}\n');
  const { recipients } = await readDefinitionFile(folder, { recipients: { path, name: 'standard input' } });
  expect(await all(recipients.open())).toEqual([{ row: 1, address: 'eve@mail.example', fields: { name: 'Eve' } }]);
  const without = await deliveryWith({ 'delivery.yaml': changed('recipients: recipients.csv\n', '') });
  expect(await readDefinitionFile(without, { recipients: { path } })).toMatchObject({ id: 'winter' });
  await expect(readDefinitionFile(folder, { recipients: { path: folder } })).rejects.toThrow('is not a file');
  await expect(readDefinitionFile(folder, { recipients: { path: 'nowhere.csv' } })).rejects.toThrow(
    'recipients: "nowhere.csv" is not there',
  );
});

test('the example is a delivery', async () => {
  const definition = await readDefinitionFile('examples/winter-news');
  expect(definition.id).toBe('2026-11-winter-news');
  expect(await all(definition.recipients.open())).toHaveLength(1_000);
});

test('the folder gives the id where the file does not, and so does the name of another file', async () => {
  const withoutId = changed('id: winter\n', '');
  const folder = await deliveryWith({ 'delivery.yaml': withoutId, 'spring-news.yml': withoutId });
  expect(await readDefinitionFile(folder)).toMatchObject({ id: 'a-delivery' });
  expect(await readDefinitionFile(join(folder, 'delivery.yaml'))).toMatchObject({ id: 'a-delivery' });
  expect(await readDefinitionFile(join(folder, 'spring-news.yml'))).toMatchObject({ id: 'spring-news' });
});

test('a folder whose name is no id needs one in the file', async () => {
  const folder = await deliveryWith({ 'Spring News/delivery.yaml': changed('id: winter\n', '') });
  const [fault] = await faultsOf(join(folder, 'Spring News'));
  expect(fault).toMatch(
    /^delivery\.yaml:1: id: is missing, and the name "Spring News" cannot stand for it: must be 1–100/,
  );
});

test.each([
  ['{ html: content.html, text: a.txt }', { html: '<p>Hello {{ name }}', text: 'Hi\n' }],
  ['{ mjml: a.mjml }', { text: 'Hi\n' }],
  ['a.txt', { text: 'Hi\n' }],
  ['{ text: a.txt }', { text: 'Hi\n' }],
])('content may be %s', async (written, content) => {
  const folder = await deliveryWith({
    'delivery.yaml': changed('content.html', written),
    'a.txt': 'Hi\n',
    'a.mjml': '<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>',
  });
  expect((await readDefinitionFile(folder)).content).toMatchObject(content);
});

test('every fault is told at once, each in its file and line', async () => {
  const folder = await deliveryWith({
    'delivery.yaml':
      'nmae: Winter news\nsender:\n  adress: news@shop.example\nsubject: Hello {{ name | nope }}\napproval:\n  mode: manuel\n' +
      'content: content.mjml\nrecipients: recipients.csv\n',
    'content.mjml': '<mjml>\n<mj-body>\n<mj-section>\n</mj-body>\n</mjml>',
    'recipients.csv': 'mail\n',
  });
  expect(await faultsOf(folder)).toEqual([
    'delivery.yaml:1: name: is missing',
    'delivery.yaml:1: nmae: there is no setting "nmae" here; did you mean "name"?',
    'delivery.yaml:2: sender.address: is missing',
    'delivery.yaml:3: sender.adress: there is no setting "adress" here; did you mean "address"?',
    about('delivery.yaml:4: subject: there is no filter "nope" here; use one of abs, '),
    'delivery.yaml:6: approval.mode: is one of "manual", "semi-automatic", "automatic"',
    'content.mjml:3: content: <mj-section> is not closed before </mj-body> on line 4',
    'recipients.csv:1: recipients: there is no column "email" with the address; there is "mail": name the right one as addressField in the definition',
  ]);
});

test.each([
  ['id: 2026\n', ':1: id: must be text, not a number; put it in quotes'],
  ['id: Winter News\n', ':1: id: must be 1–100 of a–z'],
  ['name:\n', ':2: name: is empty; it must be text'],
  ['sender: news@shop.example\n', ':3: sender: must be a group of settings, not text'],
  ['sender: [a]\n', ':3: sender: must be a group of settings, not a list'],
  ['sender:\n  address: nobody\n', ':4: sender.address: must be a bare address'],
  [
    'sender:\n  address: a@b.example\n  replyTo:\n    address: "a@b.example\\nBcc: c"\n',
    ':6: sender.replyTo.address: must not contain line breaks',
  ],
  ['approval:\n  fourEyes: "yes"\n', ':9: approval.fourEyes: must be true or false, not text'],
  ['approval:\n  quorum: 1.5\n', ':9: approval.quorum: must be a whole number'],
  ['approval:\n  quorum: 0\n', ':9: approval.quorum: is at least 1'],
  ['approval:\n  approvers: approver\n', ':9: approval.approvers: must be a list, not text'],
  ['approval:\n  approvers:\n    - approver\n    - two words\n', ':11: approval.approvers[1]: an approver must be'],
  ['proofs:\n  recipients:\n    - a@b.example\n    - nobody\n', ':11: proofs.recipients[1]: must be a bare address'],
  ['sending:\n  validity: 5 days\n', ':9: sending.validity: must be a duration such as'],
  ['sending:\n  batchSize: 50000\n', ':9: sending.batchSize: is at most 20000'],
  ['unsubscribe:\n  hosted: http://x.example\n', ':9: unsubscribe.hosted: must be the https:// address'],
  ['unsubscribe:\n  hosted: https://x.example/\n', ':9: unsubscribe.hosted: must be the https:// address'],
  ['unsubscribe:\n  hosted: https://u:p@x.example\n', ':9: unsubscribe.hosted: must be the https:// address'],
  [
    'unsubscribe:\n  hosted: https://x.example/mail\n  url: https://x.example\n',
    ':8: unsubscribe: has both url and hosted',
  ],
  ['unsubscribe:\n  url: http://x.example\n', ':9: unsubscribe.url: must begin with https://'],
  ['unsubscribe:\n  url: "https://x.example/{{ email"\n', ':9: unsubscribe.url: the template cannot be read'],
  ['sennder: 1\n', ':8: sennder: there is no setting "sennder" here; did you mean "sender"?'],
  ['ownr:\n  publisher\n', ':8: ownr: there is no setting "ownr" here; did you mean "owner"?'],
  ['owner:\n  - publisher\n', ':8: owner: must be text, not a list'],
  ['owner: >\n  two words\n', ':8: owner: an operator id must be'],
  ['__proto__: 1\n', ':8: __proto__: there is no setting "__proto__" here'],
  ['constructor: 1\n', ':8: constructor: there is no setting "constructor" here'],
  ['addressField: 1\n', ':8: addressField: must be text'],
  ['content: [content.html]\n', ':6: content: must be a group of settings, not a list'],
  ['content: content.pdf\n', ':6: content: must be a file that ends in .mjml, .html or .txt'],
  ['content: { mjml: a, html: b }\n', ':6: content: must name one of mjml, html and text'],
  ['content: {}\n', ':6: content: must name one of mjml, html and text'],
  ['content: { htlm: content.html }\n', ':6: content.htlm: there is no setting "htlm" here; did you mean "html"?'],
])('%j is a fault', async (line, fault) => {
  const key = line.slice(0, line.indexOf(':'));
  const text = new RegExp(`^${key}:`, 'm').test(yaml)
    ? yaml.replace(new RegExp(`^${key}:.*\n(  .*\n)*`, 'm'), () => line)
    : yaml + line;
  expect(await faultsIn(text)).toContainEqual(about(`delivery.yaml${fault}`));
});

const bomb = `a: &a [x]\n${Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${`*${'abcdefghi'[i]},`.repeat(9)}]\n`).join('')}`;

test.each<[string, string | Buffer, string[]]>([
  ['an empty file', '', ['delivery.yaml:1: the file is empty']],
  ['a list', '- a\n', ['delivery.yaml:1: the file must hold settings as "name: value" lines']],
  [
    'a duplicate key',
    `${yaml}name: Again\n`,
    ['delivery.yaml:8: this setting stands here for the second time; remove one of the two'],
  ],
  ['tabs', changed('  address', '\taddress'), [about('delivery.yaml:4: ')]],
  ['broken YAML', `${yaml}a: [1\nb: }`, expect.arrayContaining([about('delivery.yaml:9: ')])],
  ['two documents', `${yaml}---\n${yaml}`, [about('more than one YAML document')]],
  [
    'an alias',
    `${changed('Winter news', '&n Winter news')}owner: *n\n`,
    ['delivery.yaml:8: the alias *n is not supported; write the value out'],
  ],
  [
    'a merge key',
    `${changed('sender:', 'sender: &s')}x:\n  <<: *s\n`,
    ['delivery.yaml:9: the alias *s is not supported; write the value out'],
  ],
  ['a bomb of aliases', yaml + bomb, expect.arrayContaining([about('the alias *a is not supported')])],
  ['an unknown tag', changed('Winter news', '!!js/function x'), [about('delivery.yaml:2: ')]],
  ['brackets without end', `a: ${'['.repeat(200_000)}`, [about('delivery.yaml:1: the file is nested too deeply')]],
  [
    'Latin-1',
    Buffer.from(changed('Winter news', 'Früh'), 'latin1'),
    ['delivery.yaml: "delivery.yaml" is not UTF-8 text on line 2; save it as UTF-8'],
  ],
  [
    'UTF-16',
    Buffer.from(yaml, 'utf16le'),
    ['delivery.yaml: "delivery.yaml" is not UTF-8 text on line 1; save it as UTF-8'],
  ],
  ['more than 1 MB', `${yaml}#${'x'.repeat(1024 * 1024)}`, ['delivery.yaml: "delivery.yaml" is bigger than 1 MB']],
])('YAML with %s is a fault', async (_, text, faults) => {
  expect(await faultsIn(text)).toEqual(faults);
});

test('a path that leads nowhere', async () => {
  const folder = await deliveryWith();
  expect(await faultsOf(join(folder, 'nowhere'), folder)).toEqual(['nowhere: there is no such file or folder']);
  expect(await faultsOf(dirname(folder))).toEqual(['delivery.yaml: there is no file "delivery.yaml"']);
});

test.each([
  ['../secret.html', '"../secret.html" is outside of the delivery\'s folder; put the file in it'],
  ['../nothing.html', '"../nothing.html" is outside of the delivery\'s folder; put the file in it'],
  ['parts/../../secret.html', '"parts/../../secret.html" is outside of the delivery\'s folder; put the file in it'],
  ['link.html', '"link.html" is outside of the delivery\'s folder; put the file in it'],
  ['linked/secret.html', '"linked/secret.html" is outside of the delivery\'s folder; put the file in it'],
  ['/etc/hosts', '"/etc/hosts" is not a path relative to this file, such as parts/footer.mjml'],
  ['..\\secret.html', '"..\\secret.html" is not a path relative to this file, such as parts/footer.mjml'],
  ['parts', '"parts" is not a file'],
  ['pipe.html', '"pipe.html" is not a file'],
  ['missing.html', 'there is no file "missing.html"'],
])('no file outside of the folder is read: %s', async (path, sentence) => {
  const folder = await deliveryWith({ '../secret.html': 'secret', 'parts/a.mjml': '' });
  await symlink('../secret.html', join(folder, 'link.html'));
  await symlink('..', join(folder, 'linked'));
  execFileSync('mkfifo', [join(folder, 'pipe.html')]);
  const write = async (name: string, text: string) => writeFile(join(folder, name), text);

  await write('delivery.yaml', changed('content.html', `{ html: '${path}' }`));
  expect(await faultsOf(folder)).toEqual([`delivery.yaml:6: content.html: ${sentence}`]);

  await write('delivery.yaml', changed('recipients.csv', `'${path}'`));
  expect(await faultsOf(folder)).toEqual([`delivery.yaml:7: recipients: ${sentence}`]);

  await write('delivery.yaml', changed('content.html', 'content.mjml'));
  await write('content.mjml', `<mjml>\n<mj-body>\n<mj-include path="${path}" type="html" />\n</mj-body>\n</mjml>`);
  expect(await faultsOf(folder)).toEqual([`content.mjml:3: content: ${sentence}`]);
});

const section = (inner: string) => `<mj-section><mj-column>${inner}</mj-column></mj-section>`;

test('links within the folder do, and an include is relative to the file it stands in', async () => {
  const folder = await deliveryWith({
    'delivery.yaml': changed('content.html', 'content.mjml'),
    'content.mjml': '<mjml><mj-body><mj-include path="parts/footer.mjml" /></mj-body></mjml>',
    'parts/footer.mjml': section('<mj-include path="../legal.mjml" />'),
    'legal-2026.mjml': '<mj-text>Legal</mj-text>',
  });
  await symlink('legal-2026.mjml', join(folder, 'legal.mjml'));
  const { content } = await readDefinitionFile(folder);
  expect(content.text).toBe('Legal\n');
  expect(Object.keys(content.sources)).toEqual(['content.mjml', 'parts/footer.mjml', 'legal-2026.mjml']);
});

test('content over 2 MB is refused', async () => {
  const folder = await deliveryWith({ 'content.html': 'x'.repeat(2 * 1024 * 1024 + 1) });
  expect(await faultsOf(folder)).toEqual(['delivery.yaml:6: content.html: "content.html" is bigger than 2 MB']);
});

const values = {
  id: 'winter',
  name: 'Winter news',
  sender: { address: 'news@shop.example' },
  subject: 'Hello {{ name }}',
  content: { html: '<p>Hello {{ name }}' },
  recipients: [
    { email: ' ada@mail.example ', name: 'Ada', city: null },
    { email: '', name: ' ' },
  ],
};

async function faultsOfValues(input: unknown): Promise<string[]> {
  try {
    for await (const _ of (await parseDeliveryValues(input)).recipients.open());
  } catch (error) {
    if (error instanceof DefinitionError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('a delivery given in code', async () => {
  const definition = await parseDeliveryValues(values);
  expect(definition).toMatchObject({
    id: 'winter',
    settings: { name: 'Winter news', relay: 'default' },
    content: { text: 'Hello {{ name }}\n', sources: { 'content.html': '<p>Hello {{ name }}' } },
  });
  expect(await all(definition.recipients.open())).toEqual([
    { row: 1, address: 'ada@mail.example', fields: { name: 'Ada' } },
    { row: 2, address: '', fields: {} },
  ]);
});

async function* oneByOne() {
  yield { email: 'ada@mail.example' };
}

test('recipients given in code may come one by one', async () => {
  const definition = await parseDeliveryValues({ ...values, recipients: oneByOne() });
  expect(await all(definition.recipients.open())).toHaveLength(1);
});

test.each<[string, unknown, string[]]>([
  ['no object', 7, ['must be a group of settings, not a number']],
  ['nothing', undefined, ['is missing']],
  ['a wrong type', { ...values, subject: 7 }, ['subject: must be text, not a number; put it in quotes']],
  ['a missing id', { ...values, id: undefined }, ['id: is missing']],
  [
    'an unknown setting',
    { ...values, subjekt: '' },
    ['subjekt: there is no setting "subjekt" here; did you mean "subject"?'],
  ],
  [
    'a broken template',
    { ...values, unsubscribe: { url: 'https://x.example/{{' } },
    [about('unsubscribe.url: the template cannot be read')],
  ],
  [
    'broken MJML',
    { ...values, content: { mjml: '<mjml>\n<mj-body>\n</mjml>' } },
    ['content.mjml: line 2: <mj-body> is not closed before </mjml> on line 3'],
  ],
  ['a broken text', { ...values, content: { text: 'a\n{{' } }, [about('content.text: line 2: ')]],
  [
    'an include',
    { ...values, content: { mjml: '<mjml><mj-body>\n<mj-include path="a"/></mj-body></mjml>' } },
    ['content.mjml: line 2: content given in code can include no files; put the included part in its place'],
  ],
  [
    'content over 2 MB',
    { ...values, content: { text: 'x'.repeat(2 * 1024 * 1024 + 1) } },
    ['content.text: is bigger than 2 MB'],
  ],
  [
    'no recipients',
    { ...values, recipients: 'ada@mail.example' },
    ['recipients: must be a list or an async iterable of recipients'],
  ],
  [
    'a recipient that is none',
    { ...values, recipients: [{ email: 'a' }, null] },
    ['recipients[1]: must be an object with an email'],
  ],
  [
    'an address of another type',
    { ...values, recipients: [{ email: 'a' }, { email: 7 }] },
    ['recipients[1].email: must be text, not number'],
  ],
  [
    'a field of another type',
    { ...values, recipients: [{ email: 'a', tags: ['x', () => 'x'] }] },
    [about('recipients[0].tags[1]: must be text, a number, true, false, a list or an object, not function')],
  ],
  [
    'a field with a bad name',
    { ...values, recipients: [{ email: 'a', 'first name': '' }] },
    [about('recipients[0]: the column "first name" needs a name')],
  ],
  [
    'a field that hides a variable',
    { ...values, recipients: [{ email: 'a', delivery: 'x' }] },
    [about('recipients[0]: the column "delivery" has a name')],
  ],
  [
    'NUL',
    { ...values, recipients: [{ email: 'a\0' }] },
    ['recipients[0].email: must be well-formed Unicode without NUL'],
  ],
  [
    'a lone surrogate',
    { ...values, recipients: [{ email: 'a', name: '\ud800' }] },
    ['recipients[0].name: must be well-formed Unicode without NUL'],
  ],
])('values with %s are a fault', async (_, input, faults) => {
  expect(await faultsOfValues(input)).toEqual(faults);
});

describe('the address has one name in templates', () => {
  const withMail = {
    'delivery.yaml': `${changed('Hello {{ name }}', 'For {{ mail }}')}addressField: mail\n`,
    'content.html': '<p>\n{{ name }} {{ mail | default: "" }}</p>',
    'recipients.csv': 'mail,name\nada@mail.example,Ada\n',
  };
  const sentence = '"mail" is the column of the address, which is called "email" in templates: write {{ email }}';

  test('its column’s name is a fault, in settings and content', async () => {
    expect(await faultsOf(await deliveryWith(withMail))).toEqual([
      `delivery.yaml:5: subject: ${sentence}`,
      `content.html:2: content: ${sentence}`,
    ]);
  });

  test('"email" is none, whatever the column', async () => {
    const right = Object.fromEntries(
      Object.entries(withMail).map(([name, text]) => [name, text.replace('{{ mail', '{{ email')]),
    );
    expect(await faultsOf(await deliveryWith(right))).toEqual([]);
  });
});

test('faults come by file and line, whichever check found them', async () => {
  const broken = changed('Hello {{ name }}', '"{% nothing %}"').replace('news@shop.example', '7');
  const faults = await faultsOf(
    await deliveryWith({
      'delivery.yaml': `${broken}subjekt: x\n`,
      'content.html': '{% if %}',
      'recipients.csv': 'name\nAda\n',
    }),
  );
  expect(faults.map((fault) => fault.replace(/^(\S+:\d+): .*/, '$1'))).toEqual([
    'delivery.yaml:4',
    'delivery.yaml:5',
    'delivery.yaml:8',
    'content.html:1',
    'recipients.csv:1',
  ]);
});
