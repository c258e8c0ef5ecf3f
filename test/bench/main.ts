import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder } from '../../src/local/data-folder.js';
import { Benchmark } from './benchmark.js';
import { Cleanup } from './cleanup.js';
import {
  summarise,
  summariseParameters,
  summarisePostfix,
  summariseWhere,
  type ParametersRoundFigures,
  type PostfixRoundFigures,
  type RoundFigures,
  type Summary,
  type TurnFigures,
} from './figures.js';
import { readOptions, type BenchOptions } from './options.js';
import { conditionsOf, describeSummary } from './report.js';
import { report } from './run-benchmark.js';

/**
 * Killed with -9 it leaves two servers (Temporal, Postgres), Postfix's sink where that takes part, and its temporary
 * folder; worker, own sink and nodemailer end.
 */
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
  for (let n = 1; n <= options.rounds; n += 1) rounds.push(await benchmark.round(n));
  const summary = summarise(options, rounds);
  const besidePostfix = options.smtpSource ? await postfixRounds(benchmark, options, summary) : [];
  const withParameters: ParametersRoundFigures[] = [];
  for (let n = 1; options.parameters && n <= options.rounds; n += 1)
    withParameters.push(await benchmark.parametersRound(n));
  const held = options.pause ? await benchmark.heldTurn() : undefined;
  const where = options.profile === undefined ? undefined : await profile(benchmark, options);
  const turns = [...rounds, ...besidePostfix, ...withParameters].flatMap((round) => Object.values<TurnFigures>(round));
  const otherWork = Math.max(...turns.map(({ usage }) => usage.otherWork));
  return {
    summary: {
      ...summary,
      ...(options.smtpSource && { smtpSource: summarisePostfix(options.messages, besidePostfix) }),
      ...(options.parameters && { parameters: summariseParameters(options.messages, withParameters) }),
      ...(held && { held }),
      ...(where && { where }),
    },
    conditions: conditionsOf({ options, otherWork, inMemory: benchmark.inMemory }),
  };
}

async function postfixRounds(
  benchmark: Benchmark,
  options: BenchOptions,
  { seen }: Summary,
): Promise<PostfixRoundFigures[]> {
  const bytes = seen.sealpost?.bytesPerMessage ?? options.size * 1_024;
  const rounds: PostfixRoundFigures[] = [];
  for (let n = 1; n <= options.rounds; n += 1) rounds.push(await benchmark.postfixRound(n, bytes));
  return rounds;
}

async function profile(benchmark: Benchmark, options: BenchOptions): Promise<Summary['where']> {
  const keep = options.profile === true ? undefined : options.profile;
  return summariseWhere(options.messages, await benchmark.profiledTurn(keep));
}

// Where something still hangs when all is cleaned up, nobody waits for it.
process.exit(await main(readOptions(process.argv)));
