import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Thread } from './process-usage.js';

/** As `--cpu-prof` writes it; times in microseconds of the monotonic clock. */
const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  startTime: z.number(),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.output<typeof profileSchema>;

/** One thread's, by the numbers that Node names the file with; 0 is the process' first thread. */
interface ThreadProfile {
  process: number;
  thread: number;
  profile: CpuProfile;
}

export type Part =
  | 'rendering'
  | 'signing'
  | 'SMTP'
  | 'Postgres'
  | 'Temporal'
  | 'batches'
  | 'Node’s sockets, timers and promises'
  | 'garbage collection'
  | 'threads of Node and V8';

/** The first that fits, of the innermost frame that any fits. */
const places: readonly (readonly [RegExp, Part])[] = [
  [/\/dist\/src\/mime\/dkim-/, 'signing'],
  [/\/dist\/src\/(?:mime|content)\/|\/node_modules\/liquidjs\//, 'rendering'],
  [/\/dist\/src\/smtp\/|\/node_modules\/nodemailer\//, 'SMTP'],
  [/\/dist\/src\/store\/|\/node_modules\/(?:pg|pg-[a-z-]+|postgres-[a-z]+)\//, 'Postgres'],
  [/\/node_modules\/(?:@temporalio|@grpc|protobufjs|@protobufjs|long)\/|\/dist\/workflows\//, 'Temporal'],
  [/\/dist\/(?:activities|worker|src)\//, 'batches'],
];

const restOfJavaScript: Part = 'Node’s sockets, timers and promises';

/**
 * @param window - in microseconds of the monotonic clock
 * @returns microseconds that the thread was busy with each part
 */
export function timeByPart(profile: CpuProfile, window: { from: number; until: number }): Map<Part, number> {
  const partOf = partsOfNodes(profile);
  const times = new Map<Part, number>();
  let at = profile.startTime;
  profile.samples.forEach((node, i) => {
    at += profile.timeDeltas[i] ?? 0;
    const part = partOf.get(node);
    if (part === undefined || at < window.from || at >= window.until) return;
    // A sample stands until the next one.
    times.set(part, (times.get(part) ?? 0) + (profile.timeDeltas[i + 1] ?? 0));
  });
  return times;
}

/** Those in which the thread was idle stand for no part. */
function partsOfNodes({ nodes }: CpuProfile): Map<number, Part> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const own = new Map(nodes.map(({ id, callFrame }) => [id, places.find(([place]) => place.test(callFrame.url))?.[1]]));
  const innermost = (id: number | undefined): Part | undefined =>
    id === undefined ? undefined : (own.get(id) ?? innermost(parents.get(id)));
  return new Map(
    nodes.flatMap(({ id, callFrame: { functionName } }): [number, Part][] => {
      if (functionName === '(idle)') return [];
      if (functionName === '(garbage collector)') return [[id, 'garbage collection']];
      return [[id, innermost(id) ?? restOfJavaScript]];
    }),
  );
}

/** Temporal's core is written in Rust, and runs on threads of its own. */
const coreThread = /^(?:tokio|temporal|sdk)/i;

/**
 * @param threads - with the CPU seconds that they used within the window; empty where that is not known
 * @returns CPU seconds of each part; where threads are not known, those of JavaScript alone
 */
export function whereTimeGoes(
  profiles: readonly ThreadProfile[],
  window: { from: number; until: number },
  threads: readonly Thread[],
): { part: Part; cpuSeconds: number }[] {
  const seconds = new Map<Part, number>();
  const add = (part: Part, more: number) => void seconds.set(part, (seconds.get(part) ?? 0) + more);
  for (const { process, thread, profile } of profiles) {
    const times = timeByPart(profile, window);
    const busy = [...times.values()].reduce((sum, one) => sum + one, 0) / 1e6;
    // Samples count while the thread waits for a processor, too. For a process' first thread the kernel knows better.
    const used = thread === 0 ? threads.find(({ id }) => id === process)?.cpuSeconds : undefined;
    const scale = used === undefined || busy === 0 ? 1 : used / busy;
    // Other threads of Node's run Temporal's workflows.
    for (const [part, time] of times) add(thread === 0 ? part : 'Temporal', (scale * time) / 1e6);
  }
  for (const { name, cpuSeconds } of threads) if (coreThread.test(name)) add('Temporal', cpuSeconds);
  const all = threads.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const known = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  if (all > known) add('threads of Node and V8', all - known);
  return [...seconds].map(([part, cpuSeconds]) => ({ part, cpuSeconds })).sort((a, b) => b.cpuSeconds - a.cpuSeconds);
}

/** @returns what `--cpu-prof` has written there */
export async function readProfiles(folder: string): Promise<ThreadProfile[]> {
  const profiles: ThreadProfile[] = [];
  for (const name of await readdir(folder)) {
    const [, process, thread] = /^CPU\.\d+\.\d+\.(\d+)\.(\d+)\.\d+\.cpuprofile$/.exec(name) ?? [];
    if (process === undefined) continue;
    const profile = profileSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
    profiles.push({ process: Number(process), thread: Number(thread), profile });
  }
  return profiles;
}
