import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyIfAlive } from '../../src/local/process-identity.js';
import { sdkDownload } from '../../src/local/temporal-download.js';
import { temporaryFolder } from './temporary-folder.js';

const never = new AbortController().signal;

/** A module in place of the SDK's, whose `createLocal` does what the code says. */
function setting(createLocal: string, stalledMs = 60_000) {
  const [home, folder] = [temporaryFolder(), join(temporaryFolder(), 'into')];
  mkdirSync(folder);
  const testing = join(home, 'testing.cjs');
  const source = `
    const { writeFileSync } = require('node:fs');
    exports.TestWorkflowEnvironment = { createLocal: async ({ server: { executable: { downloadDir, version } } }) => { ${createLocal} } };`;
  writeFileSync(testing, source);
  return { home, folder, fetch: sdkDownload('v1.8.2', testing, stalledMs) };
}

test('what the SDK leaves is the program, and the server that it starts is ended', async () => {
  const { home, folder, fetch } = setting(`
    writeFileSync(downloadDir + '/half.downloading', '');
    writeFileSync(downloadDir + '/temporal-' + version, 'program');
    return { teardown: async () => writeFileSync(__dirname + '/torn-down', '') };`);
  expect(await fetch(folder, () => undefined, never)).toBe(join(folder, 'temporal-v1.8.2'));
  expect(existsSync(join(home, 'torn-down'))).toBe(true);
});

test('what the SDK says when it fails is the error', async () => {
  const { folder, fetch } = setting(`throw new Error('dns error: no such host');`);
  await expect(fetch(folder, () => undefined, never)).rejects.toThrow('dns error: no such host');
});

test('an SDK that leaves nothing has failed', async () => {
  const { folder, fetch } = setting(`return { teardown: async () => undefined };`);
  await expect(fetch(folder, () => undefined, never)).rejects.toThrow('without leaving the program');
});

const hangs = `writeFileSync(__dirname + '/pid', String(process.pid)); setInterval(() => undefined, 1e6); return new Promise(() => undefined);`;

test('a download that stands still is ended', async () => {
  const { folder, fetch } = setting(hangs, 20);
  await expect(fetch(folder, () => undefined, never)).rejects.toThrow('nothing arrived for 0.02 s');
});

test('giving up ends it', async () => {
  const { home, folder, fetch } = setting(hangs);
  const giveUp = new AbortController();
  const fetched = fetch(folder, () => undefined, giveUp.signal);
  while (!existsSync(join(home, 'pid'))) await new Promise((done) => setImmediate(done));
  giveUp.abort();
  await expect(fetched).rejects.toThrow('it was ended');
  expect(identifyIfAlive(Number(readFileSync(join(home, 'pid'), 'utf8')))).toBeUndefined();
});
