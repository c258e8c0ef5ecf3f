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

export type Part =
  | 'rendering'
  | 'signing'
  | 'SMTP'
  | 'Postgres'
  | 'Temporal'
  | 'batches'
  | 'Node’s sockets, timers and promises'
  | 'garbage collection'
  | 'V8’s other threads';

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

/**
 * @param profiles - of the first threads of processes, by process
 * @param threads - of all these processes, with the CPU seconds that they used within the window; empty where that is
 *   not known
 * @returns CPU seconds of each part, the most first; where threads are not known, those of the first threads alone
 */
export function whereTimeGoes(
  profiles: ReadonlyMap<number, CpuProfile>,
  window: { from: number; until: number },
  threads: readonly Thread[],
): { part: Part; cpuSeconds: number }[] {
  const seconds = new Map<Part, number>();
  const add = (part: Part, more: number) => void seconds.set(part, (seconds.get(part) ?? 0) + more);
  for (const [process, profile] of profiles) {
    const times = timeByPart(profile, window);
    const busy = [...times.values()].reduce((sum, one) => sum + one, 0) / 1e6;
    const ofProcess = threads.filter((thread) => thread.process === process).toSorted((a, b) => a.id - b.id);
    // Samples count while the thread waits for a processor, too: the kernel knows better how long it worked.
    const scale = busy > 0 && ofProcess[0] ? ofProcess[0].cpuSeconds / busy : 1;
    for (const [part, time] of times) add(part, (scale * time) / 1e6);
    for (const [part, cpuSeconds] of otherThreads(ofProcess)) add(part, cpuSeconds);
  }
  return [...seconds].map(([part, cpuSeconds]) => ({ part, cpuSeconds })).sort((a, b) => b.cpuSeconds - a.cpuSeconds);
}

/** Temporal's core is written in Rust, and runs on threads of its own. */
const coreThread = /^(?:tokio|temporal|workflow)/;
const profilerThread = 'v8:ProfEvntProc';

/**
 * What threads do that JavaScript knows nothing of. Node 20 gives them no names, but starts them in a known order: those
 * of V8, then the profiler's, then, with the first work for it, the thread pool; it signs, and does nothing else while
 * messages leave. Threads of JavaScript run Temporal's workflows, and have profilers right behind them. What profiling
 * costs is left out.
 *
 * @param threads - of one process, in the order in which they began
 */
function otherThreads(threads: readonly Thread[]): [Part, number][] {
  const firstProfiler = threads.findIndex(({ name }) => name === profilerThread);
  return threads.flatMap(({ name, cpuSeconds }, i): [Part, number][] => {
    if (i === 0 || name === profilerThread) return [];
    if (coreThread.test(name)) return [['Temporal', cpuSeconds]];
    if (i < firstProfiler) return [['V8’s other threads', cpuSeconds]];
    return [[threads[i + 1]?.name === profilerThread ? 'Temporal' : 'signing', cpuSeconds]];
  });
}

/** @returns what `--cpu-prof` has written there of the first thread of each process */
export async function readProfiles(folder: string): Promise<Map<number, CpuProfile>> {
  const profiles = new Map<number, CpuProfile>();
  for (const name of await readdir(folder)) {
    const process = /^CPU\.\d+\.\d+\.(\d+)\.0\.\d+\.cpuprofile$/.exec(name)?.[1];
    if (process === undefined) continue;
    profiles.set(Number(process), profileSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))));
  }
  return profiles;
}
