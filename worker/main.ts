import { Client } from '@temporalio/client';
import {
  NativeConnection,
  Runtime,
  Worker,
  makeTelemetryFilterString,
  type NativeConnectionOptions,
  type WorkerOptions as WorkerOptionsOfTemporal,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.js';
import { ClaimBudget } from '../activities/claim-budget.js';
import type { Relay } from '../activities/dependencies.js';
import { MessageLanes } from '../activities/message-lanes.js';
import { MessageArchive } from '../src/archive/message-archive.js';
import { loadConfig } from '../src/checks/config-file.js';
import { CachedDns } from '../src/dns/cached-dns.js';
import { resolverFromEnvironment } from '../src/dns/resolver.js';
import { dkimKeysFromEnvironment } from '../src/mime/dkim-environment.js';
import { keyName } from '../src/mime/dkim-key.js';
import { noticesFromEnvironment } from '../src/notice/notice-environment.js';
import { relayOpener, type RelayOpener } from '../src/smtp/open-pool.js';
import { connectionsOf, isEnhanced, relaysFromEnvironment } from '../src/smtp/relay-url.js';
import type { MxRules } from '../src/smtp/rules/mx-rules.js';
import { mayRewriteJournal } from '../src/store/application-role.js';
import { openDatabase, openLedger, type Database } from '../src/store/database.js';
import { taskQueues } from '../workflows/messages.js';
import { bundlePath } from './bundle.js';
import { sanitiseFailures } from './failure-sanitiser.js';
import { makeLog, sdkLogger } from './log.js';
import { missingSearchAttributes } from './search-attributes.js';

export interface WorkerOptions {
  /** As `@temporalio/envconfig` gives it. */
  temporal: { connectionOptions: NativeConnectionOptions; namespace?: string };
  databaseUrl: string;
  /** Holds the relays (`SMTP_URL`, `SMTP_URL_<NAME>`), the keys that sign (`DKIM_KEY`, `DKIM_KEY_<NAME>`), and how operators are written to (`SEALPOST_NOTICE_FROM`). */
  env: Readonly<Record<string, string | undefined>>;
  /** Folder in which each message is kept as it was sent. */
  archive?: string;
  /** The file with typologies and own rules; without it the one in the working directory, if there is one. */
  config?: string;
  /** How fast mail may leave, by where it goes; without them as the relays' URLs say. */
  mxRules?: MxRules;
  /** Aborted when the worker must stop. */
  stop: AbortSignal;
  onReady: () => void;
}

/** Each may have a mail to an operator waiting, beside what is claimed. */
const stepsPerWorker = 8;

/** The next batch fills the connections that the one before no longer needs; more would be kept from other workers. */
const batchesPerWorker = 2;
/** Room that is kept for batches of high priority, however many others there are. */
const urgentBatchesPerWorker = 1;

/** How long a worker that was told to stop may take, and how long open SMTP transactions of that. */
const shutdownGraceTime = '30s';
const abortAfterMs = 20_000;

/** The default is pid@host: histories are read by strangers. */
const identity = 'sealpost-worker';

/**
 * Runs a worker until it is told to stop: then nothing new is claimed, what is open is settled, and it ends.
 *
 * @throws RelayUrlError, NameServersError, DkimKeysError, NoticeSettingsError, RuleConfigError, or the error of a server that cannot be reached
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const log = makeLog();
  const dkimKeys = dkimKeysFromEnvironment(options.env);
  const dns = new CachedDns(resolverFromEnvironment(options.env));
  const openers = new Map(
    [...relaysFromEnvironment(options.env)].map(([name, route]) => [name, relayOpener(route, dns)] as const),
  );
  const relays = openRelays(openers);
  const notices = noticesFromEnvironment(options.env, new Set(relays.keys()));
  log.info({ dkimKeys: dkimKeys.map(keyName) }, 'DKIM keys that sign');
  const ruleConfig = await loadConfig(options.config, process.cwd());
  const { file, typologies, rules } = ruleConfig;
  if (file === undefined)
    log.info({ folder: process.cwd() }, 'no sealpost.config.* in this folder: no typologies and no own rules');
  else
    log.info(
      { file, typologies: [...typologies.keys()], rules: rules.map(({ id }) => id) },
      'typologies and own rules',
    );
  installRuntime(log);
  const database = openDatabase(options.databaseUrl, 12);
  const ledger = openLedger(options.databaseUrl, batchesPerWorker + urgentBatchesPerWorker);
  const lanes = options.mxRules && new MessageLanes(options.mxRules, openers, dns, database, log);
  const namespace = options.temporal.namespace ?? 'default';
  const connection = await NativeConnection.connect(options.temporal.connectionOptions);
  try {
    await demandSearchAttributes(connection, namespace);
    await warnOfRole(database, log);
    const temporal = new Client({ connection, namespace, identity });
    const activities = createActivities({
      database,
      ledger,
      temporal,
      relays,
      ...(lanes && { lanes }),
      dkimKeys,
      ruleConfig,
      ...(notices && { notices }),
      ...(options.archive !== undefined && { archive: new MessageArchive(options.archive) }),
      draining: options.stop,
      log,
    });
    const workers = await createWorkers({
      connection,
      namespace,
      activities,
      identity,
      interceptors: { activity: [sanitiseFailures(log)] },
      shutdownGraceTime,
    });
    const running = Promise.all(workers.map((worker) => worker.run()));
    const stop = (): void => {
      workers.filter((one) => one.getState() === 'RUNNING').forEach((one) => one.shutdown());
      // A relay that does not answer would hold the worker for minutes: what it may have taken is in doubt then.
      setTimeout(() => void abortAll(relays, lanes), abortAfterMs).unref();
    };
    options.stop.addEventListener('abort', stop);
    options.onReady();
    if (options.stop.aborted) stop();
    await running;
  } finally {
    await connection.close();
    await Promise.all([...[...relays.values()].map(({ pool }) => pool.close()), lanes?.close()]);
    await Promise.all([database.end(), ledger.end()]);
  }
}

/**
 * One for the process and its steps, the others for batches: sending must not wait behind an analysis, nor the other way,
 * nor what is urgent behind what is not.
 */
async function createWorkers(shared: Omit<WorkerOptionsOfTemporal, 'taskQueue'>): Promise<Worker[]> {
  return [
    await Worker.create({
      ...shared,
      taskQueue: taskQueues.delivery,
      workflowBundle: { codePath: bundlePath },
      maxConcurrentActivityTaskExecutions: stepsPerWorker,
      // A cancellation comes with the answer to a heartbeat, which would else wait for most of its timeout.
      maxHeartbeatThrottleInterval: '250ms',
    }),
    await Worker.create({
      ...shared,
      taskQueue: taskQueues.sending,
      maxConcurrentActivityTaskExecutions: batchesPerWorker,
    }),
    await Worker.create({
      ...shared,
      taskQueue: taskQueues.urgent,
      maxConcurrentActivityTaskExecutions: urgentBatchesPerWorker,
    }),
  ];
}

async function warnOfRole(database: Database, log: Logger): Promise<void> {
  // A database that is away, or has no tables yet, is no reason not to start: every activity will say so.
  if (!(await mayRewriteJournal(database).catch(() => false))) return;
  log.warn(
    'the role of DATABASE_URL could rewrite the journal: let "sealpost migrate" run as another role (SEALPOST_MIGRATE_URL), which owns the tables; see docs/audit.md',
  );
}

async function demandSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = (await missingSearchAttributes(connection, namespace)) ?? [];
  if (missing.length > 0) throw new SearchAttributesMissingError(namespace, missing);
}

/** Without them every workflow task would fail, again and again. */
export class SearchAttributesMissingError extends Error {
  override readonly name = 'SearchAttributesMissingError';
  constructor(namespace: string, missing: readonly string[]) {
    super(
      `The Temporal namespace "${namespace}" lacks the search attributes ${missing.join(', ')}: run "sealpost migrate".`,
    );
  }
}

async function abortAll(relays: ReadonlyMap<string, Relay>, lanes: MessageLanes | undefined): Promise<void> {
  await Promise.all([...[...relays.values()].map(({ pool }) => pool.abort()), lanes?.abort()]);
}

function openRelays(all: ReadonlyMap<string, RelayOpener>): Map<string, Relay> {
  const relays = new Map<string, Relay>();
  for (const [name, opener] of all) {
    const { route } = opener;
    const connections = connectionsOf(route);
    // Under way, waiting for a connection, or answered and not committed.
    const claimed = 3 * connections;
    // All of them may have to go over one address.
    const pool = opener.open(route, { share: opener.share(), maxWaiting: claimed + stepsPerWorker });
    relays.set(name, { pool, connections, enhanced: isEnhanced(route), budget: new ClaimBudget(claimed) });
  }
  return relays;
}

/** Signals are ours: the SDK's own handling would end the process before open transactions have settled. */
function installRuntime(log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    logger: sdkLogger(log),
  });
}
