import { availableParallelism } from 'node:os';
import { cpuSeconds, machineBusySeconds, residentBytes, type WatchedProcess } from './process-usage.js';

/** What one process used while one side had its turn. */
export interface ProcessFigures {
  name: string;
  cpuSeconds: number;
  /** The most that was seen. */
  rssMb: number;
}

export interface TurnUsage {
  processes: ProcessFigures[];
  /** Share (0 to 1) of the machine's processors that went to what is none of ours. */
  otherWork: number;
}

const rssEveryMs = 500;

/** Runs one side's turn and watches all processes meanwhile, those of the other side too. */
export async function watchTurn<Result>(
  watched: readonly WatchedProcess[],
  turn: () => Promise<Result>,
): Promise<{ result: Result; usage: TurnUsage }> {
  const peaks = watched.map(() => 0);
  const look = (): void => residentBytes(watched).forEach((bytes, i) => (peaks[i] = Math.max(peaks[i] ?? 0, bytes)));
  const timer = setInterval(look, rssEveryMs);
  try {
    const before = { cpu: cpuSeconds(watched), busy: machineBusySeconds(), at: performance.now() };
    const result = await turn();
    const seconds = (performance.now() - before.at) / 1_000;
    const used = cpuSeconds(watched).map((now, i) => now - (before.cpu[i] ?? 0));
    const others = machineBusySeconds() - before.busy - used.reduce((sum, one) => sum + one, 0);
    look();
    const processes = watched.map(({ name }, i) => ({
      name,
      cpuSeconds: used[i] ?? 0,
      rssMb: (peaks[i] ?? 0) / 1_048_576,
    }));
    return { result, usage: { processes, otherWork: Math.max(0, others / seconds / availableParallelism()) } };
  } finally {
    clearInterval(timer);
  }
}
