import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, lockDataFolder } from '../../src/local/data-folder.js';
import { folderErrorOf, FolderError } from '../../src/local/folder-error.js';
import { readRunningStack } from '../../src/local/stack-file.js';
import { temporaryFolder } from './temporary-folder.js';

const errno = (code: string, path?: string) => Object.assign(new Error(`${code}: said by Node`), { code, path });
const copying = Object.assign(errno('ENOSPC', '/opt/postgres/bin'), { dest: '/home/a/data/postgres/bin' });
const making = Object.assign(errno('ENOENT', '/home/a/data'), { syscall: 'mkdir' });
const folder = { what: 'data folder', path: '/home/a/data', variable: 'SEALPOST_HOME' };
const sentenceOf = (error: unknown) => folderErrorOf(folder, error)?.message;

test.each([
  ['EACCES', '/home/a/data', 'this user may not use it; perhaps another one made it.'],
  ['EROFS', '/home/a/data/lock', 'it can only be read (at /home/a/data/lock).'],
  ['ENOTDIR', '/home/a', 'a file stands where a folder must be (at /home/a).'],
  ['ENOSPC', undefined, 'its disk is full.'],
])('%s at %s is told in words, with what to do', (code, path, words) => {
  const error = new Error('inbox: it failed', { cause: errno(code, path) });
  expect(sentenceOf(error)).toBe(
    `the data folder /home/a/data cannot be used: ${words} Mend that, or name another folder in SEALPOST_HOME`,
  );
});

test('what is copied into it, and what cannot be made there, counts too', () => {
  expect(sentenceOf(copying)).toMatch(/its disk is full \(at \/home\/a\/data\/postgres\/bin\)/);
  expect(sentenceOf(making)).toMatch(/it cannot be made/);
});

test.each([
  ['another folder', errno('EACCES', '/home/a/database')],
  ['another kind of error', errno('ECONNREFUSED', '/home/a/data')],
  ['a file that is missing', errno('ENOENT', '/home/a/data/x')],
  ['no error of the system', new Error('a defect')],
  ['no error at all', 'text'],
])('%s is no matter of this folder', (_what, error) => {
  expect(sentenceOf(error)).toBeUndefined();
});

describe('a data folder that is in the way', () => {
  const base = temporaryFolder();
  writeFileSync(join(base, 'file'), '');
  symlinkSync('circle', join(base, 'circle'));
  mkdirSync(join(base, 'odd', 'stack.json'), { recursive: true });

  test.each(['file', 'file/below', 'circle'])('%s is told by whoever would make it', (name) => {
    expect(() => lockDataFolder(dataFolder({ SEALPOST_HOME: join(base, name) }))).toThrow(FolderError);
  });

  test.each(['file', 'file/below', 'circle', 'odd'])('%s is told by whoever looks for a stack there', (name) => {
    expect(() => readRunningStack(dataFolder({ SEALPOST_HOME: join(base, name) }))).toThrow(FolderError);
  });
});
