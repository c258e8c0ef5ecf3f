import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { z } from 'zod';

// Histories of real deliveries, one file a run, made by `npm run histories`: today's code must do again what they say.
const folder = fileURLToPath(new URL('../histories', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json.gz'));

const recordedSchema = z.object({ workflowId: z.string(), events: z.array(z.looseObject({ eventType: z.string() })) });
type Recorded = z.output<typeof recordedSchema>;

function read(name: string): Recorded {
  return recordedSchema.parse(JSON.parse(gunzipSync(readFileSync(`${folder}/${name}`)).toString()));
}

const quiet = () => undefined;
let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
});

async function replay({ workflowId, events }: Recorded): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle }, { events }, workflowId);
}

test('there is a history of every outcome', () => {
  const outcomes = new Set(files.map((name) => name.replace(/-\d+-\w+-\d+\.\d+\.\d+\.json\.gz$/, '')));
  expect([...outcomes].toSorted()).toEqual([
    'continued-as-new',
    'expired',
    'failed',
    'finished',
    'paused-and-resumed',
    'rejected-and-revised',
    'signed',
    'stopped',
  ]);
});

test.each(files)('%s is replayed by the code of today', async (name) => {
  await replay(read(name));
});

test('a history that another code has made is told apart', async () => {
  const name = files.find((one) => one.startsWith('finished-1-delivery')) ?? '';
  const other = JSON.parse(JSON.stringify(read(name)).replaceAll('"sealAnalysis"', '"sealSomethingElse"')) as Recorded;
  await expect(replay(other)).rejects.toBeInstanceOf(DeterminismViolationError);
});
