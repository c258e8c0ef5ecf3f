import { collectClosed } from '../../src/audit/collect-histories.js';
import { historyTimeline } from '../../src/audit/history-timeline.js';
import { deliveryWorkflowId, historiesWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';
import { definition } from './definition.js';
import { eventually, openSendingEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

test('closed histories of parent and child are kept, and told when Temporal has forgotten them', async () => {
  const values = definition({ id: 'kept', approval: { mode: 'automatic' } });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  await delivery.outcome();
  await environment.temporal.workflow.getHandle(historiesWorkflowId('kept')).result();
  const forget = async (workflowId: string) => {
    await environment.temporal.workflowService.deleteWorkflowExecution({
      namespace: environment.temporal.options.namespace,
      workflowExecution: { workflowId },
    });
    await eventually(
      () =>
        environment.temporal.workflow
          .getHandle(workflowId)
          .describe()
          .then(
            () => 'there',
            () => 'gone',
          ),
      (state) => state === 'gone',
    );
  };
  await Promise.all([deliveryWorkflowId('kept'), sendingWorkflowId('kept')].map(forget));
  const told = historyTimeline(await delivery.histories());
  const of = (workflowId: string) => told.filter((entry) => entry.workflowId === workflowId).map(({ event }) => event);
  expect(of(deliveryWorkflowId('kept')).at(0)).toBe('WORKFLOW_EXECUTION_STARTED');
  expect(of(deliveryWorkflowId('kept')).at(-1)).toBe('WORKFLOW_EXECUTION_COMPLETED');
  expect(of(sendingWorkflowId('kept')).at(-1)).toBe('WORKFLOW_EXECUTION_COMPLETED');
  const { code, stdout } = await environment.cli(['history', 'kept']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/activity_task_completed\s+sealAnalysis · Step 3: seal the analysis/);
  const json = await environment.cli(['history', 'kept', '--json']);
  expect(JSON.parse(json.stdout)).toHaveLength(2);
});

test('an open delivery tells what Temporal has of it now, and an unknown one is not found', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'open' }), { operator: 'author' });
  expect((await delivery.histories()).map(({ workflowId }) => workflowId)).toEqual([deliveryWorkflowId('open')]);
  await delivery.stop({ operator: 'owner' });
  await expect(environment.sealpost.delivery('nothing').histories()).rejects.toMatchObject({
    code: 'DELIVERY_NOT_FOUND',
  });
});

test('histories are looked at again until the workflows have closed', async () => {
  const ids = ['open-and-closed'];
  const { temporal } = environment;
  const handle = await temporal.workflow.start('unknown', { workflowId: 'open-and-closed', taskQueue: 'nobody' });
  expect((await collectClosed(temporal, { ids, looks: 2 })).closed).toBe(false);
  const { runs, closed } = await collectClosed(temporal, { ids, looks: 60 }, (look) => {
    if (look === 2) void handle.terminate();
  });
  expect(closed).toBe(true);
  expect(runs.map(({ history }) => history.events.at(-1)?.['eventType'])).toEqual([
    'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
  ]);
});

test('a delivery that somebody terminated is kept as well, when it is looked at', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'terminated' }), { operator: 'author' });
  await eventually(
    () => delivery.progress(),
    ({ phase }) => phase === 'awaiting-decision',
  );
  await environment.temporal.workflow.getHandle(deliveryWorkflowId('terminated')).terminate();
  const keeper = environment.temporal.workflow.getHandle(historiesWorkflowId('terminated'));
  await keeper.signal('deliveryEnded');
  await keeper.result();
  expect(historyTimeline(await delivery.histories()).at(-1)?.event).toBe('WORKFLOW_EXECUTION_TERMINATED');
  expect(await delivery.progress()).toMatchObject({ phase: 'failed', ended: true, counts: { canceled: 5 } });
});
