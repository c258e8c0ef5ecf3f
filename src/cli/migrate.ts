import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { resolveEnvironment } from './environment.js';
import { CliError } from './failures.js';

export function registerMigrate(program: Command, cli: Cli): void {
  addCommand(program, 'migrate', 'bring the database at DATABASE_URL up to date', [
    'DATABASE_URL=postgres://sealpost@db.example/sealpost sealpost migrate',
  ]).action((options: CommonOptions) => migrate(cli, options));
}

async function migrate({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress } = await resolveEnvironment(env);
  if (!databaseUrl) throw new CliError('NO_STACK', 'No database is named and no local stack runs: set DATABASE_URL.');
  const { prepareServers } = await import('./prepare-servers.js');
  const { migrations } = await prepareServers({ databaseUrl, ...(temporalAddress ? { temporalAddress } : {}) });
  if (options.json) return terminal.json({ migrations });
  if (migrations.length === 0) terminal.print('The database is up to date.');
  else terminal.print(...migrations.map((name) => `applied ${name}`));
}
