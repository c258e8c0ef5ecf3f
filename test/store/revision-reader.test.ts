import type { Queryable } from '../../src/store/database.js';
import { revisionReader } from '../../src/store/revision-reader.js';
import type { StoredRevision } from '../../src/store/revisions.js';

/** A store of revisions, each of which carries a file of so many bytes. */
function storeOf(bytes: number) {
  const reads: string[] = [];
  const row = (hash: string) => ({
    key: '1',
    delivery: 1,
    hash,
    author: 'author',
    settings: { name: 'News', sender: { address: 'news@shop.example' }, subject: 'Hello' },
    content: { text: 'Hello', sources: {} },
    profiles: 1,
    secret: Buffer.alloc(32),
  });
  const file = { name: 'a.bin', type: 'application/octet-stream', contentId: null, content: Buffer.alloc(bytes) };
  const answer = (text: string, [, hash]: string[] = []) => {
    if (text.includes('attached_file')) return [file];
    reads.push(hash ?? '');
    if (hash === 'away') throw new Error('the database is away');
    return [row(hash ?? '')];
  };
  const query = async (text: string, values: string[]) => ({ rows: answer(text, values) });
  return { database: { query } as unknown as Queryable, reads };
}

const made = (_id: string, { hash }: StoredRevision) => ({ hash });
const refOf = (revision: string) => ({ deliveryId: 'news', revision });

test('who asks at the same time, and again, gets the same', async () => {
  const { database, reads } = storeOf(0);
  const read = revisionReader(database, made);
  const [one, other] = await Promise.all([read(refOf('a')), read(refOf('a'))]);
  expect(other).toBe(one);
  expect(await read(refOf('a'))).toBe(one);
  expect(reads).toEqual(['a']);
});

test.each([
  ['the ninth takes the place of the oldest', 0, 9],
  ['what carries much goes sooner', 10_000_000, 3],
])('%s', async (_what, bytes, revisions) => {
  const { database, reads } = storeOf(bytes);
  const read = revisionReader(database, made);
  const names = Array.from({ length: revisions }, (_, i) => `r${i}`);
  for (const name of names) await read(refOf(name));
  await read(refOf(names.at(-1) ?? ''));
  await read(refOf('r1'));
  expect(reads).toEqual(names);
  await read(refOf('r0'));
  expect(reads).toEqual([...names, 'r0']);
});

test('what could not be read is read again', async () => {
  const { database, reads } = storeOf(0);
  const read = revisionReader(database, made);
  await expect(read(refOf('away'))).rejects.toThrow('the database is away');
  await expect(read(refOf('away'))).rejects.toThrow('the database is away');
  expect(reads).toEqual(['away', 'away']);
});
