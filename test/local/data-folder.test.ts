import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  cacheFolder,
  dataFolder,
  lockDataFolder,
  sharedCacheFolder,
  StackRunningError,
} from '../../src/local/data-folder.js';
import { identify } from '../../src/local/process-identity.js';
import { readRunningStack, removeStackFile, writeStackFile } from '../../src/local/stack-file.js';
import { temporaryFolder } from './temporary-folder.js';

const home = '/home/someone';

test.each<{ env: Record<string, string>; uid: number; data: string; cache: string }>([
  { env: { HOME: '/root' }, uid: 0, data: '/var/lib/sealpost', cache: '/var/cache/sealpost' },
  { env: { HOME: home }, uid: 1000, data: `${home}/.local/share/sealpost`, cache: `${home}/.cache/sealpost` },
  {
    env: { HOME: home, XDG_DATA_HOME: '/d', XDG_CACHE_HOME: '/c' },
    uid: 1000,
    data: '/d/sealpost',
    cache: '/c/sealpost',
  },
  {
    env: { HOME: home, XDG_DATA_HOME: 'd', XDG_CACHE_HOME: 'c' },
    uid: 1000,
    data: `${home}/.local/share/sealpost`,
    cache: `${home}/.cache/sealpost`,
  },
  { env: { HOME: home, SEALPOST_HOME: '/own/d', SEALPOST_CACHE: '/own/c' }, uid: 0, data: '/own/d', cache: '/own/c' },
])('uid $uid with $env has $data and $cache', ({ env, uid, data, cache }) => {
  expect(dataFolder(env, uid).path).toBe(data);
  expect(cacheFolder(env, uid)).toBe(cache);
});

test('an ordinary user may use what root has fetched, unless a cache is named', () => {
  expect(sharedCacheFolder({}, 1000)).toBe(cacheFolder({}, 0));
  expect(sharedCacheFolder({ SEALPOST_CACHE: '/c' }, 1000)).toBeUndefined();
  expect(sharedCacheFolder({}, 0)).toBeUndefined();
});

test('a folder is made closed to others’ eyes, and only one stack has it', () => {
  const folder = dataFolder({ SEALPOST_HOME: join(temporaryFolder(), 'a', 'b') });
  const lock = lockDataFolder(folder);
  expect(statSync(folder.path).mode & 0o077).toBe(process.getuid?.() === 0 ? 0o011 : 0);
  expect(() => lockDataFolder(folder)).toThrow(StackRunningError);
  lock.release();
  lockDataFolder(folder).release();
});

test('a folder that was there keeps its mode', () => {
  const path = join(temporaryFolder(), 'theirs');
  mkdirSync(path, { mode: 0o750 });
  lockDataFolder(dataFolder({ SEALPOST_HOME: path })).release();
  expect(statSync(path).mode & 0o777).toBe(0o750);
});

describe('the stack file', () => {
  const supervisor = identify(process.pid);
  const stack = { supervisor, temporalAddress: 'a:1', databaseUrl: 'postgresql://x', smtpUrl: 'smtp://y' };

  test('is its owner’s alone and says what runs', () => {
    const folder = dataFolder({ SEALPOST_HOME: temporaryFolder() });
    expect(readRunningStack(folder)).toBeUndefined();
    writeStackFile(folder, stack);
    expect(readRunningStack(folder)).toEqual(stack);
    expect(statSync(folder.stackFile).mode & 0o777).toBe(0o600);
    removeStackFile(folder);
    expect(existsSync(folder.stackFile)).toBe(false);
  });

  test('of a dead supervisor counts for nothing', () => {
    const folder = dataFolder({ SEALPOST_HOME: temporaryFolder() });
    writeStackFile(folder, { ...stack, supervisor: { ...supervisor, startTime: 'another/1' } });
    expect(readRunningStack(folder)).toBeUndefined();
  });
});
