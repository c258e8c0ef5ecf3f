import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Sealpost } from '../../src/client/index.js';
import { dataFolder, type DataFolder } from '../../src/local/data-folder.js';
import type { Cleanup } from './cleanup.js';
import { CountedMx, judgeCounts, type RuleLimits, type RuleVerdict } from './counted-mx.js';
import { writeNewsletter } from './newsletter.js';
import { analyse, confirmAndSend } from './sealpost-turn.js';
import { report, runBenchmark } from './run-benchmark.js';
import { startServers, type Servers } from './servers.js';
import { startWorker } from './worker.js';

interface Options {
  messages: number;
  deliveries: number;
  processes: number;
  periods: number;
  seconds: number;
  perPeriod: number;
  json: boolean;
}

interface Turn {
  /** From the confirmations to the last message to any other domain. */
  othersSeconds: number;
  /** And to the limited one. */
  limitedSeconds: number;
}

/** Deliveries to one domain that is limited and to seven that are not, by several worker processes. */
class MxRulesBenchmark {
  private constructor(
    private readonly options: Options,
    private readonly folder: DataFolder,
    private readonly servers: Servers,
    private readonly sealpost: Sealpost,
    private readonly cleanup: Cleanup,
  ) {}

  static async start(options: Options, cleanup: Cleanup, signal: AbortSignal): Promise<MxRulesBenchmark> {
    const path = await mkdtemp(join(tmpdir(), 'sealpost-bench-'));
    cleanup.add(() => rm(path, { recursive: true, force: true }));
    // Started as root, Postgres runs as an unprivileged user, who must get there.
    await chmod(path, 0o755);
    const folder = dataFolder({ SEALPOST_HOME: path });
    const servers = await startServers(folder, cleanup, report, signal);
    const { databaseUrl, temporalAddress } = servers;
    const sealpost = Sealpost.connect({ databaseUrl, temporalAddress, temporalNamespace: 'default', env: {} });
    cleanup.add(() => sealpost.close());
    return new MxRulesBenchmark(options, folder, servers, sealpost, cleanup);
  }

  get limits(): RuleLimits {
    const { seconds, perPeriod } = this.options;
    return { connections: 3, messagesPerConnection: 20, perPeriod, periodMs: seconds * 1_000 };
  }

  /** To the limited domain, over all deliveries: for the periods, for the first, which is cut, and for the last, which is not whole. */
  get limited(): number {
    const { periods, perPeriod, deliveries } = this.options;
    return Math.ceil(((periods + 2) * perPeriod) / deliveries) * deliveries;
  }

  async run(): Promise<{ without: Turn; under: Turn; verdict: RuleVerdict }> {
    const mx = await this.cleanup.started(CountedMx.start(this.limits.periodMs));
    const all = await this.cleanup.started(CountedMx.start(this.limits.periodMs));
    const without = await this.turn('without', { SMTP_URL: all.url });
    const { connections, messagesPerConnection, perPeriod, periodMs } = this.limits;
    const rules = join(this.folder.path, 'mx-rules.json');
    const rule = {
      name: 'limited',
      domains: ['limited.example'],
      connections,
      messagesPerConnection,
      messagesPerHour: (perPeriod * 3_600_000) / periodMs,
      relay: 'mx',
    };
    await writeFile(rules, JSON.stringify({ period: `${periodMs / 1_000}s`, rules: [rule] }));
    const under = await this.turn('under', { SMTP_URL: all.url, SMTP_URL_MX: mx.url, SEALPOST_MX_RULES: rules });
    return { without, under, verdict: judgeCounts(mx.counts, this.limits, this.limited) };
  }

  private async turn(name: string, env: Record<string, string>): Promise<Turn> {
    const { options, folder, servers } = this;
    const { processes } = options;
    const worker = await this.cleanup.started(
      startWorker(servers, { home: folder.path, log: folder.workerLog, processes, env }),
    );
    try {
      return await Promise.race([this.send(name), worker.failure]);
    } finally {
      await worker.stop();
    }
  }

  private async send(name: string): Promise<Turn> {
    const { options, servers, sealpost } = this;
    const ids = Array.from({ length: options.deliveries }, (_, n) => `${name}-${n + 1}`);
    report(`${name}: analysing`);
    const analysed = await Promise.all(
      ids.map(async (id) => await analyse(sealpost, await this.writeDelivery(id), id)),
    );
    const begun = Date.now();
    report(`${name}: sending`);
    const ticking = setInterval(() => void this.tell(name), 10_000);
    try {
      await Promise.all(analysed.map((one) => confirmAndSend(servers, one)));
    } finally {
      clearInterval(ticking);
    }
    const { rows } = await servers.database.query<{ limited: Date; others: Date; attempts: number }>(
      `select max(m.settled_at) filter (where address like '%@limited.example') as limited,
         max(m.settled_at) filter (where address not like '%@limited.example') as others, max(m.attempts) as attempts
       from message m join delivery d on d.key = m.delivery where d.id = any ($1)`,
      [ids],
    );
    const [row] = rows;
    if (!row || row.attempts !== 1) throw new Error(`${name}: a message was sent in ${row?.attempts} attempts`);
    const since = (at: Date): number => (at.getTime() - begun) / 1_000;
    return { othersSeconds: since(row.others), limitedSeconds: since(row.limited) };
  }

  private async tell(name: string): Promise<void> {
    const { rows } = await this.servers.database.query<{ open: number }>(
      `select count(*)::int as open from message m join delivery d on d.key = m.delivery where d.id like $1 and m.status <> 'sent'`,
      [`${name}-%`],
    );
    report(`${name}: ${rows[0]?.open} messages to go`);
  }

  /** Messages to the limited domain stand evenly among the others. */
  private async writeDelivery(id: string): Promise<string> {
    const { messages, deliveries } = this.options;
    const folder = join(this.folder.path, id);
    await writeNewsletter(folder, { recipients: 0, size: 5, relay: 'default' });
    const all = Math.floor(messages / deliveries);
    const limited = this.limited / deliveries;
    const isLimited = (n: number): boolean => Math.floor(((n + 1) * limited) / all) > Math.floor((n * limited) / all);
    const rows = Array.from(
      { length: all },
      (_, n) => `person${n}@${isLimited(n) ? 'limited' : `shop${n % 7}`}.example,Name${n % 997},City${n % 89},${n}\n`,
    );
    await writeFile(join(folder, 'recipients.csv'), `email,first_name,city,points\n${rows.join('')}`);
    return folder;
  }
}

function describe(options: Options, { without, under, verdict }: Awaited<ReturnType<MxRulesBenchmark['run']>>): string {
  const { perPeriod, seconds } = options;
  return [
    `${options.messages} messages of ${options.deliveries} deliveries, ${options.processes} worker processes; to one domain ${perPeriod} messages in each ${seconds} s, 3 connections, 20 messages each`,
    '',
    `messages by period: ${verdict.periods.join(' ')}`,
    `permits used in ${verdict.periods.length} periods: ${(100 * verdict.used).toFixed(1)} %`,
    ...(verdict.passed.length === 0 ? ['no limit was passed'] : verdict.passed.map((what) => `PASSED: ${what}`)),
    `other domains: the last message after ${under.othersSeconds.toFixed(1)} s, and after ${without.othersSeconds.toFixed(1)} s without rules`,
    `the limited domain: the last message after ${under.limitedSeconds.toFixed(1)} s`,
    '',
  ].join('\n');
}

async function main(options: Options): Promise<void> {
  await runBenchmark(async (cleanup, signal) => {
    const benchmark = await MxRulesBenchmark.start(options, cleanup, signal);
    const figures = await benchmark.run();
    process.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : describe(options, figures));
  });
}

const program = new Command('bench:mx-rules')
  .description(
    'Sends to one domain under an MX rule and to others under none, and counts at the host that takes the mail.',
  )
  .option('--messages <n>', 'of all deliveries together', Number, 20_000)
  .option('--deliveries <n>', 'that are sent at the same time', Number, 3)
  .option('--processes <n>', 'worker processes', Number, 4)
  .option('--periods <n>', 'whole periods in which messages wait for permits', Number, 20)
  .option('--seconds <n>', 'length of a period', Number, 5)
  .option('--per-period <n>', 'messages that the rule permits in each', Number, 200)
  .option('--json', 'one JSON object on standard output', false)
  .addHelpText('after', '\nExample: npm run bench:mx-rules -- --messages 5000 --per-period 100');

await main(program.parse().opts<Options>());
// The SDK may still hold connections.
process.exit();
