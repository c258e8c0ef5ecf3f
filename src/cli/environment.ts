import { join } from 'node:path';
import { dataFolder } from '../local/data-folder.js';
import { readRunningStack, type RunningStack } from '../local/stack-file.js';
import { CliError } from './failures.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** The embedded stack of this user's data folder, if it runs. */
export function runningStack(env: Env): RunningStack | undefined {
  return readRunningStack(dataFolder(env));
}

/** Where operators' private keys are kept on this machine: `SEALPOST_KEYS`, else in the data folder. */
export function keysFolder(env: Env): string {
  return env['SEALPOST_KEYS'] || join(dataFolder(env).path, 'keys');
}

/**
 * The environment with what the running embedded stack gives in place of what is not named: its database, its Temporal
 * server and its relay.
 *
 * @throws CliError `USAGE` for a DATABASE_URL or SEALPOST_MIGRATE_URL that is none
 */
export async function resolveEnvironment(env: Env): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value) resolved[name] = value;
  for (const name of ['DATABASE_URL', 'SEALPOST_MIGRATE_URL']) checkDatabaseUrl(name, resolved[name]);
  const stack = runningStack(env);
  if (!stack) return resolved;
  if (resolved['DATABASE_URL'] === undefined) Object.assign(resolved, databaseOf(stack));
  resolved['SMTP_URL'] ??= stack.smtpUrl;
  if (!(await namesTemporal(resolved))) resolved['TEMPORAL_ADDRESS'] = stack.temporalAddress;
  return resolved;
}

/**
 * @param resolved - from {@link resolveEnvironment}
 * @throws CliError `NO_STACK`
 */
export function namedDatabase(resolved: Readonly<Record<string, string>>): string {
  const { DATABASE_URL: databaseUrl } = resolved;
  if (databaseUrl) return databaseUrl;
  throw new CliError('NO_STACK', 'No database is named and no local stack runs: set DATABASE_URL.');
}

/** Whether the environment, or the profile in Temporal's own configuration file, names a server. */
async function namesTemporal(env: Record<string, string>): Promise<boolean> {
  if (env['TEMPORAL_ADDRESS'] !== undefined) return true;
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  return loadClientConnectConfig({ overrideEnvVars: env }).connectionOptions.address !== undefined;
}

/** Both URLs, or neither: an owner's URL is that of one database. */
function databaseOf({ databaseUrl, migrateUrl }: RunningStack): Record<string, string> {
  return { DATABASE_URL: databaseUrl, ...(migrateUrl !== undefined && { SEALPOST_MIGRATE_URL: migrateUrl }) };
}

function checkDatabaseUrl(name: string, url: string | undefined): void {
  // The driver's own error for another URL speaks of "Invalid URL" and nothing more, or is about a file.
  if (url === undefined || (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url))) return;
  throw new CliError('USAGE', `${name} must be postgres://user:password@host:port/database.`);
}

/** A URL with its password masked, for people to read. */
export function maskPassword(text: string): string {
  if (!URL.canParse(text)) return text.replace(/\/\/.*@/, '//****@');
  const url = new URL(text);
  if (url.password) url.password = '****';
  return url.href;
}
