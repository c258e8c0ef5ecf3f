import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { keysFolder, runningStack } from './environment.js';
import { CliError } from './failures.js';

export function registerEnv(program: Command, cli: Cli): void {
  addCommand(program, 'env', 'where the running local stack is, for a shell', [
    'eval "$(sealpost env)"       then run your own code against the stack',
    'eval "$(sealpost env)"; "$TEMPORAL_CLI" workflow list',
  ]).action((options: CommonOptions) => printEnv(cli, options));
}

function printEnv({ env, terminal }: Cli, options: CommonOptions): void {
  const stack = runningStack(env);
  if (!stack)
    throw new CliError('NO_STACK', 'No local stack runs here: start one with "sealpost up" in another terminal.');
  const { temporalAddress, databaseUrl, temporalCommand, webUrl } = stack;
  const variables = {
    TEMPORAL_ADDRESS: temporalAddress,
    DATABASE_URL: databaseUrl,
    SEALPOST_KEYS: keysFolder(env),
    ...(webUrl !== undefined && { SEALPOST_WEB_URL: webUrl }),
    ...(temporalCommand !== undefined && { TEMPORAL_CLI: temporalCommand }),
  };
  if (options.json) return terminal.json(variables);
  for (const [name, value] of Object.entries(variables)) terminal.print(`export ${name}=${shellQuoted(value)}`);
}

/** A word that a POSIX shell takes as it is. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
