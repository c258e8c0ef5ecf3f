import { isDeepStrictEqual } from 'node:util';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { Sealpost, type Delivery } from '../../src/client/index.js';
import { dataFolder } from '../../src/local/data-folder.js';
import type { Cleanup } from './cleanup.js';
import { countByHand, writeLargeTarget, type ExpectedCounts } from './large-target.js';
import { processesBelow } from './process-usage.js';
import { report, runBenchmark } from './run-benchmark.js';
import { startServers, type Servers } from './servers.js';
import { watchTurn, type TurnUsage } from './watched-turn.js';
import { startWorker, type BenchWorker } from './worker.js';

const by = { operator: 'publisher' };

interface Options {
  recipients: number;
  processes: number;
  zones: boolean;
  json: boolean;
}

interface AnalysisTurn {
  name: string;
  seconds: number;
  recipientsPerSecond: number;
  seal: string;
  usage: TurnUsage;
}

/** One large target, analysed again and again: alone, by three workers, stopped midway, and with a worker killed. */
class AnalysisBenchmark {
  private constructor(
    private readonly options: Options,
    private readonly servers: Servers,
    private readonly delivery: Delivery,
    private readonly startWorkers: (processes: number) => Promise<BenchWorker>,
    private readonly expected: ExpectedCounts,
    readonly submission: { seconds: number; usage: TurnUsage },
  ) {}

  static async start(options: Options, cleanup: Cleanup, signal: AbortSignal): Promise<AnalysisBenchmark> {
    const path = await mkdtemp(join(tmpdir(), 'sealpost-bench-'));
    cleanup.add(() => rm(path, { recursive: true, force: true }));
    // Started as root, Postgres runs as an unprivileged user, who must get there.
    await chmod(path, 0o755);
    const folder = dataFolder({ SEALPOST_HOME: path });
    const servers = await startServers(folder, cleanup, report, signal);
    const newsletter = join(path, 'newsletter');
    report(`writing ${options.recipients} recipients`);
    const { recipients, zones: ownZones } = options;
    await writeLargeTarget(newsletter, { recipients, ownZones }, servers.database);
    const { databaseUrl, temporalAddress } = servers;
    const sealpost = Sealpost.connect({ databaseUrl, temporalAddress, temporalNamespace: 'default', env: {} });
    report('submitting');
    const submitted = await watchTurn([client, ...servers.processes], async () => {
      const begun = Date.now();
      const delivery = await sealpost.start(newsletter, { ...by, id: 'large' });
      return { delivery, seconds: (Date.now() - begun) / 1_000 };
    });
    const { delivery, seconds } = submitted.result;
    const startWorkers = (processes: number): Promise<BenchWorker> =>
      cleanup.started(
        startWorker(servers, { home: path, log: folder.workerLog, processes, env: { SMTP_URL: 'smtp://127.0.0.1:9' } }),
      );
    cleanup.add(() => sealpost.close());
    const expected = await countByHand(newsletter, servers.database);
    return new AnalysisBenchmark(options, servers, delivery, startWorkers, expected, {
      seconds,
      usage: submitted.usage,
    });
  }

  async run(): Promise<{ turns: AnalysisTurn[]; stopped: { seconds: number; rows: number } }> {
    const alone = await this.startWorkers(this.options.processes);
    const first = await this.turn('first', alone, () => Promise.resolve());
    await this.reject(first.seal);
    const again = await this.turn('again', alone, () => this.startAnalysis());
    await this.reject(again.seal);
    const stopped = await this.stopMidway();
    const afterStop = await this.turn('after the stop', alone, () => this.startAnalysis());
    await this.reject(afterStop.seal);
    await alone.stop();
    const three = await this.startWorkers(3);
    const byThree = await this.turn('three workers', three, () => this.startAnalysis());
    await this.reject(byThree.seal);
    const killed = await this.turn('one of three killed', three, async () => {
      await this.startAnalysis();
      await this.prepared(0.4);
      const [victim] = processesBelow(three.pid);
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
    });
    const turns = [first, again, afterStop, byThree, killed];
    if (new Set(turns.map(({ seal }) => seal)).size > 1) throw new Error('the seals differ');
    return { turns, stopped };
  }

  private async turn(name: string, worker: BenchWorker, begin: () => Promise<unknown>): Promise<AnalysisTurn> {
    const { options, servers, delivery, expected } = this;
    report(`${name}: analysing`);
    const ticking = setInterval(() => void this.tell(name), 5_000);
    try {
      const { result, usage } = await watchTurn(
        [{ name: 'worker', pid: worker.pid, children: true }, ...servers.processes, client],
        async () => {
          const begun = Date.now();
          await begin();
          await Promise.race([this.phase('awaiting-decision'), worker.failure]);
          const { seal = '' } = await delivery.status();
          return { seal, seconds: (Date.now() - begun) / 1_000 };
        },
      );
      const { sealedCount, excluded } = await delivery.show();
      const counted = { sealed: sealedCount, excluded: { ...excluded } };
      if (!isDeepStrictEqual(counted, expected))
        throw new Error(`${name}: ${JSON.stringify(counted)} in place of ${JSON.stringify(expected)}`);
      const recipientsPerSecond = options.recipients / result.seconds;
      report(`${name}: ${result.seconds.toFixed(1)} s, ${Math.round(recipientsPerSecond)} recipients/s`);
      return { name, recipientsPerSecond, usage, ...result };
    } finally {
      clearInterval(ticking);
    }
  }

  private async stopMidway(): Promise<{ seconds: number; rows: number }> {
    await this.startAnalysis();
    await this.prepared(0.5);
    const begun = Date.now();
    await this.delivery.stopAnalysis(by);
    await this.phase('awaiting-revision');
    const seconds = (Date.now() - begun) / 1_000;
    const { rows } = await this.servers.database.query<{ count: number }>('select count(*)::int from message');
    return { seconds, rows: rows[0]?.count ?? 0 };
  }

  private async startAnalysis(): Promise<void> {
    await this.delivery.startAnalysis(by);
    await this.phase('analysing');
  }

  private async reject(seal: string): Promise<void> {
    await this.delivery.decide({ ...by, verdict: 'reject', seal });
    await this.phase('awaiting-revision');
  }

  /** The workflow is asked: to count a million rows again and again would be the larger part of the work. */
  private async phase(wanted: string): Promise<void> {
    while ((await this.delivery.status()).phase !== wanted) await sleep(100);
  }

  /** Waits until such a share of the target has its leaf. */
  private async prepared(share: number): Promise<void> {
    const at = Math.ceil(this.options.recipients * share);
    const probe = 'select 1 from message where proof = 0 and leaf is not null and seq between $1 and $1 + 1000 limit 1';
    while ((await this.servers.database.query(probe, [at])).rowCount === 0) await sleep(100);
  }

  private async tell(name: string): Promise<void> {
    const { rows } = await this.servers.database.query<{ seq: number | null }>(
      'select max(seq) as seq from (select seq from message where proof = 0 and leaf is not null order by seq desc limit 1) m',
    );
    if (rows[0]?.seq) report(`${name}: row ${rows[0].seq} is prepared`);
  }
}

const client = { name: 'client', pid: process.pid, children: false };

async function main(options: Options): Promise<void> {
  await runBenchmark(async (cleanup, signal) => {
    const benchmark = await AnalysisBenchmark.start(options, cleanup, signal);
    const figures = { submission: benchmark.submission, ...(await benchmark.run()) };
    process.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : describe(figures));
  });
}

function describe({
  submission,
  turns,
  stopped,
}: {
  submission: AnalysisBenchmark['submission'];
  turns: AnalysisTurn[];
  stopped: { seconds: number; rows: number };
}): string {
  const memory = ({ processes }: TurnUsage) =>
    processes
      .map(({ name, rssMbOfOne, cpuSeconds }) => `${name} ${rssMbOfOne.toFixed(0)} MB ${cpuSeconds.toFixed(0)} s`)
      .join(', ');
  return [
    `submitted in ${submission.seconds.toFixed(1)} s (${memory(submission.usage)})`,
    ...turns.map(
      ({ name, seconds, recipientsPerSecond, usage }) =>
        `${name}: ${seconds.toFixed(1)} s, ${recipientsPerSecond.toFixed(0)} recipients/s (${memory(usage)}; others ${(100 * usage.otherWork).toFixed(0)} %)`,
    ),
    `stopped midway in ${stopped.seconds.toFixed(1)} s, ${stopped.rows} rows left`,
    'all counts as computed from the file, all seals equal',
    '',
  ].join('\n');
}

const program = new Command('bench:analysis')
  .description('Analyses one large target several times, and compares counts with the file and seals with each other.')
  .option('--recipients <n>', 'rows of the target: 5 % doubles, 1 % bad addresses, 2 % denylisted', Number, 1_000_000)
  .option('--processes <n>', 'worker processes in the first turns', Number, 2)
  .option('--zones', 'ordered by the contact date in each recipient’s own time zone', false)
  .option('--json', 'one JSON object on standard output', false)
  .addHelpText('after', '\nExample: npm run bench:analysis -- --recipients 100000');

await main(program.parse().opts<Options>());
// The SDK may still hold connections.
process.exit();
