import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../../src/local/data-folder.js';
import { startDetached } from '../../src/local/detached-process.js';
import { keepRunning } from '../../src/local/keep-running.js';
import { identifyIfAlive, isAlive, signalProcess, type ProcessIdentity } from '../../src/local/process-identity.js';
import { clearLeftovers, recordProcess } from '../../src/local/run-file.js';
import { startWorker } from '../../src/local/worker-process.js';
import { temporaryFolder } from './temporary-folder.js';

const never = new AbortController().signal;
const newFolder = () => dataFolder({ SEALPOST_HOME: temporaryFolder() });
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((done) => setImmediate(done));
};

function detached(folder = newFolder(), script = 'exec sleep 1000') {
  return startDetached({
    part: 'worker',
    folder,
    logFile: folder.workerLog,
    env: { PATH: process.env['PATH'] ?? '' },
    command: ['sh', '-c', script],
  });
}

describe('a detached process', () => {
  test('is in a session of its own, on record before it does anything', async () => {
    const folder = newFolder();
    const child = detached(
      folder,
      `cat ${folder.runFile}; ps -o sid= -p $$ 2>/dev/null || cut -d' ' -f6 /proc/$$/stat; exec sleep 1000`,
    );
    await until(() => readFileSync(folder.workerLog, 'utf8').split('\n').length > 1);
    const [record = '', session = ''] = readFileSync(folder.workerLog, 'utf8').split(/(?<=\}\})/);
    expect(JSON.parse(record)).toEqual({ worker: child.identity });
    expect(Number(session)).toBe(child.identity.pid);
    await child.stop();
    expect(isAlive(child.identity)).toBe(false);
    expect(await child.exited).toBe('signal SIGTERM');
  });

  test('writes for its user alone', async () => {
    const folder = newFolder();
    const child = detached(folder, `echo secret > ${folder.path}/file`);
    await child.exited;
    for (const file of [join(folder.path, 'file'), folder.workerLog]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that cannot be found ends, and its log says why', async () => {
    const folder = newFolder();
    const child = startDetached({
      part: 'worker',
      folder,
      logFile: folder.workerLog,
      env: {},
      command: ['/no/such/program'],
    });
    expect(await child.exited).toBe('exit code 127');
    expect(readFileSync(folder.workerLog, 'utf8')).toContain('/no/such/program');
  });

  test('that a killed supervisor left is ended; another one under its pid is not', async () => {
    const folder = newFolder();
    const [left, alien] = [detached(folder), detached()];
    recordProcess(folder, 'temporal', { ...alien.identity, startTime: 'another/1' });
    const found: string[] = [];
    await clearLeftovers(folder, (part) => found.push(part));
    expect(found).toEqual(['worker']);
    await left.exited;
    expect(isAlive(alien.identity)).toBe(true);
    await alien.stop();
  });
});

describe('keeping a part running', () => {
  test('it is started again when it ends, after failures too, until the stop', async () => {
    const said: string[] = [];
    const started: ProcessIdentity[] = [];
    let attempts = 0;
    const kept = await keepRunning({
      start: () => {
        if (++attempts === 2) return Promise.reject(new Error('no luck'));
        const child = detached();
        started.push(child.identity);
        return Promise.resolve(child);
      },
      report: (text) => said.push(text.replace(/;.*\)/, ')')),
      signal: never,
      delays: [0],
    });
    for (const identity of started) signalProcess(identity, 'SIGKILL');
    await until(() => said.includes('runs again'));
    expect(said).toEqual([
      'ended unexpectedly (signal SIGKILL)',
      'starting it again in 0 s',
      'did not start: no luck',
      'starting it again in 0 s',
      'runs again',
    ]);
    await kept.stop();
    expect(started.map(isAlive)).toEqual([false, false]);
    expect(attempts).toBe(3);
  });

  test('a stop does not wait for the next attempt', async () => {
    const child = detached();
    const said: string[] = [];
    const kept = await keepRunning({
      start: () => Promise.resolve(child),
      report: (text) => said.push(text),
      signal: never,
      delays: [1_000_000],
    });
    signalProcess(child.identity, 'SIGKILL');
    await until(() => said.includes('starting it again in 1000 s'));
    await kept.stop();
  });

  test('delays grow in a row of failures, and the last one repeats', async () => {
    const said: string[] = [];
    let attempts = 0;
    const kept = await keepRunning({
      start: () =>
        attempts++ === 0 ? Promise.resolve(detached(newFolder(), 'exit 1')) : Promise.reject(new Error('no')),
      report: (text) => said.push(text),
      signal: never,
      delays: [1, 2, 3],
    });
    await until(() => attempts > 4);
    await kept.stop();
    const delays = said.filter((text) => text.startsWith('starting'));
    expect(delays.slice(0, 4)).toEqual([0.001, 0.002, 0.003, 0.003].map((delay) => `starting it again in ${delay} s`));
  });
});

const worker = (script: string, folder = newFolder(), signal = never) =>
  startWorker({
    folder,
    command: ['sh', '-c', script],
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: 'postgresql://here' },
    report: () => undefined,
    signal,
  });

describe('a worker', () => {
  test('is ready when it says so; it has its environment, a lifeline, and a log', async () => {
    const folder = newFolder();
    const kept = await worker(
      'echo $DATABASE_URL $SEALPOST_LIFELINE >&2; echo sealpost worker ready; read -r line; echo over >&2',
      folder,
    );
    expect(readFileSync(folder.workerLog, 'utf8')).toBe('postgresql://here stdin\n');
    await kept.stop();
  });

  test('that ends before is an error with the end of its log', async () => {
    await expect(worker('echo the database is away >&2; exit 7')).rejects.toThrow(
      /exit code 7[^]*the database is away/,
    );
  });

  test('that does not get ready is ended when the start is given up', async () => {
    const folder = newFolder();
    const giveUp = new AbortController();
    const started = worker('echo $$ >&2; exec sleep 1000', folder, giveUp.signal);
    await until(() => readFileSync(folder.workerLog, 'utf8').includes('\n'));
    giveUp.abort();
    await expect(started).rejects.toThrow('abort');
    expect(identifyIfAlive(Number(readFileSync(folder.workerLog, 'utf8')))).toBeUndefined();
  });
});
