import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { readNdjson, readNdjsonFieldNames } from '../../src/client/recipients-ndjson.js';
import type { Profile } from '../../src/delivery/definition.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const folder = temporaryFolder();
const file = (addressField = 'email') => ({ path: join(folder, 'r.ndjson'), name: 'r.ndjson', addressField });

async function read(content: string | Buffer, addressField?: string): Promise<Profile[]> {
  await writeFile(join(folder, 'r.ndjson'), content);
  const profiles: Profile[] = [];
  for await (const profile of readNdjson(file(addressField))) profiles.push(profile);
  return profiles;
}

async function faultsOf(content: string | Buffer): Promise<string[]> {
  try {
    await read(content);
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults.map((one) => `${one.file}:${one.line}: ${one.sentence}`);
    throw error;
  }
  return [];
}

test.each([
  ['plain', '{"email":"a@b.example","items":[{"name":"Rose","price":12.5}]}\n', 1],
  ['without an end', '{"email":"a@b.example","items":[{"name":"Rose","price":12.5}]}', 1],
  ['with a byte order mark', '\ufeff{"email":"a@b.example","items":[{"name":"Rose","price":12.5}]}\n', 1],
  [
    'with CRLF, space and empty lines',
    '\r\n\n \r\n {"email": " a@b.example", "items": [{"name":"Rose","price":12.5}]} \r\n\r\n',
    4,
  ],
])('%s', async (_, content, row) => {
  expect(await read(content)).toEqual([
    { row, address: 'a@b.example', fields: { items: [{ name: 'Rose', price: 12.5 }] } },
  ]);
});

test('a row has the number of its line, over pieces of the file', async () => {
  const long = 'x'.repeat(60_000);
  const lines = Array.from({ length: 20 }, (_, i) => `{"mail":"${i}@b.example","v":"é${long}"}\n${i % 3 ? '' : '\n'}`);
  const profiles = await read(lines.join(''), 'mail');
  expect(profiles.map(({ address }) => address)).toEqual(lines.map((_, i) => `${i}@b.example`));
  expect(profiles.at(-1)?.row).toBe(20 + 7);
});

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const good = '{"email":"a@b.example","v":1}\n';
test.each<[string, string | Buffer, string]>([
  ['an empty file', '\n \n', 'r.ndjson:1: the file is empty; each line is a recipient as JSON'],
  ['no JSON', `${good}\n{"email":"secret@b.example",}\n`, 'r.ndjson:3: is not JSON; each line is an object such as'],
  ['an object over lines', '{\n"email":"a@b.example"\n}\n', 'r.ndjson:1: is not JSON; each line is an object such as'],
  ['a list', `${good}["secret"]`, 'r.ndjson:2: must be an object with an email'],
  ['null', `${good}null`, 'r.ndjson:2: must be an object with an email'],
  ['an address of another type', `${good}{"email":7}`, 'r.ndjson:2: the field "email" must be text, not number'],
  [
    'NUL',
    `${good}{"v":[{"w":"secret\\u0000"}]}`,
    'r.ndjson:2: the field "v[0].w" must be well-formed Unicode without NUL',
  ],
  ['a lone surrogate', '{"v":"\\ud800"}', 'r.ndjson:1: the field "v" must be well-formed Unicode without NUL'],
  ['a big number', '{"v":12345678901234567890}', 'r.ndjson:1: the field "v" is a whole number beyond 2^53'],
  ['an endless number', '{"v":1e999}', 'r.ndjson:1: the field "v" must be a finite number'],
  ['a bad name', `${good}{"first name":1}`, 'r.ndjson:2: the column "first name" needs a name that templates can use'],
  ['depth', `{"v":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'is nested more than 10 deep'],
  [
    'Latin-1',
    latin1(`${good}{"email":"a@b.example","v":"secret é"}\n`),
    'r.ndjson:2: is not UTF-8; save the file as UTF-8',
  ],
  ['a raw NUL', `${good}{"v":"\0"}\n`, 'r.ndjson:2: holds a NUL byte'],
  ['a line without end', `${good}{"v":"${'x'.repeat(1_200_000)}`, 'r.ndjson:2: a line is longer than 1024 KB'],
])('%s is told with its line, not with its value', async (_, content, sentence) => {
  const [told] = await faultsOf(content);
  expect(told).toContain(sentence);
  expect(told).not.toContain('secret');
});

test('the first thousand recipients tell which fields there are', async () => {
  await writeFile(
    join(folder, 'r.ndjson'),
    `${good}${'{"email":"a@b.example","w":[]}\n'.repeat(999)}{"email":"a@b.example","late":1}\n`,
  );
  expect(await readNdjsonFieldNames(file())).toEqual(['v', 'w']);
});
