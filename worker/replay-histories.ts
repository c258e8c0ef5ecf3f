import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { bundlePath } from './bundle.js';

const path = fileURLToPath(import.meta.url);

/** A history of the most events that Temporal keeps takes some seconds. */
const longestMs = 120_000;

const historySchema = z.object({ workflowId: z.string(), events: z.array(z.looseObject({})) });
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
    this.#child = spawn(process.execPath, [path]);
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

/** Temporal wraps what it found into a page of its own words. */
function shortened({ message }: Error): string {
  return /\[TMPRL\d+\] [^"\\]*/.exec(message)?.[0] ?? message.slice(0, 300);
}

async function* histories(): AsyncGenerator<{ workflowId: string; history: { events: object[] } }> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { workflowId, events } = historySchema.parse(JSON.parse(line));
    yield { workflowId, history: { events } };
  }
}

if (process.argv[1] === path) {
  // Nothing but the answers may come out.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
  const workflowBundle = { codePath: bundlePath };
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories())) {
    const told = process.stdout.write(`${JSON.stringify({ fault: error && shortened(error) })}\n`);
    if (!told) await once(process.stdout, 'drain');
  }
  process.exit(0);
}
