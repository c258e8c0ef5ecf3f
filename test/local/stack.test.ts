import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../../src/local/data-folder.js';
import { identifyIfAlive } from '../../src/local/process-identity.js';
import { readRunningStack } from '../../src/local/stack-file.js';
import { startStack, type StackEvent, type StartStackOptions } from '../../src/local/stack.js';
import { temporaryFolder } from './temporary-folder.js';

const given = {
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  DATABASE_URL: 'postgresql://db',
  SMTP_URL: 'smtp://relay.example',
};
const workerScript = 'echo $$ $TEMPORAL_ADDRESS $DATABASE_URL $SMTP_URL >&2; echo sealpost worker ready; read -r line';

function setting(options: Partial<StartStackOptions> = {}) {
  const folder = dataFolder({ SEALPOST_HOME: temporaryFolder() });
  const events: StackEvent[] = [];
  const start = () =>
    startStack({
      env: { PATH: process.env['PATH'], HOME: folder.path, ...given },
      dataFolder: folder,
      cacheFolder: join(folder.path, 'cache'),
      report: (event) => events.push(event),
      workerCommand: ['sh', '-c', workerScript],
      prepare: () => Promise.resolve(),
      download: () => Promise.reject(new Error('not in a test')),
      ...options,
    });
  const worker = () => readFileSync(folder.workerLog, 'utf8').trim().split(' ');
  return { folder, events, start, worker };
}

test('what the environment names is used and not started', async () => {
  const { folder, events, start, worker } = setting();
  const stack = await start();
  const [pid, ...endpoints] = worker();
  expect(endpoints).toEqual(Object.values(given));
  expect(readRunningStack(folder)).toEqual({
    supervisor: identifyIfAlive(process.pid),
    temporalAddress: given.TEMPORAL_ADDRESS,
    databaseUrl: given.DATABASE_URL,
    smtpUrl: given.SMTP_URL,
  });
  await Promise.all([stack.stop(), stack.stop()]);
  expect(identifyIfAlive(Number(pid))).toBeUndefined();
  expect(readRunningStack(folder)).toBeUndefined();
  expect(events).toEqual([{ part: 'worker', text: 'stopping' }]);
});

test('the owner of a database that is named migrates it, and no worker knows of it', async () => {
  const migrateUrl = 'postgresql://owner@db';
  const prepared: unknown[] = [];
  const { folder, start } = setting({
    env: { PATH: process.env['PATH'], ...given, SEALPOST_MIGRATE_URL: migrateUrl },
    workerCommand: ['sh', '-c', 'env >&2; echo sealpost worker ready; read -r line'],
    prepare: (endpoints) => Promise.resolve(void prepared.push(endpoints)),
  });
  const stack = await start();
  const running = readRunningStack(folder);
  const log = readFileSync(folder.workerLog, 'utf8');
  await stack.stop();
  expect(prepared).toMatchObject([{ databaseUrl: given.DATABASE_URL, migrateUrl }]);
  expect(running).toMatchObject({ migrateUrl });
  expect(log).toContain(`DATABASE_URL=${given.DATABASE_URL}`);
  expect(log).not.toContain('owner@');
});

test('an address in Temporal’s own configuration file counts as well', async () => {
  const config = join(temporaryFolder(), 'temporal.toml');
  const { start } = setting({
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: 'postgresql://db',
      SMTP_URL: 'smtp://x',
      TEMPORAL_CONFIG_FILE: config,
    },
  });
  writeFileSync(config, '[profile.default]\naddress = "from-file.example:7233"\n');
  const stack = await start();
  expect(stack.temporalAddress).toBe('from-file.example:7233');
  await stack.stop();
});

test('only one stack runs in a data folder', async () => {
  const { start } = setting();
  const stack = await start();
  await expect(start()).rejects.toThrow('a stack runs in');
  await stack.stop();
  await (await start()).stop();
});

test('the worker starts when database and Temporal are prepared', async () => {
  const seen: unknown[] = [];
  const { folder, start } = setting({
    prepare: (endpoints) => Promise.resolve(void seen.push(...Object.values(endpoints), existsSync(folder.workerLog))),
  });
  await (await start()).stop();
  expect(seen).toEqual([...Object.values(given), false]);
});

describe('a start that fails stops what it began', () => {
  const withInbox = { TEMPORAL_ADDRESS: given.TEMPORAL_ADDRESS, DATABASE_URL: given.DATABASE_URL };
  test.each<[string, Partial<StartStackOptions>, string]>([
    ['in its preparation', { prepare: () => Promise.reject(new Error('no such table')) }, 'stack: no such table'],
    ['in its worker', { workerCommand: ['sh', '-c', 'echo no bundle >&2; exit 1'] }, 'worker: it ended'],
    [
      'for want of a Temporal server',
      { env: { PATH: '/no/such/folder', HOME: '/no/home', DATABASE_URL: 'postgresql://db' } },
      'temporal: there is no Temporal server',
    ],
  ])('%s', async (_where, options, message) => {
    const { folder, events, start } = setting({ env: { PATH: process.env['PATH'], ...withInbox }, ...options });
    await expect(start()).rejects.toThrow(message);
    expect(events.at(-1)).toEqual({ part: 'inbox', text: 'stopping' });
    expect(readRunningStack(folder)).toBeUndefined();
    // The lock is free again: the same failure, and not that a stack runs.
    await expect(start()).rejects.toThrow(message);
  });

  test('when it is given up', async () => {
    const giveUp = new AbortController();
    const { start, events } = setting({ signal: giveUp.signal, prepare: () => Promise.resolve(giveUp.abort()) });
    await expect(start()).rejects.toThrow('abort');
    expect(events).toEqual([]);
  });
});
