import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { readRecipients } from '../../src/client/recipients-csv.js';
import type { Profile } from '../../src/delivery/definition.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const folder = temporaryFolder();

const csv = (addressField = 'email') => ({ path: join(folder, 'r.csv'), name: 'r.csv', addressField });

async function read(content: string | Buffer, addressField?: string): Promise<Profile[]> {
  await writeFile(join(folder, 'r.csv'), content);
  const profiles: Profile[] = [];
  for await (const profile of readRecipients(csv(addressField))) profiles.push(profile);
  return profiles;
}

async function faultsOf(content: string | Buffer, addressField?: string): Promise<string[]> {
  try {
    await read(content, addressField);
  } catch (error) {
    if (error instanceof DefinitionError)
      return error.faults.map((fault) => `${fault.file}:${fault.line}: ${fault.sentence}`);
    throw error;
  }
  return [];
}

test.each([
  ['commas', 'email,first_name\nada@a.example,Ada\n'],
  ['semicolons', 'email;first_name\nada@a.example;Ada\n'],
  ['tabs', 'email\tfirst_name\nada@a.example\tAda\n'],
  ['tabs beside a quoted semicolon', '"email"\t"first_name"\nada@a.example\tAda'],
  ['semicolons beside a quoted comma', '"email";"first_name"\nada@a.example;Ada'],
  ['CRLF', 'email,first_name\r\nada@a.example,Ada\r\n'],
  ['a byte order mark', '\ufeffemail,first_name\nada@a.example,Ada\n'],
  ['space around address and names', ' email , first_name \n  ada@a.example ,Ada'],
])('%s', async (_, content) => {
  expect(await read(content)).toEqual([{ row: 2, address: 'ada@a.example', fields: { first_name: 'Ada' } }]);
});

test('an empty cell is a missing field, a missing address is empty', async () => {
  expect(await read('email,a,b\n,,"  "\nx@a.example, b ,\n')).toEqual([
    { row: 2, address: '', fields: {} },
    { row: 3, address: 'x@a.example', fields: { a: ' b ' } },
  ]);
});

test('rows are numbered as a spreadsheet does, empty lines and cells of several lines included', async () => {
  const profiles = await read('email,a\nx@a.example,"one\r\ntwo ""2"", three"\n\n\ny@a.example,b\n');
  expect(profiles).toEqual([
    { row: 2, address: 'x@a.example', fields: { a: 'one\r\ntwo "2", three' } },
    { row: 5, address: 'y@a.example', fields: { a: 'b' } },
  ]);
});

test('the address may stand in a column of another name', async () => {
  expect(await read('name,mail\nAda,ada@a.example\n', 'mail')).toEqual([
    { row: 2, address: 'ada@a.example', fields: { name: 'Ada' } },
  ]);
});

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test.each<[string, string | Buffer, string[]]>([
  ['an empty file', '', ['r.csv:1: the file is empty; its first row names the columns']],
  [
    'Latin-1',
    latin1('email,a\nx@a.example,b\ny@a.example,Jörg\nz@a.example,b\n'),
    ['r.csv:3: is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)'],
  ],
  [
    'Latin-1 in the last line without an end',
    latin1('email,a\nx@a.example,é'),
    ['r.csv:2: is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)'],
  ],
  [
    'UTF-16',
    Buffer.from('\ufeffemail,a\n', 'utf16le'),
    ['r.csv:1: is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)'],
  ],
  [
    'NUL',
    'email,a\nx@a.example,\0\n',
    ['r.csv:2: holds a NUL byte, which no text has; save the file as UTF-8 (a UTF-16 file does not do)'],
  ],
  [
    'no address',
    'mail,name\n',
    [
      'r.csv:1: there is no column "email" with the address; there are "mail", "name": name the right one as addressField in the definition',
    ],
  ],
  [
    'no header',
    'ada@a.example,Ada\nbob@a.example,Bob\n',
    [
      'r.csv:1: column 1 needs a name that templates can use: letters a–z, digits and "_", no digit first',
      'r.csv:1: there is no column "email" with the address; the first row must name the columns',
    ],
  ],
  ['two columns of one name', 'email,a,a\n', ['r.csv:1: there are two columns "a"; rename or remove one']],
  ['a column without name', 'email,,a\n', ['r.csv:1: column 2 has no name; name it, or take it out']],
  [
    'too few cells',
    'email,a\nx@a.example,"b\nc"\n\ny@a.example\n',
    [
      'r.csv:5: has 1 cell where the header has 2; by the header, a comma separates cells, and one within a cell wants quotes',
    ],
  ],
  [
    'too many cells',
    'email,a\n"x\n@a.example",b,c\n',
    [
      'r.csv:2: has 3 cells where the header has 2; by the header, a comma separates cells, and one within a cell wants quotes',
    ],
  ],
  [
    'a quote within a cell',
    'email,a\nx@a.example,b"c\n',
    ['r.csv:2: a quote (") stands within a cell that does not begin with one; quote the cell and double it'],
  ],
  [
    'text after a quote',
    'email,a\nx@a.example,"b"c\n',
    ['r.csv:2: text follows the closing quote of a cell; a quote within a quoted cell is written twice'],
  ],
  [
    'a quote that is not closed',
    'email,a\nw@a.example,b\nx@a.example,"b\ny@a.example,c\n',
    ['r.csv:3: a quote (") that opens a cell is never closed; close it, or quote the cell and double it'],
  ],
  [
    'a cell over 64 KB',
    `email,a\nx@a.example,${'é'.repeat(32 * 1024 + 1)}\n`,
    ['r.csv:2: the cell of "a" is longer than 64 KB; shorten it'],
  ],
  [
    'a record that does not end',
    `email,a\nw@a.example,b\nx@a.example,"${'b\n'.repeat(600_000)}`,
    ['r.csv:3: a record is longer than 1024 KB; shorten its cells, or close the quote (") that may be open'],
  ],
  [
    'a line that does not end',
    `email,a\nx@a.example,${'b'.repeat(1_200_000)}`,
    ['r.csv:2: a record is longer than 1024 KB; shorten its cells, or close the quote (") that may be open'],
  ],
])('%s is a fault with its line', async (_, content, sentences) => {
  expect(await faultsOf(content)).toEqual(sentences);
});

test.each([
  ['first name', 'first_name'],
  ['E-Mail', 'E_Mail'],
  ['Straße 1', 'Stra_e_1'],
  ['été', 'ete'],
  ['2nd', '_2nd'],
])('the column name "%s" cannot stand in templates; "%s" is proposed', async (name, proposal) => {
  expect(await faultsOf(`email,${name}\n`)).toEqual([expect.stringContaining(`for instance "${proposal}"`)]);
});

test.each(['delivery', 'unsubscribe_url', 'mirror_url', '__proto__', 'empty', 'nil'])(
  'the column name "%s" is taken',
  async (name) => {
    expect(await faultsOf(`email,${name}\n`)).toEqual([expect.stringContaining('means something else')]);
  },
);

test('`email` is the address; no other column may be called so', async () => {
  expect(await faultsOf('mail,email\n', 'mail')).toEqual([expect.stringContaining('means something else')]);
});

test('no sentence holds a value', async () => {
  for (const broken of ['x@secret.example', 'x@secret.example,b"c', 'x@secret.example,"b"c', 'x@secret.example,"b']) {
    expect((await faultsOf(`email,a\n${broken}\n`)).join()).not.toContain('secret');
  }
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test('whatever is written as CSV is read back, in pieces of any size', async () => {
  const cell = fc
    .string({ unit: 'grapheme', maxLength: 30 })
    .filter((text) => text.isWellFormed() && !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { maxLength: 20 }),
      fc.constantFrom(',', ';'),
      async (rows, delimiter) => {
        const lines = [`email${delimiter}a`, ...rows.map((cells) => cells.map(quoted).join(delimiter))];
        const profiles = await read(`${lines.join('\n')}\n`);
        expect(profiles.map(({ address, fields }) => [address, fields['a']])).toEqual(
          rows.map(([address, a]) => [address.trim(), a.trim() ? a : undefined]),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('characters that a piece of the file cuts in two stay whole', async () => {
  const rows = Array.from({ length: 5_000 }, (_, i) => `x${i}@a.example,${'日本é'.repeat(1 + (i % 7))}`);
  const profiles = await read(['email,a', ...rows].join('\n'));
  expect(profiles.map(({ address, fields }) => `${address},${fields['a'] as string}`)).toEqual(rows);
});

test('recipients come as the file is read, not after it', async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `x${i}@a.example,Ada`);
  await writeFile(join(folder, 'r.csv'), ['email,a', ...rows, 'broken'].join('\n'));
  let last = 0;
  const readAll = async () => {
    for await (const { row } of readRecipients(csv())) last = row;
  };
  await expect(readAll()).rejects.toThrow('r.csv:100002: recipients: has 1 cell where the header has 2');
  expect(last).toBe(100_001);
});
