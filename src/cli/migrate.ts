import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { namedDatabase, resolveEnvironment } from './environment.js';

export function registerMigrate(program: Command, cli: Cli): void {
  addCommand(program, 'migrate', 'bring database and Temporal namespace up to date: tables, search attributes', [
    'DATABASE_URL=postgres://sealpost@db.example/sealpost sealpost migrate',
  ]).action((options: CommonOptions) => migrate(cli, options));
}

async function migrate({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const resolved = await resolveEnvironment(env);
  const databaseUrl = namedDatabase(resolved);
  const { TEMPORAL_ADDRESS: temporalAddress } = resolved;
  const { prepareServers } = await import('./prepare-servers.js');
  const { migrations, searchAttributes } = await prepareServers({
    databaseUrl,
    ...(temporalAddress ? { temporalAddress } : {}),
  });
  if (options.json) return terminal.json({ migrations, searchAttributes });
  const done = [
    ...migrations.map((name) => `applied ${name}`),
    ...searchAttributes.map((name) => `registered search attribute ${name}`),
  ];
  terminal.print(...(done.length === 0 ? ['All is up to date.'] : done));
}
