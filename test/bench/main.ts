import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder } from '../../src/local/data-folder.js';
import { Benchmark } from './benchmark.js';
import { Cleanup } from './cleanup.js';
import { summarise, type RoundFigures, type Summary } from './figures.js';
import { readOptions, type BenchOptions } from './options.js';
import { conditionsOf, describeSummary } from './report.js';

const report = (text: string): void => void process.stderr.write(`${text}\n`);

/** Killed with -9 it leaves two servers (Temporal, Postgres) and its temporary folder; worker, sink and nodemailer end. */
async function main(options: BenchOptions): Promise<number> {
  const stop = new AbortController();
  let interrupted = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      interrupted = true;
      stop.abort(new Error('stopped'));
    });
  }
  // Whatever happens, the servers must not stay behind.
  process.on('uncaughtException', (error) => stop.abort(error));
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  const cleanup = new Cleanup();
  try {
    const { summary, conditions } = await Promise.race([measure(options, cleanup, stop.signal), stopped]);
    process.stdout.write(
      options.json ? `${JSON.stringify({ ...summary, conditions }, null, 2)}\n` : describeSummary(summary, conditions),
    );
    return 0;
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return interrupted ? 130 : 1;
  } finally {
    report('cleaning up');
    await cleanup.run(report);
  }
}

async function measure(
  options: BenchOptions,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<{ summary: Summary; conditions: string[] }> {
  const path = await mkdtemp(join(tmpdir(), 'sealpost-bench-'));
  cleanup.add(() => rm(path, { recursive: true, force: true }));
  // Started as root, Postgres runs as an unprivileged user, who must get there.
  await chmod(path, 0o755);
  const folder = dataFolder({ SEALPOST_HOME: path });
  const benchmark = await Benchmark.start(options, folder, cleanup, report, signal);
  await benchmark.warmUp();
  const rounds: RoundFigures[] = [];
  for (let n = 1; n <= options.rounds && !signal.aborted; n += 1) rounds.push(await benchmark.round(n));
  const facts = {
    ownSink: options.sink === undefined,
    delay: options.delay,
    otherWork: Math.max(
      ...rounds.flatMap(({ sealpost, nodemailer }) => [sealpost.usage.otherWork, nodemailer.usage.otherWork]),
    ),
    inMemory: benchmark.inMemory,
    profiled: options.profile !== undefined,
  };
  return { summary: summarise(options.messages, rounds), conditions: conditionsOf(facts) };
}

// Where something still hangs when all is cleaned up, nobody waits for it.
process.exit(await main(readOptions(process.argv)));
