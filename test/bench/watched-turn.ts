import { availableParallelism } from 'node:os';
import {
  cpuSeconds,
  machineBusySeconds,
  memoryOf,
  threadsOf,
  type Thread,
  type WatchedProcess,
} from './process-usage.js';

/** What one process, with its children, used while one side had its turn. */
export interface ProcessFigures {
  name: string;
  cpuSeconds: number;
  /** The most that was seen, of all together. */
  rssMb: number;
  /** The same, in the first half of the turn only. */
  rssMbInFirstHalf: number;
  /** The most that one of them has held since it began, before this turn too. */
  rssMbOfOne: number;
}

export interface TurnUsage {
  processes: ProcessFigures[];
  /** Share (0 to 1) of the machine's processors that went to what is none of ours. */
  otherWork: number;
  /** CPU seconds within the turn, of the first process that was watched and of its children. */
  threads: Thread[];
  /** When the turn was, in microseconds of the monotonic clock, which V8's profiles go by too. */
  from: number;
  until: number;
}

const lookEveryMs = 1_000;
const toMb = (bytes: number) => bytes / 1_048_576;

/** Runs one side's turn and watches all processes meanwhile, those of the other sides too. */
export async function watchTurn<Result>(
  watched: readonly [WatchedProcess, ...WatchedProcess[]],
  turn: () => Promise<Result>,
): Promise<{ result: Result; usage: TurnUsage }> {
  const looks: ReturnType<typeof memoryOf>[] = [];
  const look = (): void => void looks.push(memoryOf(watched));
  const timer = setInterval(look, lookEveryMs);
  try {
    look();
    const before = state(watched);
    const result = await turn();
    const after = state(watched);
    look();
    const seconds = (after.at - before.at) / 1e6;
    const used = after.cpu.map((now, i) => now - (before.cpu[i] ?? 0));
    const others = after.busy - before.busy - used.reduce((sum, one) => sum + one, 0);
    const processes = watched.map(({ name }, i) => {
      const together = looks.map((all) => toMb(all[i]?.together ?? 0));
      return {
        name,
        cpuSeconds: used[i] ?? 0,
        rssMb: Math.max(...together),
        rssMbInFirstHalf: Math.max(...together.slice(0, Math.ceil(together.length / 2))),
        rssMbOfOne: toMb(looks.at(-1)?.[i]?.mostOfOne ?? 0),
      };
    });
    const threads = after.threads.map((thread) => {
      const then = before.threads.find(({ id }) => id === thread.id)?.cpuSeconds ?? 0;
      return { ...thread, cpuSeconds: thread.cpuSeconds - then };
    });
    const otherWork = Math.max(0, others / seconds / availableParallelism());
    return { result, usage: { processes, otherWork, threads, from: before.at, until: after.at } };
  } finally {
    clearInterval(timer);
  }
}

function state(watched: readonly [WatchedProcess, ...WatchedProcess[]]) {
  return {
    cpu: cpuSeconds(watched),
    busy: machineBusySeconds(),
    threads: threadsOf(watched[0]),
    at: Number(process.hrtime.bigint() / 1_000n),
  };
}
