import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { startDetached, type DetachedProcess } from './detached-process.js';
import type { DataFolder } from './data-folder.js';
import { keepRunning, type KeptRunning } from './keep-running.js';
import { keptPort } from './kept-port.js';
import { untilReady } from './until-ready.js';

/** A Temporal dev server that keeps its state in the data folder. */
export interface TemporalServer extends KeptRunning {
  /** Host and port. */
  readonly address: string;
  readonly uiUrl: string;
  /** Path of Temporal's own command, which runs the server. */
  readonly command: string;
}

export interface TemporalServerOptions {
  binary: string;
  folder: DataFolder;
  namespace: string;
  report: (text: string) => void;
  signal: AbortSignal;
}

// The dev server forgets closed workflows after a day unless told otherwise; an operator looks back further than that.
const retention = '90d';

/**
 * Starts the server on 127.0.0.1, on the ports that it had before, else its usual ones, where they are free, and starts it again when it ends by itself.
 *
 * @throws Error with the end of its log when it does not get ready within a minute
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { folder } = options;
  const ports = { grpc: await keptPort(folder, 'temporal', 7233), ui: await keptPort(folder, 'temporalUi', 8233) };
  const address = `127.0.0.1:${ports.grpc}`;
  const kept = await keepRunning({
    start: (signal) => startOnce(options, ports, signal),
    report: options.report,
    signal: options.signal,
  });
  return { address, uiUrl: `http://127.0.0.1:${ports.ui}`, command: options.binary, stop: () => kept.stop() };
}

async function startOnce(
  options: TemporalServerOptions,
  ports: { grpc: number; ui: number },
  signal: AbortSignal,
): Promise<DetachedProcess> {
  const server = startDetached({
    part: 'temporal',
    folder: options.folder,
    logFile: options.folder.temporalLog,
    // Nothing of the caller's environment: TEMPORAL_* there speaks of other servers. HOME is asked for its own files.
    env: { PATH: process.env['PATH'] ?? '', HOME: options.folder.path },
    command: [options.binary, 'server', 'start-dev', ...flags(options, ports)],
  });
  await untilReady(server, () => keepHistories(`127.0.0.1:${ports.grpc}`, options.namespace), {
    signal,
    limitMs: 60_000,
  });
  return server;
}

function flags(options: TemporalServerOptions, ports: { grpc: number; ui: number }): string[] {
  return Object.entries({
    ip: '127.0.0.1',
    port: String(ports.grpc),
    'ui-port': String(ports.ui),
    namespace: options.namespace,
    'db-filename': options.folder.temporalDatabase,
    'log-level': 'error',
    // As durable as SQLite's own default, a rollback journal, with one call of fsync a transaction in place of four.
    'sqlite-pragma': 'journal_mode=WAL',
    // Without these the dev server ignores priorities and fairness keys.
    'dynamic-config-value': ['matching.useNewMatcher=true', 'matching.enableFairness=true'],
  }).flatMap(([name, value]) => [value].flat().flatMap((one) => [`--${name}`, one]));
}

/** @returns whether the server answered and its namespace has the retention */
async function keepHistories(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    const { workflowService } = connection;
    const config = { workflowExecutionRetentionTtl: msToTs(retention) };
    await connection.withDeadline(Date.now() + 2_000, () => workflowService.updateNamespace({ namespace, config }));
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
