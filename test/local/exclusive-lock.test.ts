import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockHeldError, lockHolder, takeLock } from '../../src/local/exclusive-lock.js';
import { identify, type ProcessIdentity } from '../../src/local/process-identity.js';
import { temporaryFolder } from './temporary-folder.js';

/** As another process would have left it. */
function claimOf(holder: ProcessIdentity): string {
  const folder = join(temporaryFolder(), 'lock');
  mkdirSync(folder);
  writeFileSync(join(folder, '7'), JSON.stringify({ holder }));
  return folder;
}

function livingProcess() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('no child');
  return { child, identity: identify(child.pid) };
}

test('one holder at a time, and the next one after its release', () => {
  const folder = join(temporaryFolder(), 'lock');
  const first = takeLock(folder);
  expect(() => takeLock(folder)).toThrow(LockHeldError);
  first.release();
  expect(lockHolder(folder)).toBeUndefined();
  const second = takeLock(folder);
  expect(lockHolder(folder)?.pid).toBe(process.pid);
  second.release();
});

test('a living process keeps its lock; killed, it loses it', async () => {
  const { child, identity } = livingProcess();
  const folder = claimOf(identity);
  expect(() => takeLock(folder)).toThrow(expect.objectContaining({ name: 'LockHeldError', holder: identity }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(() => takeLock(folder)).not.toThrow();
  expect(lockHolder(folder)?.pid).toBe(process.pid);
});

test('a holder whose pid lives on as another process is dead', () => {
  const { child, identity } = livingProcess();
  const folder = claimOf({ ...identity, startTime: 'another/1' });
  expect(() => takeLock(folder)).not.toThrow();
  child.kill('SIGKILL');
});

test('numbers only grow, and one claim stays', () => {
  const folder = claimOf({ pid: 1, startTime: 'another/1' });
  takeLock(folder).release();
  takeLock(folder).release();
  expect(readdirSync(folder)).toEqual(['9']);
});

test('a claim that does not read is nobody’s', () => {
  const folder = claimOf(identify(process.pid));
  writeFileSync(join(folder, '7'), '');
  expect(() => takeLock(folder)).not.toThrow();
});
