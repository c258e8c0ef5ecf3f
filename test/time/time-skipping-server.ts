import { fileURLToPath } from 'node:url';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, makeTelemetryFilterString } from '@temporalio/worker';
import type { CommandName, Verdict } from '../../src/delivery/command.js';
import { commandUpdates, deliveryWorkflowId, taskQueues } from '../../workflows/messages.js';
import { searchAttributes } from '../../workflows/search-attributes.js';
import type { delivery } from '../../workflows/delivery.js';
import { fakeActivities } from './fake-activities.js';
import { FakeLedger, type FakeDelivery } from './fake-ledger.js';

const bundle = fileURLToPath(new URL('../../dist/worker/workflow-bundle.js', import.meta.url));

export const hour = 3_600_000;

export interface RunningDelivery {
  ledger: FakeLedger;
  handle: WorkflowHandleWithFirstExecutionRunId<typeof delivery>;
  /** Sends a command as an Update. */
  command: (name: CommandName, input?: object) => Promise<Verdict>;
  /** Lets that many hours pass, everything that is due in them included. */
  pass: (hours: number) => Promise<void>;
}

export interface TimeSkippingServer {
  environment: TestWorkflowEnvironment;
  start: (id: string, own: FakeDelivery) => Promise<RunningDelivery>;
  close: () => Promise<void>;
}

/** A server whose clock jumps to what is due next, and workers with fake activities on both task queues. */
export async function openTimeSkippingServer(): Promise<TimeSkippingServer> {
  const path = process.env['TEST_TIME_SKIPPING_SERVER'];
  if (path === undefined) throw new Error('TEST_TIME_SKIPPING_SERVER is not set: run "npm run test:time"');
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
  });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await registerSearchAttributes(environment);
  const ledgers = new Map<string, FakeLedger>();
  const shared = { connection: environment.nativeConnection, activities: fakeActivities(ledgers) };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: taskQueues.delivery, workflowBundle: { codePath: bundle } }),
    Worker.create({ ...shared, taskQueue: taskQueues.sending }),
    Worker.create({ ...shared, taskQueue: taskQueues.urgent }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    environment,
    start: async (id, own) => {
      const ledger = new FakeLedger(own);
      ledgers.set(id, ledger);
      return await startDelivery(environment, id, ledger);
    },
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

/** Without asking first, as our own registration does: this server cannot list them. */
async function registerSearchAttributes({ connection }: TestWorkflowEnvironment): Promise<void> {
  const types = Object.values(searchAttributes).flatMap(({ name, type }) => {
    const encoded = encodeSearchAttributeIndexedValueType(type);
    return encoded === undefined ? [] : [[name, encoded] as const];
  });
  await connection.operatorService.addSearchAttributes({ searchAttributes: Object.fromEntries(types) });
}

async function startDelivery(
  environment: TestWorkflowEnvironment,
  id: string,
  ledger: FakeLedger,
): Promise<RunningDelivery> {
  const handle = await environment.client.workflow.start<typeof delivery>('delivery', {
    taskQueue: taskQueues.delivery,
    workflowId: deliveryWorkflowId(id),
    args: [
      {
        deliveryId: id,
        revision: 'b'.repeat(64),
        origin: {
          operator: 'author',
          rules: { owner: 'owner', settings: ledger.terms.approval },
          signature: 'well.signed.submission',
        },
      },
    ],
  });
  return {
    ledger,
    handle,
    command: async (name, input = {}) => {
      // The definitions are keyed by name; TypeScript cannot follow one key through the table.
      const update = commandUpdates[name] as unknown as (typeof commandUpdates)['pause'];
      return await handle.executeUpdate(update, { args: [{ operator: 'owner', ...input }] });
    },
    pass: async (hours) => await environment.sleep(hours * hour),
  };
}
