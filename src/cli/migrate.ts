import type { Command } from 'commander';
import { addCommand, type Cli, type CommonOptions } from './command.js';
import { namedDatabase, resolveEnvironment } from './environment.js';

export function registerMigrate(program: Command, cli: Cli): void {
  addCommand(program, 'migrate', 'bring database and Temporal namespace up to date: tables, search attributes', [
    'DATABASE_URL=postgres://sealpost@db.example/sealpost sealpost migrate',
    'SEALPOST_MIGRATE_URL=postgres://owner@db.example/sealpost DATABASE_URL=postgres://worker@db.example/sealpost sealpost migrate',
  ])
    .addHelpText(
      'after',
      '\nWith SEALPOST_MIGRATE_URL its role owns the tables, and that of DATABASE_URL gets the rights that worker, client and web need: it can add to the journal, and neither change nor delete what is in it.',
    )
    .action((options: CommonOptions) => migrate(cli, options));
}

async function migrate({ env, terminal }: Cli, options: CommonOptions): Promise<void> {
  const resolved = await resolveEnvironment(env);
  const databaseUrl = namedDatabase(resolved);
  const { TEMPORAL_ADDRESS: temporalAddress, SEALPOST_MIGRATE_URL: migrateUrl } = resolved;
  const { prepareServers } = await import('./prepare-servers.js');
  const { migrations, searchAttributes } = await prepareServers({
    databaseUrl,
    ...(migrateUrl && { migrateUrl }),
    ...(temporalAddress ? { temporalAddress } : {}),
  });
  if (options.json) return terminal.json({ migrations, searchAttributes });
  const done = [
    ...migrations.map((name) => `applied ${name}`),
    ...searchAttributes.map((name) => `registered search attribute ${name}`),
  ];
  terminal.print(...(done.length === 0 ? ['All is up to date.'] : done));
}
