import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { csvLine } from '../../src/wording/csv.js';
import { readEntries } from '../../src/client/list-entries.js';
import { openListFile, type ListFile } from '../../src/client/list-file.js';
import { ListInputError } from '../../src/client/list-input.js';
import type { ImportedEntry, ListName } from '../../src/store/address-lists.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const folder = temporaryFolder();
const none = { sender: '', reason: null };

async function entriesOf(file: ListFile, list: ListName = 'denylist', defaults = none): Promise<ImportedEntry[]> {
  const entries: ImportedEntry[] = [];
  for await (const entry of readEntries(list, openListFile(file), defaults, () => undefined)) entries.push(entry);
  return entries;
}

/** Bytes as a pipe may give them. */
function pieces(content: string | Buffer, size = 7): ListFile {
  const bytes = Buffer.from(content);
  async function* cut(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
  }
  return { name: 'l.csv', bytes: cut() };
}

const read = (content: string | Buffer, list?: ListName, defaults?: typeof none) =>
  entriesOf(pieces(content, 65_536), list, defaults);

async function refused(content: string | Buffer, list?: ListName): Promise<ListInputError> {
  const error: unknown = await read(content, list).catch((thrown: unknown) => thrown);
  if (error instanceof ListInputError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

const ann = { address: 'ann@shop.example', sender: '', reason: null };

describe('entries are read from', () => {
  test.each<[string, string | Buffer]>([
    ['one address a line', 'ann@shop.example\nben@shop.example\n'],
    ['lines with blanks between them', '\n  ann@shop.example \n\nben@shop.example'],
    ['a column alone', 'email\nann@shop.example\nben@shop.example\n'],
    ['CSV with other columns', 'id,Email,name\n1,ann@shop.example,"Ann, A."\n2,ben@shop.example,\n'],
    ['semicolons and CR LF', 'address;name\r\nann@shop.example;Ann\r\nben@shop.example;Ben\r\n'],
    ['lines that end with CR alone', 'address\rann@shop.example\rben@shop.example\r'],
    ['a byte order mark', '\ufeffaddress\nann@shop.example\nben@shop.example\n'],
    ['a byte order mark before an address', '\ufeffann@shop.example\nben@shop.example\n'],
    ['gzip', gzipSync('ann@shop.example\nben@shop.example\n')],
    ['addresses that are written otherwise', 'ann@SHOP.example\nben@Shop.Example\n'],
  ])('%s', async (_, content) => {
    const wanted = [ann, { ...ann, address: 'ben@shop.example' }];
    expect(await read(content)).toEqual(wanted);
    expect(await entriesOf(pieces(content))).toEqual(wanted);
    await writeFile(join(folder, 'l.csv'), content);
    expect(await entriesOf(join(folder, 'l.csv'))).toEqual(wanted);
  });
});

test('sender and reason are the line’s own, else those of the command', async () => {
  const content =
    'email,sender,reason\na@b.example,News@Garden.example,asked\nc@d.example,@Bücher.example,\ne@f.example,,\n';
  expect(await read(content, 'denylist', { sender: 'x@y.example', reason: null })).toEqual([
    { address: 'a@b.example', sender: 'news@garden.example', reason: 'asked' },
    { address: 'c@d.example', sender: '@xn--bcher-kva.example', reason: null },
    { address: 'e@f.example', sender: 'x@y.example', reason: null },
  ]);
});

test('what a list was exported as is read as it was', async () => {
  // eslint-disable-next-line no-control-regex -- an export replaces them
  const reason = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\0-\x1f\x7f-\x9f]/g, '').trim() || null);
  const local = fc.constantFrom('ann', '=1+1', '+ann', '-ann', "'=ann", "''+ann", '’ann', '＝ann', '{ann}');
  const sender = fc.constantFrom('', '@shop.example', 'news@shop.example', '+x@shop.example');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(local, sender, reason), { minLength: 1, maxLength: 5 }), async (rows) => {
      const entries = rows.map(([name, sender, reason]) => ({ address: `${name}@a.example`, sender, reason }));
      const lines = entries.map(({ address, sender, reason }) => csvLine([address, sender, reason]));
      expect(await read([csvLine(['address', 'sender', 'reason']), ...lines].join(''))).toEqual(entries);
    }),
  );
});

const overLong = 'a record is longer than 1024 KB; shorten its cells, or close the quote (") that may be open';
const notUtf8 = 'is not UTF-8; save the file as "CSV UTF-8" (a Latin-1 or UTF-16 file does not do)';
const nul = 'holds a NUL byte, which no text has; save the file as UTF-8 (a UTF-16 file does not do)';
const noAddress = 'this is no e-mail address; it must be one such as ann@shop.example, without a name';
const broken = 'a line break stands within the address; all lines must end alike, with LF or with CR LF';
const header = 'the first row must name the columns, and one of them "address" or "email"';
const cells = (n: number) =>
  `has ${n} cells where the header has 2; by the header, a comma separates cells, and one within a cell wants quotes`;

describe('is refused whole, with a finding for each', () => {
  test.each<[string, string | Buffer, string[]]>([
    ['an empty file', '', ['l.csv: there is no entry in it']],
    ['a header alone', 'address,reason\n', ['l.csv: there is no entry in it']],
    ['a line of 10 MB', `ann@shop.example\n${'x'.repeat(10_000_000)}\n`, [`l.csv:2: ${overLong}`]],
    ['NUL', 'ann@shop.example\nb\0en@shop.example\n', [`l.csv:2: ${nul}`]],
    ['UTF-16', Buffer.from('\ufeffann@shop.example\n', 'utf16le'), [`l.csv:1: ${notUtf8}`]],
    [
      'lines in Latin-1 among UTF-8',
      Buffer.concat([Buffer.from('email,reason\na@b.example,Jörg\nc@d.example,'), Buffer.from('J\xf6rg\n', 'latin1')]),
      [`l.csv:3: ${notUtf8}`],
    ],
    [
      'a lone CR',
      'ann@shop.example\nben@shop.example\rcleo@shop.example\nx\n',
      [`l.csv:2: ${broken}`, `l.csv:4: ${noAddress}`],
    ],
    [
      'a quote that is not closed',
      'email,reason\na@b.example,"x\nc@d.example,y\n',
      ['l.csv:2: a quote (") that opens a cell is never closed; close it, or quote the cell and double it'],
    ],
    [
      'quotes that are not closed for long',
      `email,reason\na@b.example,"${'x\n'.repeat(600_000)}`,
      [`l.csv:2: ${overLong}`],
    ],
    [
      'a quote within an address',
      'ann@shop.example\n"ann" x@shop.example\n',
      ['l.csv:2: text follows the closing quote of a cell; a quote within a quoted cell is written twice'],
    ],
    [
      '5,000 columns',
      `address${',x'.repeat(4_999)}\nann@shop.example${',x'.repeat(4_999)}\n`,
      ['l.csv:1: there are 5000 columns; 100 is the most: take the others out'],
    ],
    ['5,000 cells', `address,x\nann@shop.example${',x'.repeat(4_999)}\n`, [`l.csv:2: ${cells(5_000)}`]],
    ['no header', 'ann@shop.example,Ann\n', [`l.csv:1: ${header}`]],
    ['no column of addresses', '__proto__,constructor\nann@shop.example,Ann\n', [`l.csv:1: ${header}`]],
    [
      'two of them',
      'email,address\na@b.example,c@d.example\n',
      ['l.csv:1: there are two columns "address" or "email"; remove one'],
    ],
    ['a name before an address', 'Ann <ann@shop.example>\n', [`l.csv:1: ${noAddress}`]],
    [
      'two addresses on a line',
      'ann@shop.example\nben@shop.example,cleo@shop.example\n',
      ['l.csv:2: more than an address stands here'],
    ],
    [
      'several faults of several lines',
      'email,sender,reason\n,,\nx,@,\na@b.example,,\na@b.example,,"l\nm"\nc@d.example,,' + 'x'.repeat(1_001),
      [
        'l.csv:2: there is no address',
        `l.csv:3: ${noAddress}`,
        'l.csv:3: sender: this is no sender; it must be an address such as news@shop.example, or @shop.example for all',
        'l.csv:5: reason: it must not contain line breaks or NUL',
        'l.csv:7: reason: it is longer than 1000 characters',
      ],
    ],
    [
      'gzip that is cut off',
      gzipSync('ann@shop.example\n').subarray(0, 25),
      ['l.csv: its gzip data is cut off; copy the whole file'],
    ],
    [
      'gzip that is damaged',
      Buffer.concat([gzipSync('x').subarray(0, 10), Buffer.alloc(20, 0xff)]),
      ['l.csv: its gzip data is damaged; compress the file anew'],
    ],
    ['gzip in gzip', gzipSync(gzipSync('ann@shop.example\n')), [`l.csv:1: ${notUtf8}`]],
  ])('%s', async (_, content, sentences) => {
    const { message, count } = await refused(content);
    expect(message.split('\n')).toEqual(sentences);
    expect(count).toBe(sentences.length);
  });

  test.each([
    ['nowhere.csv', 'there is no such file'],
    ['.', 'this is a folder; name a file'],
  ])('%s', async (name, sentence) => {
    const path = join(folder, name);
    await expect(entriesOf(path)).rejects.toThrow(`${path}: ${sentence}`);
  });
});

test('of many faults the first are told, and the others counted', async () => {
  const { message, count, faults } = await refused(['email', ...Array.from({ length: 20_000 }, () => 'x')].join('\n'));
  expect(count).toBe(20_000);
  expect(faults).toHaveLength(50);
  expect(message.split('\n')).toHaveLength(51);
  expect(message).toContain('… and 19950 more');
});

test('a file of the denylist is none of the quarantine, which knows no senders', async () => {
  const { message } = await refused('email,sender\na@b.example,c@d.example\n', 'quarantine');
  expect(message).toBe('l.csv:1: the quarantine is for all senders: a column "sender" has no place in it');
});

test('no sentence holds an address', async () => {
  for (const content of [
    'ann secret@shop.example',
    'secret@shop.example,x',
    'email\nsecret@shop.example,x\nx"secret"',
  ]) {
    expect((await refused(content)).message).not.toContain('secret');
  }
});

test('entries come as the file is read, and progress tells how much of it was', async () => {
  const path = join(folder, 'many.csv');
  const addresses = Array.from({ length: 50_000 }, (_, i) => `x${i}@a.example`);
  await writeFile(path, addresses.join('\n'));
  const [seen, read]: [number[], string[]] = [[], []];
  const entries = readEntries('denylist', openListFile(path), none, ({ share }) => seen.push(share ?? -1));
  for await (const { address } of entries) read.push(address);
  expect(read).toEqual(addresses);
  expect([seen.length, seen.at(-1)]).toEqual([50, 1]);
  expect(seen[0]).toBeLessThan(0.5);
});
