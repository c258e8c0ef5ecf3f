import { dataFolder } from '../local/data-folder.js';
import type { Cli } from './command.js';
import { maskPassword, resolveEnvironment, runningStack, type Env } from './environment.js';
import { startLocalStack } from './local-stack.js';
import { fieldLines } from '../wording/terminal-text.js';

/** Where the demo runs. */
export interface DemoStack {
  /** What the client is to be connected by. */
  env: Record<string, string>;
  databaseUrl: string;
  /** Absent where a relay was given. */
  inboxFolder?: string;
  /** Stops what the demo has started; nothing where the stack ran before. */
  stop(): Promise<void>;
}

/** Uses the stack that runs here, else starts what the environment does not name. */
export async function demoStack({ env, terminal }: Cli, signal: AbortSignal): Promise<DemoStack> {
  const running = runningStack(env);
  terminal.heading('The stack');
  if (running) {
    terminal.print(`Using the stack that runs here already.`);
    const resolved = await resolveEnvironment(env);
    tell(terminal, running, resolved);
    return {
      env: resolved,
      databaseUrl: resolved['DATABASE_URL'] ?? running.databaseUrl,
      ...inboxOf(running),
      stop: () => Promise.resolve(),
    };
  }
  terminal.print('Starting Temporal, Postgres, an inbox and a worker on this machine.');
  const report = ({ part, text }: { part: string; text: string }) => terminal.print(`  ${part}: ${text}`);
  const { stack } = await startLocalStack(env, report, signal);
  const used = { ...defined(env), TEMPORAL_ADDRESS: stack.temporalAddress, DATABASE_URL: stack.databaseUrl };
  tell(terminal, stack, used);
  return {
    env: used,
    databaseUrl: stack.databaseUrl,
    ...inboxOf(stack),
    stop: async () => {
      terminal.heading('Stopping the stack');
      await stack.stop();
      const { path } = dataFolder(env);
      terminal.print(`All is kept in ${path}. "sealpost up" starts the stack again and keeps it running.`);
    },
  };
}

function inboxOf({ inboxFolder }: { inboxFolder?: string | undefined }): { inboxFolder?: string } {
  return inboxFolder === undefined ? {} : { inboxFolder };
}

type Found = { temporalUiUrl?: string | undefined; inboxFolder?: string | undefined; smtpUrl: string };

function tell(terminal: Cli['terminal'], { temporalUiUrl, inboxFolder, smtpUrl }: Found, env: Env): void {
  const fields: [string, string][] = [
    [
      'Temporal',
      temporalUiUrl === undefined ? (env['TEMPORAL_ADDRESS'] ?? 'by its own configuration file') : temporalUiUrl,
    ],
    [
      'Mail goes to',
      inboxFolder === undefined ? `${maskPassword(smtpUrl)}: a real relay` : `the local inbox, ${inboxFolder}`,
    ],
  ];
  terminal.print(...fieldLines(fields).map((line) => `  ${line}`));
}

function defined(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
