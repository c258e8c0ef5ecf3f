import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { recipientsFormat } from '../../src/client/recipients-format.js';
import { temporaryFolder } from '../local/temporary-folder.js';

const folder = temporaryFolder();

async function read(name: string, content: string | Buffer): Promise<unknown[]> {
  await writeFile(join(folder, 'recipients'), content);
  const file = { path: join(folder, 'recipients'), name, addressField: 'email' };
  const { read: rows, fieldNames } = await recipientsFormat(file);
  const found: unknown[] = [];
  for await (const { row, address, fields } of rows(file)) found.push([row, address, fields['n']]);
  expect(await fieldNames(file)).toEqual(['n']);
  return found;
}

async function faultOf(name: string, content: string | Buffer): Promise<string> {
  try {
    await read(name, content);
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  return '';
}

const csv = 'email,n\na@b.example,1\n';
const ndjson = '{"email":"a@b.example","n":"1"}\n';

test.each<[string, string | Buffer, number]>([
  ['r.csv', csv, 2],
  ['r.csv.gz', gzipSync(csv), 2],
  ['r.CSV.GZ', gzipSync(csv), 2],
  ['r.csv', gzipSync(csv), 2],
  ['r.gz', gzipSync(csv), 2],
  ['r.ndjson.gz', gzipSync(ndjson), 1],
  ['r.jsonl', gzipSync(ndjson), 1],
  ['standard input', csv, 2],
  ['standard input', ndjson, 1],
  ['standard input', `\ufeff \n${ndjson}`, 2],
  ['standard input', gzipSync(ndjson), 1],
  ['standard input', gzipSync(csv), 2],
  ['two archives in one.csv.gz', Buffer.concat([gzipSync('email,n\n'), gzipSync('a@b.example,1\n')]), 2],
])('%s is read as its name or its content says', async (name, content, row) => {
  expect(await read(name, content)).toEqual([[row, 'a@b.example', '1']]);
});

const archive = gzipSync(csv.repeat(50));
const flipped = Buffer.from(archive);
flipped[archive.length - 6] = 255 - (archive[archive.length - 6] ?? 0);

test.each<[string, string, Buffer, string]>([
  ['no archive', 'r.csv.gz', Buffer.from(csv), 'its name says gzip, and it is none'],
  ['nothing', 'r.csv.gz', Buffer.alloc(0), 'its name says gzip, and it is none'],
  ['half an archive', 'r.csv.gz', archive.subarray(0, -9), 'its gzip data is cut off'],
  ['only the first bytes', 'r.csv', archive.subarray(0, 2), 'its gzip data is cut off'],
  ['a changed byte', 'r.csv.gz', flipped, 'its gzip data is damaged'],
  ['an archive and more', 'r.csv.gz', Buffer.concat([archive, Buffer.from('more')]), 'its gzip data is damaged'],
  ['a broken archive of no known format', 'r', archive.subarray(0, 12), 'its gzip data is cut off'],
  ['an archive within an archive', 'r.csv.gz', gzipSync(archive), 'is not UTF-8'],
  ['a fault within an archive', 'r.csv.gz', gzipSync(`${csv}broken\n`), 'r.csv.gz:3: recipients: has 1 cell'],
])('%s is a clear fault', async (_, name, content, sentence) => {
  expect(await faultOf(name, content)).toContain(sentence);
  expect(await faultOf(name, content)).toContain(name);
});

test('an archive that unpacks to far more than a list does is given up soon', async () => {
  const bomb = gzipSync(Buffer.from(`email,n\n${`a@b.example,${'x'.repeat(1_000)}\n`.repeat(40_000)}`), { level: 9 });
  let rows = 0;
  await writeFile(join(folder, 'bomb'), bomb);
  const file = { path: join(folder, 'bomb'), name: 'bomb.csv.gz', addressField: 'email' };
  const readAll = async () => {
    for await (const _row of (await recipientsFormat(file)).read(file)) rows += 1;
  };
  await expect(readAll()).rejects.toThrow('bomb.csv.gz: recipients: unpacks to more than 100 times its size');
  expect(rows).toBeLessThan(17_000);
});
