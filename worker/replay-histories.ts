import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { bundlePath } from './bundle.js';

// The program behind `HistoryReplay`: takes a history a line from standard input, and answers each by a line.

const historySchema = z.object({ workflowId: z.string(), events: z.array(z.looseObject({})) });

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
