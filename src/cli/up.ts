import type { Command } from 'commander';
import { once } from 'node:events';
import type { DataFolder } from '../local/data-folder.js';
import type { Stack, StackEvent } from '../local/stack.js';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { firstLinkLines } from './console.js';
import { maskPassword } from './environment.js';
import { startLocalStack } from './local-stack.js';
import { stopSignals } from './stop-signals.js';
import { fieldLines } from '../wording/terminal-text.js';

export function registerUp(program: Command, cli: Cli): void {
  addCommand(program, 'up', 'run a stack of your own on this machine until Ctrl-C', [
    'sealpost up',
    'SMTP_URL=smtps://user:password@relay.example sealpost up       with a relay in place of the local inbox',
  ])
    .addHelpText(
      'after',
      '\nParts that TEMPORAL_ADDRESS, DATABASE_URL and SMTP_URL name are used and not started. Data is kept in SEALPOST_HOME.',
    )
    .action((options: CommonOptions) => up(cli, options));
}

/** Killed, it leaves its servers running; the next `up` ends them and starts from the data they kept. */
async function up({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const stop = stopSignals(() => terminal.warn('Still stopping: what is under way is seen through.'));
  const tell = (event: StackEvent): void => {
    if (options.json) terminal.json({ event: 'progress', ...event });
    else terminal.print(`${event.part}: ${event.text}`);
  };
  if (!options.json) terminal.print('Starting the stack: Temporal, Postgres, an inbox, a worker and the console.');
  try {
    const { stack, folder } = await startLocalStack(env, tell, stop.signal);
    if (options.json) terminal.json({ event: 'ready', ...endpoints(stack, folder) });
    else tellReady(terminal, stack, folder);
    if (!stop.signal.aborted) await aborted(stop.signal);
    if (!options.json) terminal.print('', 'Stopping.');
    await stack.stop();
    if (options.json) terminal.json({ event: 'stopped' });
    else terminal.print(`Stopped. Everything is kept in ${folder.path}; "sealpost up" goes on from there.`);
  } finally {
    stop.release();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  // A listener alone does not keep the process alive where every part was given and only the worker's pipe is left.
  const alive = setInterval(() => undefined, 60_000);
  await once(signal, 'abort');
  clearInterval(alive);
}

function endpoints(stack: Stack, folder: DataFolder): Record<string, string> {
  return {
    temporalAddress: stack.temporalAddress,
    ...(stack.temporalUiUrl === undefined ? {} : { temporalUiUrl: stack.temporalUiUrl }),
    databaseUrl: maskPassword(stack.databaseUrl),
    smtpUrl: maskPassword(stack.smtpUrl),
    ...(stack.webUrl === undefined ? {} : { webUrl: stack.webUrl }),
    ...(stack.consoleUrl === undefined ? {} : { consoleUrl: stack.consoleUrl }),
    ...(stack.firstLink === undefined ? {} : { firstLink: stack.firstLink }),
    ...(stack.inboxFolder === undefined ? {} : { inboxFolder: stack.inboxFolder }),
    dataFolder: folder.path,
  };
}

function tellReady(terminal: Cli['terminal'], stack: Stack, folder: DataFolder): void {
  const inbox = stack.inboxFolder;
  terminal.heading('The stack is ready');
  const fields: [string, string][] = [
    ['Temporal', stack.temporalAddress],
    ['Temporal Web UI', stack.temporalUiUrl ?? 'where that server has it'],
    ['Database', `${maskPassword(stack.databaseUrl)}   (with its password: sealpost env)`],
    [inbox === undefined ? 'Relay' : 'SMTP (local inbox)', maskPassword(stack.smtpUrl)],
    ...(inbox === undefined ? [] : [['Inbox folder', inbox] as [string, string]]),
    ...(stack.webUrl === undefined ? [] : [['Public pages', stack.webUrl] as [string, string]]),
    ...(stack.consoleUrl === undefined ? [] : [['Console', stack.consoleUrl] as [string, string]]),
    ['Data folder', folder.path],
    ["Worker's log", folder.workerLog],
  ];
  terminal.print(...fieldLines(fields).map((line) => `  ${line}`));
  if (stack.firstLink !== undefined) terminal.print('', ...firstLinkLines(stack.firstLink));
  terminal.heading('In other terminals');
  terminal.print(
    ...fieldLines([
      ['sealpost start examples/winter-news', 'start a delivery'],
      ['sealpost list', 'see all of them'],
      ['sealpost inbox', 'what has arrived here'],
      ['eval "$(sealpost env)"', 'let code of your own reach the stack'],
    ]).map((line) => `  ${line}`),
    '',
    'Ctrl-C stops it.',
  );
}
