import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { DataFolder } from './data-folder.js';
import { logTail, startDetached, type DetachedProcess, type UnixUser } from './detached-process.js';
import { keepRunning, type KeptRunning } from './keep-running.js';
import { keptPort } from './kept-port.js';
import { installPostgres, type PostgresBinaries } from './postgres-binaries.js';
import { closedFolder, postgresUser } from './postgres-user.js';
import { identifyIfAlive, isErrno, processCommand } from './process-identity.js';
import { endProcess } from './run-file.js';
import { untilReady } from './until-ready.js';
import { isUnfinished, syncPath, unfinishedName } from './whole-file.js';

/** Postgres with its data in the data folder, for this machine alone. */
export interface PostgresServer extends KeptRunning {
  /** The database `sealpost` by the role of worker, client and web, with its password. It has no rights of its own. */
  readonly databaseUrl: string;
  /** The same by its owner, for migrations alone. */
  readonly migrateUrl: string;
}

export interface PostgresServerOptions {
  folder: DataFolder;
  report: (text: string) => void;
  signal: AbortSignal;
  /** Whom Postgres runs as; undefined for the user of this process. */
  user?: UnixUser | undefined;
  preferredPort?: number;
}

const owner = 'sealpost';
const application = 'sealpost_application';
const database = 'sealpost';

/**
 * Makes the database cluster where there is none, starts it on 127.0.0.1, and starts it again when it ends by itself.
 *
 * @throws Error when its user cannot reach the data folder, when the data is of another major version, and when it does
 *   not get ready
 */
export async function startPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const { folder, report } = options;
  const user = options.user ?? clusterOwner(folder) ?? postgresUser();
  if (user) demandWayTo(folder.path, user);
  const binaries = installPostgres(folder.path);
  if (!existsSync(folder.postgres)) {
    report('making the database');
    await makeCluster(binaries, folder, user);
  }
  demandMajor(binaries, folder);
  const password = readFileSync(join(folder.postgres, 'password'), 'utf8');
  const port = await keptPort(folder, 'postgres', options.preferredPort ?? 5433);
  const kept = await keepRunning({
    start: (signal) => startOnce({ ...options, user }, binaries, { port, password }, signal),
    report,
    signal: options.signal,
  });
  const urlOf = (role: string, secret: string) => `postgresql://${role}:${secret}@127.0.0.1:${port}/${database}`;
  return {
    databaseUrl: urlOf(application, applicationPassword(password)),
    migrateUrl: urlOf(owner, password),
    stop: () => kept.stop(),
  };
}

/** Follows from the owner's, which does not follow from it: there is one secret to keep, in old data folders too. */
function applicationPassword(ofOwner: string): string {
  return createHash('sha256').update(`${application}:${ofOwner}`).digest('hex');
}

// Whoever made the data goes on with it, even when root would choose another user today.
function clusterOwner(folder: DataFolder): UnixUser | undefined {
  if (process.getuid?.() !== 0 || !existsSync(folder.postgres)) return undefined;
  const { uid, gid } = statSync(folder.postgres);
  return uid === 0 ? undefined : { uid, gid };
}

function demandWayTo(path: string, user: UnixUser): void {
  const closed = closedFolder(path, user);
  if (closed === undefined) return;
  throw new Error(
    `as root, Postgres runs as another user (uid ${user.uid}), who cannot pass through ${closed} to the data folder ${path}. Name a folder that everybody can pass to in SEALPOST_HOME (such as /var/lib/sealpost), let others through (chmod o+x ${closed}), or start Sealpost as an ordinary user`,
  );
}

function demandMajor(binaries: PostgresBinaries, folder: DataFolder): void {
  const major = readFileSync(join(folder.postgres, 'data', 'PG_VERSION'), 'utf8').trim();
  if (major === binaries.major) return;
  throw new Error(
    `${folder.postgres} was made by Postgres ${major}, and this is Postgres ${binaries.major}. Move its content with that version's pg_dump, or use the Sealpost version that made it`,
  );
}

/** Cluster and password appear together, by one rename: killed before it, the next start makes both anew. */
async function makeCluster(binaries: PostgresBinaries, folder: DataFolder, user: UnixUser | undefined): Promise<void> {
  for (const name of readdirSync(folder.path)) {
    if (isUnfinished(name) && name.startsWith('postgres.'))
      rmSync(join(folder.path, name), { recursive: true, maxRetries: 3 });
  }
  const cluster = unfinishedName(folder.postgres);
  const passwordFile = join(cluster, 'password');
  mkdirSync(cluster, { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  syncPath(passwordFile);
  if (user) for (const path of [passwordFile, cluster]) chownSync(path, user.uid, user.gid);
  const settings = ['--auth=scram-sha-256', '--encoding=UTF8', '--data-checksums', '--no-instructions'];
  // The same order and case rules on every machine, whatever locales it has.
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await promisify(execFile)(
      join(binaries.bin, 'initdb'),
      [`--pgdata=${join(cluster, 'data')}`, `--username=${owner}`, `--pwfile=${passwordFile}`, ...settings, ...locale],
      { cwd: '/', env: postgresEnv(), ...user },
    );
  } catch (error) {
    rmSync(cluster, { recursive: true, force: true });
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`initdb could not make the database in ${folder.path}: ${said || String(error)}`, { cause: error });
  }
  syncPath(cluster);
  renameSync(cluster, folder.postgres);
  syncPath(folder.path);
}

async function startOnce(
  options: PostgresServerOptions,
  binaries: PostgresBinaries,
  { port, password }: { port: number; password: string },
  signal: AbortSignal,
): Promise<DetachedProcess> {
  const { folder, user } = options;
  const data = join(folder.postgres, 'data');
  for (let attempt = 1; ; attempt++) {
    await settlePidFile(data);
    const server = startDetached({
      part: 'postgres',
      folder,
      logFile: folder.postgresLog,
      user,
      env: postgresEnv(),
      command: [
        join(binaries.bin, 'postgres'),
        '-D',
        data,
        '-p',
        String(port),
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
    });
    try {
      // After a crash, recovery reads what was written since the last checkpoint: minutes at worst.
      await untilReady(server, () => ensureDatabase(port, password), { signal, limitMs: 600_000 });
      return server;
    } catch (error) {
      // The children of a postmaster that was killed hold its memory for some moments.
      const held = logTail(folder.postgresLog, 3).includes('pre-existing shared memory block');
      if (!held || attempt === 20) throw error;
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

const settings = [
  'listen_addresses=127.0.0.1',
  // Other users of the machine have nothing to connect to but the port, which demands the password.
  'unix_socket_directories=',
  'timezone=UTC',
  'log_timezone=UTC',
];

// The caller's PG* variables speak of other servers.
function postgresEnv(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
}

/**
 * Postgres follows a dead owner of its pid file by itself, and refuses a living one: after a reboot, that may be any
 * process. It takes a zombie for alive, too, and a container may have nobody who buries a killed server that has lost its
 * parent. Another Postgres on this data is ended; of every other owner the file is rid.
 */
async function settlePidFile(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = pidIn(file);
  if (pid === undefined) return;
  const owner = pid > 0 ? identifyIfAlive(pid) : undefined;
  if (owner && processCommand(pid).includes(data)) await endProcess('postgres', owner);
  const left = pidIn(file);
  // Postgres refuses an empty one, too: it was killed while it wrote.
  if (left !== undefined && !(left > 0)) rmSync(file);
  // The rest of the file stays: by it Postgres sees whether children of the dead one still hold its memory.
  else if (left !== undefined) writeFileSync(file, readFileSync(file, 'utf8').replace(/^\s*\d+/, String(nobody)));
}

/** No system gives so high a pid. */
const nobody = 2 ** 31 - 1;

/** @returns undefined when there is no such file */
function pidIn(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** @returns whether the server accepts connections and has database and roles; killed in between, the next start makes them */
async function ensureDatabase(port: number, password: string): Promise<boolean> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: owner,
    password,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 5_000,
  });
  // Told twice: the query that fails says so too.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [application]);
    if (known.rowCount === 0) {
      await client.query(`CREATE ROLE ${application} LOGIN PASSWORD '${applicationPassword(password)}'`);
    }
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
