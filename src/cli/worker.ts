import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addCommand, type Cli } from './command.js';
import { configFile, configHelp, mxRulesFile } from './config-option.js';
import { namedDatabase, resolveEnvironment } from './environment.js';
import { CliError } from './failures.js';
import { countOption } from './option-values.js';
import { stopSignals } from './stop-signals.js';

interface Options {
  processes?: number;
  archive?: string;
  config?: string;
  mxRules?: string;
}

/** Absolute paths. */
interface WorkerFiles {
  archive?: string;
  config?: string;
  /** Or `shipped`. */
  mxRules?: string;
}

export function registerWorker(program: Command, cli: Cli): void {
  addCommand(program, 'worker', 'run a worker: it does the steps of deliveries and sends', [
    'DATABASE_URL=postgres://… TEMPORAL_ADDRESS=temporal.example:7233 SMTP_URL=smtps://user:password@relay.example sealpost worker',
    'sealpost worker --processes 4',
  ])
    .option(
      '--processes <count>',
      'so many workers, to use several cores; each opens as many connections as SMTP_URL says',
      countOption,
    )
    .option(
      '--archive <folder>',
      'keep each message as it was sent, a file each, in this folder (or: SEALPOST_ARCHIVE)',
    )
    .option('--config <file>', configHelp)
    .option(
      '--mx-rules <file>',
      'how fast mail may leave by where it goes, of all workers together: a YAML or JSON file, or "shipped" (or: SEALPOST_MX_RULES)',
    )
    .addHelpText(
      'after',
      '\nRelays: SMTP_URL is the relay "default", SMTP_URL_BULK_EU the relay "bulk-eu"; mx://?name=mail.shop.example in place of a URL sends straight to recipients’ mail hosts (docs/relays.md). SEALPOST_DNS=192.0.2.53 names other name servers than the machine’s. DKIM keys: see "sealpost dkim --help". Requests for decisions come from SEALPOST_NOTICE_FROM ("Sealpost <sealpost@shop.example>"), over the delivery’s relay or SEALPOST_NOTICE_RELAY, with a link under SEALPOST_CONSOLE_URL. Logs are JSON lines on standard error.',
    )
    .action(async ({ processes = 1, archive: named, config: namedConfig, mxRules: namedRules }: Options) => {
      const archive = await usableArchive(named || cli.env['SEALPOST_ARCHIVE']);
      const config = configFile(cli.env, namedConfig);
      const mxRules = mxRulesFile(cli.env, namedRules);
      const files = {
        ...(archive !== undefined && { archive }),
        ...(config !== undefined && { config }),
        ...(mxRules !== undefined && { mxRules }),
      };
      await untilStopped(cli, (stop) =>
        processes === 1 ? work(cli, files, stop) : workTogether(cli, processes, files, stop),
      );
    });
}

/** @throws CliError `USAGE` for a folder that cannot be made or written to */
async function usableArchive(named: string | undefined): Promise<string | undefined> {
  if (!named) return undefined;
  const path = resolve(named);
  const { MessageArchive } = await import('../archive/message-archive.js');
  try {
    await new MessageArchive(path).check();
  } catch (error) {
    const { folderErrorOf } = await import('../local/folder-error.js');
    const { cause = error } = error as Error;
    const known = folderErrorOf({ what: 'archive', path, variable: '--archive' }, cause);
    throw known ? new CliError('USAGE', known.message, { cause }) : error;
  }
  return path;
}

async function workTogether(
  { terminal }: Cli,
  processes: number,
  { archive, config, mxRules }: WorkerFiles,
  stop: AbortSignal,
): Promise<void> {
  const { startWorkerProcesses } = await import('./worker-processes.js');
  const { workerReadyLine } = await import('../local/worker-process.js');
  try {
    const workers = await startWorkerProcesses({
      count: processes,
      env: {
        ...(archive !== undefined && { SEALPOST_ARCHIVE: archive }),
        ...(config !== undefined && { SEALPOST_CONFIG: config }),
        ...(mxRules !== undefined && { SEALPOST_MX_RULES: mxRules }),
      },
      signal: stop,
      report: (text) => terminal.warn(text),
    });
    terminal.print(workerReadyLine);
    if (!stop.aborted) await once(stop, 'abort');
    await workers.stop();
  } catch (error) {
    if (!stop.aborted) throw new CliError('STACK_FAILED', error instanceof Error ? error.message : String(error));
  }
}

/** A kill at any moment leaves no more in doubt than what open connections were handing over. */
async function work({ env, terminal }: Cli, { mxRules, ...files }: WorkerFiles, stop: AbortSignal): Promise<void> {
  const resolved = await resolveEnvironment(env);
  const databaseUrl = namedDatabase(resolved);
  const [{ runWorker }, { temporalConfig }, { workerReadyLine }] = await Promise.all([
    import('../../worker/main.js'),
    import('../client/connection.js'),
    import('../local/worker-process.js'),
  ]);
  await runWorker({
    ...(mxRules !== undefined && { mxRules: await (await import('../client/mx-rules-file.js')).loadMxRules(mxRules) }),
    temporal: temporalConfig({ env: resolved }),
    databaseUrl,
    env: resolved,
    ...files,
    stop,
    onReady: () => terminal.print(workerReadyLine),
  });
}

/** Runs work that is told to stop by a signal, or by the end of whoever started this process. */
async function untilStopped({ env, terminal }: Cli, run: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const stop = stopSignals(() => terminal.warn('Still finishing what is under way.'));
  const lifeline = env['SEALPOST_LIFELINE'] === 'stdin' ? holdLifeline(() => stop.now()) : undefined;
  try {
    await run(stop.signal);
  } finally {
    stop.release();
    lifeline?.release();
  }
}

/** Whoever started this worker holds its stdin open; it ends with them, at `kill -9` too. */
function holdLifeline(stop: () => void): { release(): void } {
  const { stdin } = process;
  stdin.once('end', stop).once('close', stop).on('error', stop);
  stdin.resume();
  // Read on, it would keep a worker that has finished from ending.
  return { release: () => stdin.destroy() };
}
