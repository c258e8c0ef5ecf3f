import { loadClientConnectConfig } from '@temporalio/envconfig';
import { dataFolderError, lockDataFolder, type DataFolder } from './data-folder.js';
import { folderErrorOf } from './folder-error.js';
import { startInbox, type Inbox } from './inbox.js';
import { keptPort } from './kept-port.js';
import { obtainTemporal } from './obtain-temporal.js';
import { startPostgresServer } from './postgres-server.js';
import { identify } from './process-identity.js';
import { clearLeftovers } from './run-file.js';
import { removeStackFile, writeStackFile, type RunningStack } from './stack-file.js';
import { startTemporalServer, type TemporalServer } from './temporal-server.js';
import type { FetchTemporal } from './temporal-download.js';
import { startWorker } from './worker-process.js';

export type StackPart = 'stack' | 'inbox' | 'postgres' | 'temporal' | 'worker' | 'web' | 'console';

/** Something that a person who waits for the stack wants to know. */
export interface StackEvent {
  part: StackPart;
  text: string;
}

/** Where the parts are that a worker needs. */
export interface StackEndpoints {
  temporalAddress: string;
  databaseUrl: string;
  /** The database by its owner, for migrations alone; absent where one role does everything. */
  migrateUrl?: string;
  smtpUrl: string;
}

export interface StartStackOptions {
  /**
   * Parts that it names (`TEMPORAL_ADDRESS`, `DATABASE_URL`, `SMTP_URL`) are used and not started. `SEALPOST_MIGRATE_URL`
   * belongs to `DATABASE_URL`.
   */
  env: Readonly<Record<string, string | undefined>>;
  dataFolder: DataFolder;
  cacheFolder: string;
  /** See `obtainTemporal`. */
  sharedCacheFolder?: string | undefined;
  report: (event: StackEvent) => void;
  /** Program and arguments. */
  workerCommand: readonly string[];
  /** Runs before the worker: migrations, search attributes. Killed in it, it runs again at the next start. */
  prepare: (endpoints: StackEndpoints) => Promise<void>;
  /** Starts the public pages; without it there are none. */
  startWeb?: (at: { databaseUrl: string; port: number; report: (text: string) => void }) => Promise<StackWeb>;
  /** Starts the operators' console; without it there is none. */
  startConsole?: (
    at: StackEndpoints & {
      /** Where mail is kept; absent where a relay was given. */
      inboxFolder?: string;
      port: number;
      report: (text: string) => void;
    },
  ) => Promise<StackConsole>;
  /** Gives up a start that is under way; what it has started is stopped. */
  signal?: AbortSignal;
  /** See `obtainTemporal`. */
  download?: FetchTemporal;
}

interface StackWeb {
  readonly url: string;
  stop(): Promise<void>;
}

interface StackConsole extends StackWeb {
  /** Where the first administrator is set up; absent where there is one. */
  readonly firstLink?: string;
}

/** The stack while its supervisor, which is this process, runs. */
export interface Stack extends RunningStack {
  /** Where the first administrator of the console is set up; it is written nowhere. */
  readonly firstLink?: string;
  /** Worker first, which finishes what it has begun; then the servers. May be called more than once. */
  stop(): Promise<void>;
}

// What a part needs must outlive it.
const stopOrder: readonly StackPart[] = ['stack', 'worker', 'console', 'web', 'temporal', 'postgres', 'inbox'];

type Stops = Map<StackPart, () => Promise<void>>;

/**
 * Starts all parts that the environment does not name, and a worker.
 *
 * @throws StackRunningError when one runs in this data folder; else Error naming the part. What was started is stopped
 */
export async function startStack(options: StartStackOptions): Promise<Stack> {
  const lock = lockDataFolder(options.dataFolder);
  const stops: Stops = new Map();
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll(stops, options.report).finally(() => lock.release()));
  try {
    const running = await startParts(options, stops);
    return { ...running, stop };
  } catch (error) {
    // The reason for stopping is what a person has to read; what the stop itself says comes beside it.
    await stop().catch((problem: unknown) =>
      options.report({ part: 'stack', text: problem instanceof Error ? problem.message : String(problem) }),
    );
    const cache = { what: 'cache folder', path: options.cacheFolder, variable: 'SEALPOST_CACHE' };
    throw dataFolderError(options.dataFolder, error) ?? folderErrorOf(cache, error) ?? error;
  }
}

async function startParts(options: StartStackOptions, stops: Stops): Promise<Omit<Stack, 'stop'>> {
  const { dataFolder: folder, env, report } = options;
  const signal = options.signal ?? new AbortController().signal;
  const telling = (part: StackPart) => (text: string) => report({ part, text });
  const start = async <Part extends { stop(): Promise<void> }>(
    part: StackPart,
    begin: () => Promise<Part>,
  ): Promise<Part> => {
    signal.throwIfAborted();
    const started = await naming(part, begin);
    stops.set(part, () => started.stop());
    return started;
  };
  removeStackFile(folder);
  await clearLeftovers(folder, (part) => report({ part, text: 'ending what a killed stack left' }));

  const given = givenTemporal(env);
  const inbox = env['SMTP_URL'] ? undefined : await start('inbox', () => startStackInbox(folder));
  const smtpUrl = inbox?.smtpUrl ?? env['SMTP_URL'] ?? '';
  const { databaseUrl, migrateUrl } =
    givenDatabase(env) ??
    (await start('postgres', () => startPostgresServer({ folder, report: telling('postgres'), signal })));
  const temporal: { address: string; uiUrl?: string; command?: string } =
    given.address === undefined
      ? await start('temporal', () => startTemporal(options, given.namespace, telling('temporal'), signal))
      : { address: given.address };
  const endpoints = {
    temporalAddress: temporal.address,
    databaseUrl,
    ...(migrateUrl !== undefined && { migrateUrl }),
    smtpUrl,
  };

  signal.throwIfAborted();
  await naming('stack', () => options.prepare(endpoints));
  await start('worker', () =>
    startWorker({
      folder,
      command: options.workerCommand,
      env: workerEnv(env, endpoints),
      report: telling('worker'),
      signal,
    }),
  );
  const { startWeb, startConsole } = options;
  const web =
    startWeb &&
    (await start('web', async () =>
      startWeb({ databaseUrl, port: await keptPort(folder, 'web', 8080), report: telling('web') }),
    ));
  const consolePart =
    startConsole &&
    (await start('console', async () =>
      startConsole({
        ...endpoints,
        ...(inbox && { inboxFolder: folder.inbox }),
        port: await keptPort(folder, 'console', 8090),
        report: telling('console'),
      }),
    ));
  const running: RunningStack = {
    supervisor: identify(process.pid),
    ...endpoints,
    ...(temporal.uiUrl !== undefined && { temporalUiUrl: temporal.uiUrl }),
    ...(temporal.command !== undefined && { temporalCommand: temporal.command }),
    ...(inbox && { inboxFolder: folder.inbox }),
    ...(web && { webUrl: web.url }),
    ...(consolePart && { consoleUrl: consolePart.url }),
  };
  stops.set('stack', () => Promise.resolve(removeStackFile(folder)));
  writeStackFile(folder, running);
  return { ...running, ...(consolePart?.firstLink !== undefined && { firstLink: consolePart.firstLink }) };
}

async function startStackInbox(folder: DataFolder): Promise<Inbox> {
  return startInbox(folder.inbox, { preferredPort: await keptPort(folder, 'inbox', 2525) });
}

function givenDatabase(env: StartStackOptions['env']): { databaseUrl: string; migrateUrl?: string } | undefined {
  const { DATABASE_URL: databaseUrl, SEALPOST_MIGRATE_URL: migrateUrl } = env;
  if (!databaseUrl) return undefined;
  return { databaseUrl, ...(migrateUrl && { migrateUrl }) };
}

/** What the environment, or the profile in Temporal's own configuration file, says of a Temporal server. */
function givenTemporal(env: StartStackOptions['env']): { address: string | undefined; namespace: string } {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
  return { address: connectionOptions.address, namespace: namespace ?? 'default' };
}

async function startTemporal(
  options: StartStackOptions,
  namespace: string,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<TemporalServer> {
  const { env, cacheFolder, sharedCacheFolder, dataFolder: folder, download } = options;
  const from = { env, cacheFolder, sharedCacheFolder, ...(download && { download }) };
  const binary = await obtainTemporal({ ...from, report, signal });
  return startTemporalServer({ binary: binary.path, folder, namespace, report, signal });
}

function workerEnv(env: StartStackOptions['env'], endpoints: StackEndpoints): Record<string, string> {
  return {
    // The owner's password is none of the worker's business.
    ...definedOnly({ ...env, SEALPOST_MIGRATE_URL: undefined }),
    TEMPORAL_ADDRESS: endpoints.temporalAddress,
    DATABASE_URL: endpoints.databaseUrl,
    SMTP_URL: endpoints.smtpUrl,
  };
}

async function stopAll(stops: Stops, report: StartStackOptions['report']): Promise<void> {
  const problems: unknown[] = [];
  for (const part of stopOrder) {
    const stop = stops.get(part);
    if (!stop) continue;
    if (part !== 'stack') report({ part, text: 'stopping' });
    // One that does not stop must not keep the others running.
    await stop().catch((error: unknown) => problems.push(error));
  }
  if (problems.length > 0) throw problems[0];
}

async function naming<Result>(part: StackPart, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AbortError') throw error;
    throw new Error(`${part}: ${error.message}`, { cause: error });
  }
}

function definedOnly(env: StartStackOptions['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
