import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { operatorRoles, Sealpost, type Delivery } from '../../src/client/index.js';
import { dataFolder } from '../../src/local/data-folder.js';
import { loopbackAddress } from '../../src/web/access/public-url.js';
import { beginSession } from '../../src/web/access/sessions.js';
import { sessionCookie } from '../../src/web/access/visitor.js';
import { consoleRoutes } from '../../src/web/console/routes.js';
import type { Cleanup } from './cleanup.js';
import { enlarge } from './console-ledger.js';
import { startConsoleProcess, type BenchConsole } from './console-process.js';
import { report, runBenchmark } from './run-benchmark.js';
import { startServers, type Servers } from './servers.js';
import { watchTurn } from './watched-turn.js';
import { startWorker } from './worker.js';

interface Options {
  recipients: number;
  requests: number;
  viewers: number;
  seconds: number;
  port: number;
}

const operator = 'bench';

/** Deliveries as a worker brings them to where their pages are looked at. */
const deliveries = { waiting: 'large-waiting', sending: 'large-sending', watched: 'watched' } as const;
/** Of the one that is watched: small enough to be counted anew each second. */
const watchedRecipients = 20_000;

const small = (id: string) => ({
  id,
  name: 'Winter news',
  sender: { name: 'The garden', address: 'news@garden.example' },
  subject: 'Winter in {{ city }}',
  unsubscribe: { url: 'https://garden.example/leave' },
  content: {
    html: '<p>Dear {{ first_name }}, <a href="{{ unsubscribe_url }}">leave</a></p>',
    text: '{{ unsubscribe_url }}',
  },
  approval: { approvers: [operator], requireSignature: false },
  recipients: Array.from({ length: 20 }, (_, i) => ({
    email: `person${i + 1}@shop.example`,
    first_name: `Name${i + 1}`,
    city: 'Fernlea',
    points: i,
  })),
});

/** Takes deliveries there with a worker whose relay takes nothing, and then makes them large. */
async function prepare(servers: Servers, sealpost: Sealpost, options: Options, home: string): Promise<void> {
  const log = dataFolder({ SEALPOST_HOME: home }).workerLog;
  const worker = await startWorker(servers, { home, log, processes: 1, env: { SMTP_URL: 'smtp://127.0.0.1:9' } });
  try {
    const phase = async (delivery: Delivery, wanted: string) => {
      while ((await delivery.summary()).phase !== wanted) await sleep(100);
    };
    for (const id of Object.values(deliveries)) {
      report(`preparing ${id}`);
      const delivery = await sealpost.start(small(id), { operator });
      await phase(delivery, 'awaiting-decision');
      if (id === deliveries.waiting) continue;
      const { seal = '' } = await delivery.standing();
      await delivery.decide({ operator, verdict: 'confirm', seal });
      await phase(delivery, 'sending');
    }
  } finally {
    await worker.stop();
  }
  const begun = performance.now();
  await enlarge(servers.database, deliveries.waiting, options.recipients, false);
  await enlarge(servers.database, deliveries.sending, options.recipients, true);
  await enlarge(servers.database, deliveries.watched, watchedRecipients, false);
  await servers.database.query('vacuum analyze');
  report(`loaded in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}

/** Pages of a delivery, from the console's own table of routes: those that come later are measured, too. */
function pagesOf(id: string, { recipients }: Options): string[] {
  const own = consoleRoutes
    .filter(({ method, path }) => method === 'GET' && path.startsWith('/deliveries/:id'))
    // What is not a page: they last as long as somebody reads.
    .filter(({ path }) => !/\/(news|recipients\.csv|bundle\/.*|.*\.ndjson)$/.test(path))
    .map(({ path }) =>
      path
        .replace(':id', id)
        .replace(':seq', String(Math.floor(recipients / 2)))
        .replace(/:\w+/, '1'),
    );
  const filtered = [
    'after=500000',
    'status=failed',
    'status=in-doubt&after=300000',
    'status=canceled',
    'reason=denylisted',
    'search=person999',
    'search=nobody',
  ].map((query) => `/deliveries/${id}/recipients?${query}`);
  return [...own, ...filtered, `/deliveries/${id}/preview?row=${Math.floor(recipients / 2)}`];
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;

/** @returns a line of the table, and the 95th percentile */
async function timed(url: string, cookie: string, requests: number): Promise<{ line: string; p95: number }> {
  const times: number[] = [];
  let statuses = '';
  for (let n = 0; n < requests; n += 1) {
    const begun = performance.now();
    const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    await answer.text();
    times.push(performance.now() - begun);
    if (!statuses.includes(String(answer.status))) statuses += ` ${answer.status}`;
  }
  const [first = 0] = times;
  const sorted = times.toSorted((a, b) => a - b);
  const [p50, p95, most] = [0.5, 0.95, 1].map((part) => percentile(sorted, part)) as [number, number, number];
  const cell = (ms: number) => ms.toFixed(0).padStart(6);
  const { pathname, search } = new URL(url);
  return {
    p95,
    line: `${cell(first)}${cell(p50)}${cell(p95)}${cell(most)}  ${pathname}${search} (${statuses.trim()})`,
  };
}

async function measurePages({ url }: BenchConsole, cookie: string, options: Options): Promise<void> {
  process.stdout.write(` first   p50   p95  most  ms, over ${options.requests} requests one after the other\n`);
  const all = ['/deliveries', ...pagesOf(deliveries.waiting, options), ...pagesOf(deliveries.sending, options)];
  const slow: string[] = [];
  for (const path of all) {
    const { line, p95 } = await timed(url + path, cookie, options.requests);
    process.stdout.write(`${line}\n`);
    if (p95 >= 200) slow.push(path);
  }
  process.stdout.write(`${all.length - slow.length} of ${all.length} pages have a p95 under 200 ms\n`);
}

/** Reads what is told until it is aborted. */
async function view(url: string, cookie: string, signal: AbortSignal): Promise<number> {
  let octets = 0;
  try {
    const { body } = await fetch(url, { headers: { cookie }, signal });
    for await (const chunk of body ?? []) octets += (chunk as Uint8Array).length;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return octets;
}

async function measureViewers(
  served: BenchConsole,
  servers: Servers,
  cookies: readonly string[],
  { seconds }: Options,
): Promise<void> {
  const stop = new AbortController();
  const watching = cookies.map((cookie) =>
    view(`${served.url}/deliveries/${deliveries.watched}/news?view=sending`, cookie, stop.signal),
  );
  // A thousand messages leave each second.
  let seq = 0;
  const leaving = setInterval(() => {
    void servers.database.query(
      `update message set status = 'sent', settled_at = now() where delivery = (select key from delivery where id = $1)
         and proof = 0 and seq between $2 and $3 and status = 'pending'`,
      [deliveries.watched, seq + 1, (seq += 100)],
    );
  }, 100);
  try {
    await sleep(3_000);
    const console = { name: 'console', pid: served.pid, children: false };
    const { usage } = await watchTurn([console, ...servers.processes], () => sleep(seconds * 1_000));
    stop.abort();
    const octets = (await Promise.all(watching)).reduce((sum, one) => sum + one, 0);
    const share = (cpu: number) => `${((100 * cpu) / seconds).toFixed(1)} % of a core`;
    const told = usage.processes.map(({ name, cpuSeconds }) => `${name} ${share(cpuSeconds)}`).join(', ');
    process.stdout.write(
      `${cookies.length} viewers of one sending page for ${seconds} s: ${told}; ${(octets / 1_024 / (seconds + 3)).toFixed(0)} KB a second to all\n`,
    );
  } finally {
    clearInterval(leaving);
    stop.abort();
  }
}

async function main(options: Options): Promise<void> {
  await runBenchmark(async (cleanup: Cleanup, signal) => {
    const home = await mkdtemp(join(tmpdir(), 'sealpost-bench-'));
    cleanup.add(() => rm(home, { recursive: true, force: true }));
    // Started as root, Postgres runs as an unprivileged user, who must get there.
    await chmod(home, 0o755);
    const servers = await startServers(dataFolder({ SEALPOST_HOME: home }), cleanup, report, signal);
    const { databaseUrl, temporalAddress, database } = servers;
    const sealpost = Sealpost.connect({ databaseUrl, temporalAddress, temporalNamespace: 'default', env: {} });
    cleanup.add(() => sealpost.close());
    await sealpost.operators.put({ id: operator, name: 'Bench', roles: [...operatorRoles] }, operator);
    await prepare(servers, sealpost, options, home);
    const served = await startConsoleProcess(servers, { home, log: join(home, 'console.log'), port: options.port });
    cleanup.add(() => served.stop());
    const access = { database, now: Date.now };
    const cookies = await Promise.all(
      Array.from({ length: Math.max(1, options.viewers) }, async () =>
        sessionCookie(
          await beginSession(access, operator, 'bench'),
          loopbackAddress(Number(new URL(served.url).port)),
        ).replace(/;.*/s, ''),
      ),
    );
    if (options.requests > 0) await measurePages(served, cookies[0] ?? '', options);
    if (options.viewers > 0) await measureViewers(served, servers, cookies, options);
  });
}

const program = new Command('bench:console')
  .description('Times every page of deliveries with a large ledger, and tells what many viewers of one delivery cost.')
  .option(
    '--recipients <n>',
    'of each of two deliveries: one that awaits its decision, one that is sent',
    Number,
    1_000_000,
  )
  .option('--requests <n>', 'of each page; 0 measures none', Number, 40)
  .option('--viewers <n>', 'who watch a delivery of 20,000 while it is sent; 0 measures none', Number, 50)
  .option('--seconds <n>', 'for so long they watch', Number, 15)
  .option('--port <n>', 'of the console; 0 for any that is free', Number, 0)
  .addHelpText('after', '\nExample: npm run bench:console -- --recipients 100000 --requests 10');

await main(program.parse().opts<Options>());
// The SDK may still hold connections.
process.exit();
