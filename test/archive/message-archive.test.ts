import { existsSync, fstatSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { ArchiveUnavailableError, MessageArchive, archivedPath } from '../../src/archive/message-archive.js';
import { deliveryIdSchema } from '../../src/delivery/definition.js';
import { temporaryFolder } from '../local/temporary-folder.js';

test.each([
  [0, 1, 'news/000/1.eml'],
  [0, 999, 'news/000/999.eml'],
  [0, 1_000, 'news/001/1000.eml'],
  [0, 1_234_567, 'news/1234/1234567.eml'],
  [1, 1, 'news/proof-1/1.eml'],
  [12, 1, 'news/proof-12/1.eml'],
])('message %i/%i stands at %s', (proof, seq, path) => {
  expect(archivedPath({ deliveryId: 'news', proof, seq })).toBe(path);
});

test('no two messages share a file, and none leaves the folder', () => {
  const ids = fc.constantFrom('a', 'a.b', '0', 'proof-1', 'a..').filter((id) => deliveryIdSchema.safeParse(id).success);
  const message = fc.record({ deliveryId: ids, proof: fc.nat(3), seq: fc.constantFrom(1, 999, 1_000) });
  fc.assert(
    fc.property(message, message, (one, other) => {
      expect(archivedPath(one) === archivedPath(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      expect(archivedPath(one).split('/').slice(0, 1)).toEqual([one.deliveryId]);
      expect(archivedPath(one).split('/')).toHaveLength(3);
    }),
  );
});

test('a message is kept as it is, for its user alone, and again to no effect; no trial is left', async () => {
  const folder = join(temporaryFolder(), 'not', 'yet');
  const bytes = Buffer.from('From: a@b.example\r\n\r\n.a line with a dot\r\n\xff', 'latin1');
  for (const archive of [new MessageArchive(folder), new MessageArchive(folder)]) {
    const keep = await archive.open({ deliveryId: 'news', proof: 0 });
    await Promise.all([keep(7, bytes), keep(7, bytes)]);
  }
  expect(readdirSync(folder)).toEqual(['news']);
  expect(readdirSync(join(folder, 'news', '000'))).toEqual(['7.eml']);
  const path = join(folder, 'news', '000', '7.eml');
  expect(readFileSync(path).equals(bytes)).toBe(true);
  const modes = [path, join(folder, 'news', '000'), join(folder, 'news'), folder];
  expect(modes.map((one) => statSync(one).mode & 0o777)).toEqual([0o600, 0o700, 0o700, 0o700]);
});

test('a folder that takes nothing is told before a message is sent, and when one is kept', async () => {
  const folder = join(temporaryFolder(), 'archive');
  const archive = new MessageArchive(folder);
  const keep = await archive.open({ deliveryId: 'news', proof: 0 });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  await expect(keep(1, Buffer.of())).rejects.toMatchObject({ name: ArchiveUnavailableError.name, code: 'ENOTDIR' });
  await expect(archive.open({ deliveryId: 'news', proof: 0 })).rejects.toBeInstanceOf(ArchiveUnavailableError);
});

test('where the last step fails, nothing unfinished is left', async () => {
  const folder = temporaryFolder();
  const keep = await new MessageArchive(folder).open({ deliveryId: 'news', proof: 0 });
  const taken = join(folder, 'news', '000', '1.eml');
  mkdirSync(join(taken, 'in the way'), { recursive: true });
  await expect(keep(1, Buffer.of(1))).rejects.toBeInstanceOf(ArchiveUnavailableError);
  expect(readdirSync(join(folder, 'news', '000'))).toEqual([basename(taken)]);
});

test('the trial that a kill left is taken away by the next one, and trials at the same time do no harm', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '.trial'), Buffer.alloc(10));
  await Promise.all(Array.from({ length: 20 }, () => new MessageArchive(folder).check()));
  expect(readdirSync(folder)).toEqual([]);
});

/** What file handles have in common: their methods can be watched. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open(temporaryFolder(), 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

test('a trial that cannot be taken away is told like one that cannot be written', async () => {
  const folder = temporaryFolder();
  const datasync = import.meta.jest.spyOn(await fileHandles(), 'datasync').mockImplementation(() => {
    rmSync(join(folder, '.trial'));
    mkdirSync(join(folder, '.trial'));
    return Promise.resolve();
  });
  try {
    await expect(new MessageArchive(folder).check()).rejects.toBeInstanceOf(ArchiveUnavailableError);
  } finally {
    datasync.mockRestore();
  }
});

test('when a message is kept, its name and those of its folders are synced', async () => {
  const folder = temporaryFolder();
  const block = join(folder, 'news', '000');
  const keep = await new MessageArchive(folder).open({ deliveryId: 'news', proof: 0 });
  const seen: [string | undefined, boolean, boolean][] = [];
  const sync = import.meta.jest.spyOn(await fileHandles(), 'sync').mockImplementation(function (this: FileHandle) {
    const { ino } = fstatSync(this.fd);
    const synced = [folder, dirname(block), block].find((path) => statSync(path).ino === ino);
    seen.push([synced, existsSync(block), existsSync(join(block, '7.eml'))]);
    return Promise.resolve();
  });
  try {
    await keep(7, Buffer.of(1));
    await keep(8, Buffer.of(1));
  } finally {
    sync.mockRestore();
  }
  expect(seen).toEqual([
    [dirname(block), true, false],
    [folder, true, false],
    [block, true, true],
    [block, true, true],
  ]);
});
