import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { Pool } from 'pg';
import {
  Sealpost,
  type Delivery,
  type DeliveryDescription,
  type LedgerFilter,
  type LedgerRow,
} from '../../src/client/index.js';
import { makeOperatorKey } from '../../src/client/operator-keys.js';
import type { Phase } from '../../src/delivery/phase.js';
import { deliveryWorkflowId } from '../../workflows/messages.js';
import { registerSearchAttributes } from '../../worker/search-attributes.js';
import { migrate } from '../../src/store/migrate.js';
import { startScriptedRelay, type ScriptedRelay, type ScriptedRelayOptions } from '../smtp/scripted-relay.js';

const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: system tests run through "npm test"`);
  return value;
}

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** What it wrote to its log. */
  log: () => string;
  /** SIGKILL: no chance to settle anything. */
  kill: () => Promise<void>;
  /** SIGTERM, and waits for its end. @returns exit code */
  stop: () => Promise<number | null>;
}

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where Temporal and Postgres are. */
export interface ServerAddresses {
  temporalAddress: string;
  databaseUrl: string;
  /** By the owner of the databases. */
  migrateUrl: string;
}

/** A database and a Temporal namespace of one test file's own, on the servers of the run unless others are named. */
export interface TestEnvironment {
  sealpost: Sealpost;
  temporal: Client;
  /** The database as its owner sees it: what worker, client and web may not do is done here. */
  database: Pool;
  /** Its URL. */
  migrateUrl: string;
  env: NodeJS.ProcessEnv;
  startWorker: (env: Record<string, string>, args?: readonly string[]) => Promise<WorkerProcess>;
  /** Runs the `sealpost` command. */
  cli: (args: readonly string[], env?: Record<string, string>) => Promise<CliResult>;
  /** Signals a delivery by Temporal's own command. */
  signalByTemporalCli: (deliveryId: string, name: string, input: object) => Promise<CliResult>;
  close: () => Promise<void>;
}

export async function openEnvironment(servers: ServerAddresses = serversOfTheRun()): Promise<TestEnvironment> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const address = servers.temporalAddress;
  const migrateUrl = urlOf(servers.migrateUrl, name);
  const databaseUrl = urlOf(servers.databaseUrl, name);
  await createDatabase(servers.migrateUrl, name);
  await migrate(migrateUrl, databaseUrl);
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await registerSearchAttributes(connection, name);
  const keys = await mkdtemp(join(tmpdir(), 'sealpost-keys-'));
  const env = {
    ...process.env,
    SEALPOST_KEYS: keys,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: name,
  };
  const database = new Pool({ connectionString: migrateUrl });
  database.on('error', () => undefined);
  const sealpost = Sealpost.connect({ databaseUrl, temporalAddress: address, temporalNamespace: name, env });
  await addOperators(sealpost, keys);
  const workers = new Set<WorkerProcess>();
  return {
    sealpost,
    temporal: new Client({ connection, namespace: name }),
    database,
    migrateUrl,
    env,
    startWorker: async (own, args = []) => {
      const worker = await spawnWorker({ ...env, ...own }, args);
      workers.add(worker);
      return worker;
    },
    cli: (args, own = {}) => run(process.execPath, [cli, ...args], { ...env, ...own }),
    signalByTemporalCli: (deliveryId, signal, input) => {
      const what = [
        '--workflow-id',
        deliveryWorkflowId(deliveryId),
        '--name',
        signal,
        '--input',
        JSON.stringify(input),
      ];
      const where = ['--address', address, '--namespace', name];
      return run(given('TEST_TEMPORAL_CLI'), ['workflow', 'signal', ...what, ...where], env);
    },
    close: async () => {
      await Promise.all([...workers].map((worker) => worker.kill()));
      await sealpost.close();
      await connection.close();
      await database.end();
      await rm(keys, { recursive: true });
    },
  };
}

export interface SendingEnvironment extends TestEnvironment {
  relay: ScriptedRelay;
}

/** The same with a worker that sends to a relay, which takes everything unless it is told otherwise. */
export async function openSendingEnvironment(
  script: ScriptedRelayOptions = {},
  connections = 20,
): Promise<SendingEnvironment> {
  const environment = await openEnvironment();
  const relay = await startScriptedRelay(script);
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=${connections}` });
  return {
    ...environment,
    relay,
    close: async () => {
      await environment.close();
      await relay.close();
    },
  };
}

/** Whom the tests let act. Each has a key of its own, which the client and the commands find by the operator's name. */
const people = 'author owner approver publisher legal reviewer editor otto olga first second stranger'.split(' ');

async function addOperators(sealpost: Sealpost, keys: string): Promise<void> {
  for (const id of people) {
    await sealpost.operators.put({ id, name: id }, 'author');
    await sealpost.operators.addKey(id, { key: await makeOperatorKey(join(keys, `${id}.pem`), undefined) }, 'author');
  }
}

function serversOfTheRun(): ServerAddresses {
  return {
    temporalAddress: given('TEST_TEMPORAL_ADDRESS'),
    databaseUrl: given('TEST_DATABASE_URL'),
    migrateUrl: given('TEST_MIGRATE_URL'),
  };
}

async function createDatabase(serverUrl: string, name: string): Promise<void> {
  const server = new Pool({ connectionString: serverUrl, max: 1 });
  await server.query(`create database ${name}`);
  await server.end();
}

function urlOf(serverUrl: string, database: string): string {
  return Object.assign(new URL(serverUrl), { pathname: `/${database}` }).href;
}

async function spawnWorker(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [cli, 'worker', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout }))
      if (line === 'sealpost worker ready') return true;
    return false;
  })();
  if (!(await Promise.race([ready, exited.then(() => false)]))) throw new Error(`the worker did not start:\n${log}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    process: child,
    log: () => log,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, {
      env,
      maxBuffer: 50_000_000,
      // One that hangs fails its test, and does not outlive it.
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** The rows of a delivery's ledger, in memory. */
export async function ledgerOf(delivery: Delivery, filter: LedgerFilter = {}): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  for await (const row of delivery.messages(filter)) rows.push(row);
  return rows;
}

/** Waits until what `look` sees is what is wanted; the test's own time limit ends it. */
export async function eventually<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (wanted(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until a delivery stands where it is wanted. @returns how `show` tells it then */
export function inPhase(delivery: Delivery, wanted: Phase): Promise<DeliveryDescription> {
  return eventually(
    () => delivery.show(),
    ({ phase }) => phase === wanted,
  );
}
