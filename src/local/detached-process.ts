import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { DataFolder } from './data-folder.js';
import { identify, isErrno, type ProcessIdentity } from './process-identity.js';
import { endProcess, recordProcess, type ProcessPart } from './run-file.js';

/** The user and group that a process runs as. */
export interface UnixUser {
  uid: number;
  gid: number;
}

/** What to start, and as which part of the stack. */
export interface DetachedCommand {
  part: ProcessPart;
  command: readonly string[];
  env: Record<string, string>;
  folder: DataFolder;
  logFile: string;
  user?: UnixUser | undefined;
  /** Keep a pipe to its stdin, which closes when this process dies, and read its stdout. */
  lifeline?: boolean;
}

/** A child process of the stack. */
export interface DetachedProcess {
  readonly part: ProcessPart;
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  /** Resolves, with a phrase such as `exit code 1`, when it has ended. */
  readonly exited: Promise<string>;
  /** With a lifeline only. */
  readonly stdout: Readable | null;
  stop(): Promise<void>;
}

const largestLog = 20_000_000;

// The shell waits to be let go, which happens when the pid is on record: killed before that, we leave nothing running
// (`read` fails at the end of the pipe). `exec` keeps pid and start time. What the parts write is for their user alone.
const gate = 'umask 077; read -r go <&3 || exit 1; exec "$@" 3<&-';

/**
 * Starts a process in a session of its own, so that the terminal's Ctrl-C does not reach it.
 *
 * @throws Error when the process could not be made; a command that is not there ends at once, its log says why
 */
export function startDetached(options: DetachedCommand): DetachedProcess {
  const log = openLog(options.logFile);
  const child = spawnGated(options, log);
  closeSync(log);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  if (child.pid === undefined) throw new Error(`${options.part}: cannot start a process (${options.command[0]})`);
  const identity = identify(child.pid);
  recordProcess(options.folder, options.part, identity);
  openGate(child);
  return {
    part: options.part,
    identity,
    logFile: options.logFile,
    exited,
    stdout: child.stdout,
    stop: async () => {
      await endProcess(options.part, identity);
      await exited;
    },
  };
}

/** @returns the last lines of a log, for an error that a person reads */
export function logTail(logFile: string, lines = 8): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

function spawnGated(options: DetachedCommand, log: number): ChildProcess {
  const lifeline = options.lifeline ?? false;
  return spawn('/bin/sh', ['-c', gate, 'sh', ...options.command], {
    // Folders of ours may be closed to the part's user; a working folder it cannot enter would stop it.
    cwd: '/',
    env: options.env,
    detached: true,
    stdio: [lifeline ? 'pipe' : 'ignore', lifeline ? 'pipe' : log, log, 'pipe'],
    ...options.user,
  });
}

function openGate(child: ChildProcess): void {
  const pipe = child.stdio[3];
  if (!pipe || !('end' in pipe)) throw new Error('the pipe to the new process is missing');
  // A process that died at once takes no word; its end is reported by `exited`.
  pipe.on('error', () => undefined);
  pipe.end('go\n');
  child.stdin?.on('error', () => undefined);
}

function openLog(path: string): number {
  try {
    if (statSync(path).size > largestLog) renameSync(path, `${path}.1`);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  return openSync(path, 'a', 0o600);
}
