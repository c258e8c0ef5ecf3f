import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
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
 * Runs a history again by the workflow code that was built with this version, in a process of its own: Temporal's native
 * code may crash or hang over one that somebody has damaged.
 *
 * @returns why it does not do the same; undefined where it does
 */
export async function replayHistory(workflowId: string, events: readonly object[]): Promise<string | undefined> {
  const child = spawn(process.execPath, [path], { timeout: longestMs, killSignal: 'SIGKILL' });
  // A thread of the native code that panics takes its answer along, and leaves the process waiting.
  child.stderr.on('data', (said: Buffer) => said.includes('panicked') && child.kill('SIGKILL'));
  // One that has died reads nothing more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify({ workflowId, events }));
  const answer = answerSchema.safeParse(jsonOf(await text(child.stdout)));
  return answer.success ? answer.data.fault : 'it cannot be run again: it is damaged';
}

function jsonOf(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

/** Temporal wraps what it found into a page of its own words. */
function shortened(message: string): string {
  return /\[TMPRL\d+\] [^"\\]*/.exec(message)?.[0] ?? message.slice(0, 300);
}

if (process.argv[1] === path) {
  // Nothing but the answer may come out.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
  const { workflowId, events } = historySchema.parse(JSON.parse(await text(process.stdin)));
  const replaying = Worker.runReplayHistory({ workflowBundle: { codePath: bundlePath } }, { events }, workflowId);
  const fault = await replaying.then(
    () => undefined,
    (error: unknown) => shortened(error instanceof Error ? error.message : String(error)),
  );
  process.stdout.write(JSON.stringify({ fault }), () => process.exit(0));
}
