import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { readDefinitionFile, type DefinitionFile } from '../../src/client/definition-file.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const files: Record<string, string> = {
  'content.txt': 'Hello {{ name }}\n',
  'members.csv': 'email,name\nada@a.example,Ada\nbob@a.example,Bob\n',
  'Gäste.csv': 'E-Mail;Vorname;PLZ 1\neve@a.example;Eve;12345\n\nfay@a.example;Fay;\n',
  'more.ndjson': '{"mail":"gus@a.example","Vor Name":"Gus","n":1}\n',
  'leave.csv': 'address\nbob@A.example\n\nnobody\nhal@bücher.example\n',
  'broken.csv': 'email,name\na@a.example\n',
};

async function definitionWith(recipients: string, own: Record<string, string> = {}): Promise<string> {
  const folder = join(temporaryFolder(), 'news');
  await mkdir(folder);
  const settings = 'name: News\nsender: { address: news@shop.example }\nsubject: Hi\ncontent: content.txt\n';
  const all = { ...files, ...own, 'delivery.yaml': `${settings}recipients: ${recipients}\n` };
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content);
  return folder;
}

async function listOf<T>(items: AsyncIterable<T> | undefined): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items ?? []) list.push(item);
  return list;
}

async function* excludedBy({ excluded = [] }: DefinitionFile['recipients']): AsyncGenerator<string> {
  for (const { open } of excluded) yield* open();
}

/** Faults in reading the definition or, where it has none, its recipients, without the folder. */
async function faultsOf(recipients: string): Promise<string[]> {
  const folder = await definitionWith(recipients);
  try {
    const { recipients: target }: DefinitionFile = await readDefinitionFile(folder);
    await listOf(target.open());
    await listOf(excludedBy(target));
  } catch (error) {
    if (error instanceof DefinitionError)
      return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const gaeste = '{ file: Gäste.csv, addressField: E-Mail, map: { name: Vorname, zip: PLZ 1 } }';
const more = '{ file: more.ndjson, addressField: mail, map: { name: Vor Name } }';

test('several sources are one target: rows are counted on, and each says where it stands', async () => {
  const { recipients } = await readDefinitionFile(await definitionWith(`[members.csv, ${gaeste}, ${more}]`));
  const origin = (source: string, row: number) => ({ source, row });
  expect(await listOf(recipients.open())).toEqual([
    { row: 2, address: 'ada@a.example', fields: { name: 'Ada' }, origin: origin('members.csv', 2) },
    { row: 3, address: 'bob@a.example', fields: { name: 'Bob' }, origin: origin('members.csv', 3) },
    { row: 5, address: 'eve@a.example', fields: { name: 'Eve', zip: '12345' }, origin: origin('Gäste.csv', 2) },
    { row: 7, address: 'fay@a.example', fields: { name: 'Fay' }, origin: origin('Gäste.csv', 4) },
    { row: 8, address: 'gus@a.example', fields: { name: 'Gus', n: 1 }, origin: origin('more.ndjson', 1) },
  ]);
  expect(await recipients.fields?.()).toEqual(['name', 'zip', 'n']);
  expect(recipients).not.toHaveProperty('excluded');
});

test.each([gaeste, `[${gaeste}]`])('one source is as it was: %s', async (written) => {
  const { recipients } = await readDefinitionFile(await definitionWith(written));
  expect(await listOf(recipients.open())).toEqual([
    { row: 2, address: 'eve@a.example', fields: { name: 'Eve', zip: '12345' } },
    { row: 4, address: 'fay@a.example', fields: { name: 'Fay' } },
  ]);
});

const leave = '{ file: leave.csv, addressField: address, exclude: true }';

test('a source that excludes gives addresses as the ledger writes them, and no recipients', async () => {
  const { recipients } = await readDefinitionFile(await definitionWith(`[${leave}, members.csv]`));
  expect((await listOf(recipients.open())).map(({ row }) => row)).toEqual([2, 3]);
  expect(await listOf(excludedBy(recipients))).toEqual(['bob@a.example', 'hal@xn--bcher-kva.example']);
});

test('recipients in place of the definition’s own leave those who are excluded excluded', async () => {
  const folder = await definitionWith(`[members.csv, ${leave}]`);
  const path = join(folder, 'other');
  await writeFile(path, 'email\nbob@a.example\n');
  const { recipients } = await readDefinitionFile(folder, { recipients: { path, name: 'standard input' } });
  expect(await listOf(recipients.open())).toEqual([{ row: 2, address: 'bob@a.example', fields: {} }]);
  expect(await listOf(excludedBy(recipients))).toContain('bob@a.example');
});

const at = 'delivery.yaml:5: recipients';
test.each<[string, string[]]>([
  ['', [`${at}: must be the name of a file, a source such as { file: members.csv }, or a list of them`]],
  ['7', [`${at}: must be the name of a file, a source such as { file: members.csv }, or a list of them`]],
  [
    '[members.csv, [a.csv]]',
    [`${at}[1]: must be the name of a file, a source such as { file: members.csv }, or a list of them`],
  ],
  ['[]', [`${at}: names nobody to send to: one source must not be with exclude: true`]],
  [leave, [`${at}: names nobody to send to: one source must not be with exclude: true`]],
  [`[${'members.csv, '.repeat(51)}]`, [`${at}: has more than 50 sources`]],
  ['{ map: { name: a } }', [`${at}: needs either a file, or a query and its database`]],
  ['[{ fil: a.csv }]', [`${at}[0].fil: there is no setting "fil" here; did you mean "file"?`]],
  [
    '[members.csv, nowhere.csv, ../a.csv]',
    [
      `${at}[1]: there is no file "nowhere.csv"`,
      `${at}[2]: "../a.csv" is outside of the delivery's folder; put the file in it`,
    ],
  ],
  [
    '[members.csv, broken.csv]',
    [
      'broken.csv:2: recipients: has 1 cell where the header has 2; by the header, a comma separates cells, and one within a cell wants quotes',
    ],
  ],
  [
    '{ file: members.csv, map: { first_name: Name } }',
    ['members.csv:1: recipients: there is no column "Name", of which map makes the field "first_name"'],
  ],
  ['{ file: members.csv, map: { email: name } }', [`${at}.map.email: is the address: name its column as addressField`]],
  [
    '{ file: members.csv, map: { "a b": name } }',
    [`${at}.map.a b: needs a name that templates can use: letters a–z, digits and "_", no digit first`],
  ],
  ['{ file: members.csv, map: { a: name, b: name } }', [`${at}.map.b: has the column of another field`]],
  ['{ file: members.csv, map: { a: email } }', [`${at}.map: "email" is the column of the address; it is no field`]],
  ['{ file: members.csv, map: [name] }', [`${at}.map: must be a group of settings, not a list`]],
  ['{ file: members.csv, exclude: "yes" }', [`${at}.exclude: must be true or false, not text`]],
  [
    '{ file: more.ndjson, addressField: mail, map: { n: Vor Name } }',
    ['more.ndjson:1: recipients: the field "n" is there twice: once by map'],
  ],
  [
    '[members.csv, { file: more.ndjson, addressField: n, exclude: true }]',
    [
      'more.ndjson:1: recipients: the column "Vor Name" needs a name that templates can use: letters a–z, digits and "_", no digit first, for instance "Vor_Name"',
    ],
  ],
  [
    '[members.csv, { file: members.csv, addressField: name, map: { mail: email }, exclude: true }]',
    [
      'members.csv: recipients: no row has a valid address in "name", so nobody would be left out: name the right column as addressField',
    ],
  ],
])('recipients: %s', async (recipients, faults) => {
  expect(await faultsOf(recipients)).toEqual(faults);
});

test('a template that asks for the address by its column is told, unless another source has a field of that name', async () => {
  const own = { 'content.txt': '{{ mail }}\n', 'with.csv': 'email,mail\nada@a.example,x\n' };
  const alone = await definitionWith(more, own);
  await expect(readDefinitionFile(alone)).rejects.toThrow('"mail" is the column of the address');
  expect(await readDefinitionFile(await definitionWith(`[with.csv, ${more}]`, own))).toMatchObject({ id: 'news' });
});
