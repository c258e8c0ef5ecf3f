import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

// Not imported: Temporal's native code takes most of a second to load, and only the other process needs it.
const program = fileURLToPath(new URL('./replay-histories.js', import.meta.url));

/** A history of the most events that Temporal keeps takes some seconds. */
const longestMs = 120_000;

const answerSchema = z.object({ fault: z.string().optional() });

/**
 * Runs histories again by the workflow code that was built with this version, in a process beside this one: Temporal's native
 * code may crash or hang over one that somebody has damaged. Another process takes the next one then.
 */
export class HistoryReplay {
  #process: ReplayProcess | undefined;

  /**
   * One at a time.
   *
   * @returns why the code does not do the same; undefined where it does
   */
  async replay(workflowId: string, events: readonly object[]): Promise<string | undefined> {
    this.#process ??= new ReplayProcess();
    const answer = answerSchema.safeParse(jsonOf(await this.#process.ask({ workflowId, events })));
    if (answer.success) return answer.data.fault;
    this.close();
    return 'it cannot be run again: it is damaged';
  }

  close(): void {
    this.#process?.kill();
    this.#process = undefined;
  }
}

/** Takes a history a line, and answers each by a line. */
class ReplayProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(process.execPath, [program]);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    // A thread of the native code that panics takes its answer along, and leaves the process waiting.
    this.#child.stderr.on('data', (said: Buffer) => said.includes('panicked') && this.kill());
    // One that has died reads nothing more.
    this.#child.stdin.on('error', () => undefined);
  }

  /** @returns nothing where it has died over it */
  async ask(history: object): Promise<string> {
    const tooLong = setTimeout(() => this.kill(), longestMs);
    try {
      this.#child.stdin.write(`${JSON.stringify(history)}\n`);
      const { value = '' } = (await this.#answers.next()) as { value?: string };
      return value;
    } finally {
      clearTimeout(tooLong);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

function jsonOf(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
