import type { Command, CommandOptions } from 'commander';
import type { Delivery, Sealpost } from '../client/index.js';
import { keysFolder, resolveEnvironment, type Env } from './environment.js';
import { operatorOf } from './operator.js';
import { knownPassphrase } from './passphrase.js';
import type { Terminal } from './terminal.js';

/** What a command works with. */
export interface Cli {
  env: Env;
  terminal: Terminal;
}

/** Options that many commands have. */
export interface CommonOptions {
  json?: boolean;
  operator?: string;
  comment?: string;
}

/** Adds a command with what all of them have. */
export function addCommand(
  parent: Command,
  usage: string,
  summary: string,
  examples: readonly string[],
  options: CommandOptions = {},
): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n');
  return parent
    .command(usage, options)
    .description(summary)
    .option('--json', 'results and errors as JSON')
    .addHelpText('after', `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${lines}`);
}

/** Adds `--operator`, of commands that are somebody's act. */
export function byOperator(command: Command): Command {
  return command.option('--operator <id>', 'who acts (default: SEALPOST_OPERATOR, else the name of the user)');
}

/** Runs work over the client and closes it. The client is loaded here, for help and usage errors must come at once. */
export async function withSealpost<T>(cli: Cli, work: (sealpost: Sealpost) => Promise<T>): Promise<T> {
  const { Sealpost: Client } = await import('../client/index.js');
  const env = { ...(await resolveEnvironment(cli.env)), SEALPOST_KEYS: keysFolder(cli.env) };
  const sealpost = Client.connect({ env, passphrase: () => knownPassphrase(cli) });
  try {
    return await work(sealpost);
  } finally {
    await sealpost.close();
  }
}

/** The same for one delivery. */
export async function withDelivery<T>(cli: Cli, id: string, work: (delivery: Delivery) => Promise<T>): Promise<T> {
  return await withSealpost(cli, (sealpost) => work(sealpost.delivery(id)));
}

/** Who gives a command, and why, from its options. @throws CliError for what is no operator id */
export async function by(cli: Cli, options: CommonOptions): Promise<{ operator: string; comment?: string }> {
  const { comment } = options;
  return { operator: await operatorOf(options.operator, cli.env), ...(comment === undefined ? {} : { comment }) };
}
