import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { LockHeldError, takeLock, type ExclusiveLock } from './exclusive-lock.js';
import { folderErrorOf, type FolderError } from './folder-error.js';

/** Where everything of one embedded stack is kept. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  readonly inbox: string;
  readonly stackFile: string;
  readonly runFile: string;
  /** Which port each part had last. */
  readonly portsFile: string;
  readonly lock: string;
  readonly workerLog: string;
  readonly temporalLog: string;
  readonly temporalDatabase: string;
  readonly postgresLog: string;
  /** The database cluster and its password. */
  readonly postgres: string;
  /** The key that signs what auditors get; see `obtainSystemKey`. */
  readonly systemKey: string;
}

const rootCache = '/var/cache/sealpost';

type Env = Readonly<Record<string, string | undefined>>;

/** Another stack runs in the same data folder. */
export class StackRunningError extends Error {
  override readonly name = 'StackRunningError';

  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `a stack runs in ${folder} already (process ${pid}). Use that one, stop it first, or name another data folder in SEALPOST_HOME`,
    );
  }
}

/**
 * `SEALPOST_HOME`; else as root `/var/lib/sealpost`; else `sealpost` in `XDG_DATA_HOME` or `~/.local/share`. Makes nothing.
 */
export function dataFolder(env: Env, uid: number | undefined = process.getuid?.()): DataFolder {
  const path = chooseFolder(env, uid, {
    own: 'SEALPOST_HOME',
    root: '/var/lib/sealpost',
    xdg: 'XDG_DATA_HOME',
    home: '.local/share',
  });
  const inFolder = (name: string) => join(path, name);
  return {
    path,
    inbox: inFolder('inbox'),
    stackFile: inFolder('stack.json'),
    runFile: inFolder('run.json'),
    portsFile: inFolder('ports.json'),
    lock: inFolder('lock'),
    workerLog: inFolder('worker.log'),
    temporalLog: inFolder('temporal.log'),
    temporalDatabase: inFolder('temporal.sqlite'),
    postgresLog: inFolder('postgres.log'),
    postgres: inFolder('postgres'),
    systemKey: inFolder('system-key.pem'),
  };
}

/**
 * `SEALPOST_CACHE`; else as root `/var/cache/sealpost`; else `sealpost` in `XDG_CACHE_HOME` or `~/.cache`. Makes nothing.
 *
 * @returns an absolute path
 */
export function cacheFolder(env: Env, uid: number | undefined = process.getuid?.()): string {
  return chooseFolder(env, uid, {
    own: 'SEALPOST_CACHE',
    root: rootCache,
    xdg: 'XDG_CACHE_HOME',
    home: '.cache',
  });
}

/**
 * Where Temporal's server may lie beside {@link cacheFolder}: an ordinary user need not fetch again what root has
 * fetched. Nothing but root can write there.
 */
export function sharedCacheFolder(env: Env, uid: number | undefined = process.getuid?.()): string | undefined {
  return uid === 0 || env['SEALPOST_CACHE'] ? undefined : rootCache;
}

/**
 * Makes the folder and takes it for this process.
 *
 * @throws StackRunningError when a living process has it; FolderError when this user cannot work there
 */
export function lockDataFolder(folder: DataFolder): ExclusiveLock {
  try {
    // As root, Postgres runs as another user, who passes through but lists and reads nothing here. A folder that was
    // there before is somebody's, and keeps its mode.
    const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
    if (mkdirSync(folder.path, { recursive: true, mode }) !== undefined) chmodSync(folder.path, mode);
    return takeLock(folder.lock);
  } catch (error) {
    if (error instanceof LockHeldError) throw new StackRunningError(folder.path, error.holder.pid);
    throw dataFolderError(folder, error) ?? error;
  }
}

/** @returns what a person must know of an error that came from working with the data folder */
export function dataFolderError({ path }: DataFolder, error: unknown): FolderError | undefined {
  return folderErrorOf({ what: 'data folder', path, variable: 'SEALPOST_HOME' }, error);
}

function chooseFolder(
  env: Env,
  uid: number | undefined,
  names: { own: string; root: string; xdg: string; home: string },
): string {
  const own = env[names.own];
  if (own) return resolve(own);
  if (uid === 0) return names.root;
  const xdg = env[names.xdg];
  // The XDG specification: a relative path there is to be ignored.
  if (xdg?.startsWith('/')) return join(xdg, 'sealpost');
  return join(env['HOME'] ?? homedir(), names.home, 'sealpost');
}
