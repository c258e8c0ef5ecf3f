import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One process, for ever: the system gives a pid again, but not together with the same start time. */
export const processIdentitySchema = z.strictObject({ pid: z.int().positive(), startTime: z.string().min(1) });

export type ProcessIdentity = z.output<typeof processIdentitySchema>;

/**
 * @returns when the process started, as opaque text to compare; undefined when there is no such process, or when it is
 *   dead and only waits for its parent (a zombie holds nothing any more)
 */
export function processStartTime(pid: number): string | undefined {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** @returns undefined when there is no such process */
export function identifyIfAlive(pid: number): ProcessIdentity | undefined {
  const startTime = processStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/**
 * @throws Error when there is no such process
 */
export function identify(pid: number): ProcessIdentity {
  const identity = identifyIfAlive(pid);
  if (!identity) throw new Error(`process ${pid} has ended`);
  return identity;
}

/** @returns the command line, as far as it can be read; empty when there is no such process */
export function processCommand(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, ['command=']) ?? '';
  return readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? '';
}

export function isAlive(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startTime;
}

/**
 * Sends a signal to this very process, never to a later one under its pid.
 *
 * @returns whether it was there to get it
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    throw error;
  }
}

export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

// Bare Debian has no `ps`, so Linux is asked through /proc. The ticks count from boot: the boot's id makes them unique.
function startTimeFromProc(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // proc(5): the command's name, in brackets, may hold blanks and brackets; fields 3 (state) and 22 (start) follow it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  const [state, ...started] = ps(pid, ['stat=', 'lstart='])?.split(/\s+/) ?? [];
  return !state || state.startsWith('Z') ? undefined : started.join(' ');
}

function ps(pid: number, columns: readonly string[]): string | undefined {
  try {
    return execFileSync('ps', [...columns.flatMap((column) => ['-o', column]), '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch (error) {
    if (isErrno(error, 'ENOENT'))
      throw new Error('`ps` is needed on the PATH to tell processes apart', { cause: error });
    return undefined;
  }
}
