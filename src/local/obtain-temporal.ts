import { execFile } from 'node:child_process';
import { accessSync, constants, chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LockHeldError, takeLock, type ExclusiveLock } from './exclusive-lock.js';
import { builtVersion, goBuild } from './temporal-build.js';
import { sdkDownload, type FetchTemporal } from './temporal-download.js';
import { isUnfinished, syncPath, unfinishedName } from './whole-file.js';

/** The version that is downloaded. Before 1.7 its database could fail for good: see `temporal-build.ts`. */
const downloadedVersion = '1.8.2';

/** Priorities and fairness came with it. */
const oldestServer = [1, 28] as const;

type Env = Readonly<Record<string, string | undefined>>;

export interface ObtainTemporalOptions {
  env: Env;
  /** Where a downloaded or built program is kept. */
  cacheFolder: string;
  /** Another one that is only read. */
  sharedCacheFolder?: string | undefined;
  report: (text: string) => void;
  signal: AbortSignal;
  /** The SDK's download, unless a test stands in for it. */
  download?: FetchTemporal;
}

/** Temporal's CLI with its dev server, and which way led to it. */
export interface TemporalBinary {
  path: string;
  way: 'path' | 'cache' | 'download' | 'build';
}

/** None of the ways led to a Temporal server. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError';

  constructor(reasons: Record<'path' | 'cache' | 'download' | 'build', string>) {
    super(
      [
        'there is no Temporal server, and no way to get one. Any one of these will do:',
        "1. an address: set TEMPORAL_ADDRESS, or address in the profile of Temporal's own configuration file;",
        `2. the command temporal on the PATH: ${reasons.path};`,
        `3. a copy in the cache: ${reasons.cache};`,
        `4. the SDK's download: ${reasons.download};`,
        `5. a build from the Go module proxy: ${reasons.build}.`,
      ].join('\n'),
    );
  }
}

/**
 * Finds Temporal's CLI, or brings it into the cache, where it is kept. Any number of processes may do this at a time; one
 * of them works, the others wait for it.
 *
 * @throws TemporalUnavailableError when no way works; its message says why, way by way
 */
export async function obtainTemporal(options: ObtainTemporalOptions): Promise<TemporalBinary> {
  const onPath = findCommand('temporal', options.env);
  const pathProblem = onPath === undefined ? 'it is not there' : await problemWith(onPath);
  if (onPath !== undefined && pathProblem === undefined) return { path: onPath, way: 'path' };

  const folders = [options.cacheFolder, options.sharedCacheFolder ?? []].flat();
  const inCache = await firstOfUse(folders);
  if (typeof inCache === 'string') return { path: inCache, way: 'cache' };

  // Whatever the umask: other users may have use of root's.
  if (mkdirSync(options.cacheFolder, { recursive: true }) !== undefined) chmodSync(options.cacheFolder, 0o755);
  const lock = await waitForLock(options);
  try {
    // Whoever held the lock before may have brought it.
    const cached = await firstOfUse([options.cacheFolder]);
    if (typeof cached === 'string') return { path: cached, way: 'cache' };
    const tried = await bring(options);
    if ('way' in tried) return tried;
    throw new TemporalUnavailableError({ path: pathProblem ?? '', cache: cached.problem, ...tried });
  } finally {
    lock.release();
  }
}

type Way = 'download' | 'build';

const cachedNames: Record<Way, string> = {
  download: `temporal-cli-${downloadedVersion}`,
  build: `temporal-cli-${builtVersion}`,
};

/** @returns the program, or why none of what the folders hold is of use */
async function firstOfUse(folders: readonly string[]): Promise<string | { problem: string }> {
  const problems: string[] = [];
  for (const path of folders.flatMap((folder) => Object.values(cachedNames).map((name) => join(folder, name)))) {
    const problem = await problemWith(path);
    if (problem === undefined) return path;
    problems.push(problem);
  }
  return { problem: problems.join(', ') };
}

async function bring(options: ObtainTemporalOptions): Promise<TemporalBinary | Record<Way, string>> {
  clearUnfinished(options.cacheFolder);
  const go = findCommand('go', options.env);
  const ways: [Way, FetchTemporal | undefined][] = [
    ['download', options.download ?? sdkDownload(`v${downloadedVersion}`)],
    ['build', go === undefined ? undefined : goBuild(go, options.env)],
  ];
  const reasons = { download: '', build: 'there is no command go on the PATH' };
  for (const [way, fetch] of ways) {
    if (!fetch) continue;
    options.signal.throwIfAborted();
    options.report(
      way === 'download' ? "asking the SDK to download Temporal's server" : "building Temporal's server with go",
    );
    try {
      const path = join(options.cacheFolder, cachedNames[way]);
      await fetchInto(path, fetch, options);
      return { path, way };
    } catch (error) {
      options.signal.throwIfAborted();
      reasons[way] = error instanceof Error ? error.message : String(error);
      options.report(`that way fails: ${reasons[way]}`);
    }
  }
  return reasons;
}

/**
 * Killed before the rename, it leaves an unfinished folder, which the next start deletes; a `go` that it leaves behind ends
 * by itself and fails there.
 */
async function fetchInto(target: string, fetch: FetchTemporal, options: ObtainTemporalOptions): Promise<void> {
  const folder = unfinishedName(target);
  mkdirSync(folder, { mode: 0o755 });
  try {
    const program = await fetch(folder, options.report, options.signal);
    const problem = await problemWith(program);
    if (problem !== undefined) throw new Error(`what came is of no use: ${problem}`);
    chmodSync(program, 0o755);
    syncPath(program);
    renameSync(program, target);
    syncPath(options.cacheFolder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function clearUnfinished(cacheFolder: string): void {
  for (const name of readdirSync(cacheFolder)) {
    if (isUnfinished(name)) rmSync(join(cacheFolder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function waitForLock({ cacheFolder, report, signal }: ObtainTemporalOptions): Promise<ExclusiveLock> {
  for (let told = false; ; told = true) {
    signal.throwIfAborted();
    try {
      return takeLock(join(cacheFolder, 'lock'));
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (!told) report(`waiting for process ${error.holder.pid}, which brings Temporal's server already`);
      await sleep(200, undefined, { signal });
    }
  }
}

/** @returns why this program is of no use; undefined when it is */
async function problemWith(program: string): Promise<string | undefined> {
  if (!isProgram(program)) return `${program} is not there`;
  try {
    // The first run of a large program from a cold disk takes its time.
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 30_000 });
    const server = /\(Server (\d+)\.(\d+)/.exec(stdout);
    if (!server) return `${program} does not call itself Temporal's CLI`;
    const [major, minor] = [Number(server[1]), Number(server[2])];
    if (major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1])) return undefined;
    return `${program} has server ${major}.${minor}, and ${oldestServer.join('.')} is the oldest that will do`;
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n').slice(-1);
    return `${program} does not run (${line})`;
  }
}

function findCommand(name: string, env: Env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
