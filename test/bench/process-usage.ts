import { readFileSync, readdirSync } from 'node:fs';

/** CPU times stand in the unit USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Elsewhere there is no /proc to read: CPU and memory are then not told. */
export const usageIsKnown = process.platform === 'linux';

/** What the benchmark watches: one process, with or without those that it started. */
export interface WatchedProcess {
  name: string;
  pid: number;
  children: boolean;
}

interface ProcessStat {
  pid: number;
  name: string;
  parent: number;
  /** Its own, and that of children which have ended. */
  ticks: number;
}

/**
 * @param text - of `/proc/PID/stat`, or of a thread's; the command's name may hold blanks and brackets
 */
export function parseStat(text: string): ProcessStat {
  const end = text.lastIndexOf(')');
  const [, parent, , , , , , , , , , user, system, childUser, childSystem] = text
    .slice(end + 2)
    .split(' ')
    .map(Number);
  const ticks = (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0);
  return { pid: Number.parseInt(text, 10), name: text.slice(text.indexOf('(') + 1, end), parent: parent ?? 0, ticks };
}

function allProcesses(): ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => {
    const text = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : undefined;
    return text === undefined ? [] : [parseStat(text)];
  });
}

function familyOf({ pid, children }: WatchedProcess, all: readonly ProcessStat[]): ProcessStat[] {
  const own = all.filter((one) => one.pid === pid);
  const below = children ? all.filter((one) => one.parent === pid) : [];
  return [...own, ...below.flatMap((one) => familyOf({ name: '', pid: one.pid, children }, all))];
}

/** @returns ids of the processes that one has started */
export function processesBelow(pid: number): number[] {
  return allProcesses().flatMap((one) => (one.parent === pid ? [one.pid] : []));
}

/** @returns CPU seconds that each has used since it began */
export function cpuSeconds(watched: readonly WatchedProcess[]): number[] {
  if (!usageIsKnown) return watched.map(() => 0);
  const all = allProcesses();
  return watched.map((one) => familyOf(one, all).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond);
}

/** In bytes. */
export interface Memory {
  /** What they hold now; what Postgres' processes share counts once. */
  together: number;
  /** The most that one of them has held since it began, as the kernel saw it. */
  mostOfOne: number;
}

export function memoryOf(watched: readonly WatchedProcess[]): Memory[] {
  if (!usageIsKnown) return watched.map(() => ({ together: 0, mostOfOne: 0 }));
  const all = allProcesses();
  return watched.map((one) => {
    const texts = familyOf(one, all).flatMap(({ pid }) => readIfThere(`/proc/${pid}/status`) ?? []);
    const of = (field: string) => texts.map((text) => 1_024 * kibibytes(text, field));
    const shared = Math.max(0, ...of('RssFile')) + Math.max(0, ...of('RssShmem'));
    return {
      together: shared + of('RssAnon').reduce((sum, size) => sum + size, 0),
      mostOfOne: Math.max(0, ...of('VmHWM')),
    };
  });
}

/** One thread, and the CPU seconds that it has used since it began. */
export interface Thread {
  process: number;
  id: number;
  name: string;
  cpuSeconds: number;
}

export function threadsOf(watched: WatchedProcess): Thread[] {
  if (!usageIsKnown) return [];
  return familyOf(watched, allProcesses()).flatMap(({ pid }) =>
    entriesOf(`/proc/${pid}/task`).flatMap((entry) => {
      const text = readIfThere(`/proc/${pid}/task/${entry}/stat`);
      if (text === undefined) return [];
      const { pid: id, name, ticks } = parseStat(text);
      return [{ process: pid, id, name, cpuSeconds: ticks / ticksPerSecond }];
    }),
  );
}

const kibibytes = (status: string, field: string) =>
  Number(new RegExp(String.raw`^${field}:\s+(\d+) kB`, 'm').exec(status)?.[1] ?? 0);

/** @returns CPU seconds that all of the machine's processors have been busy since it booted */
export function machineBusySeconds(): number {
  if (!usageIsKnown) return 0;
  const [, user, nice, system, , , irq, softIrq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/).map(Number);
  const ticks = [user, nice, system, irq, softIrq, steal].reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return ticks / ticksPerSecond;
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** It may end while we look. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
