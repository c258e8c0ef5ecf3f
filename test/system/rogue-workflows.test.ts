import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { JournalEntry } from '../../src/delivery/journal-entry.js';
import { definition } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';
import type { callActivity } from './rogue-workflow.js';

let environment: TestEnvironment;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  connection = await NativeConnection.connect({ address: String(environment.env['TEMPORAL_ADDRESS']) });
  worker = await Worker.create({
    connection,
    namespace: String(environment.env['TEMPORAL_NAMESPACE']),
    taskQueue: 'rogue',
    workflowsPath: fileURLToPath(new URL('rogue-workflow.ts', import.meta.url)),
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await environment.close();
});

/** Has the real worker carry out an activity, as its own workflows do. */
async function call(name: string, input: object): Promise<unknown> {
  return await environment.temporal.workflow.execute<typeof callActivity>('callActivity', {
    taskQueue: 'rogue',
    workflowId: `rogue:${randomUUID()}`,
    args: [name, input],
  });
}

async function approvedSeal(id: string): Promise<string | null> {
  const { rows } = await environment.database.query('select approved_seal from delivery where id = $1', [id]);
  return rows[0].approved_seal;
}

async function undecided(id: string, own: object = {}) {
  const delivery = await environment.sealpost.start(definition({ id, ...own }), { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  const {
    revision,
    seal = '',
    journal,
  } = await eventually(
    () => delivery.show(),
    (seen) => seen.journal.some(({ phase }) => phase === 'awaiting-decision'),
  );
  return { delivery, revision, seal, journal };
}

test('a workflow that nobody knows cannot have a seal approved, whatever it writes into the journal', async () => {
  const { delivery, revision, seal } = await undecided('unapproved');
  const release = { deliveryId: 'unapproved', revision, seal };
  expect(await call('confirmDelivery', release)).toEqual({ refused: expect.stringMatching(/do not satisfy/) });
  const at = new Date().toISOString();
  const forged = { kind: 'decide', operator: 'approver', verdict: 'confirm', seal, accepted: true } as const;
  const entries: JournalEntry[] = [{ n: 1_000, at, ...forged, signed: true }];
  await call('recordJournal', { deliveryId: 'unapproved', entries });
  expect(await call('confirmDelivery', release)).toEqual({ refused: expect.stringMatching(/signature is missing/) });
  expect(await approvedSeal('unapproved')).toBeNull();

  // An honest decision comes too late in such a journal; whoever looks is told, and can end it.
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  const { journal } = await inPhase(delivery, 'awaiting-revision');
  expect(journal.find(({ phase }) => phase === 'awaiting-revision')).toMatchObject({
    reason: expect.stringMatching(
      /^the release was refused: entry \d+ \(confirm by approver\): .*signature is missing/,
    ),
  });
  await delivery.stop({ operator: 'owner' });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'stopped', counts: { canceled: 5 } });
});

test('an honest decision is released, and one that needs no signature as before', async () => {
  for (const [id, requireSignature] of [
    ['signed', true],
    ['unsigned', false],
  ] as const) {
    const { delivery, seal } = await undecided(id, { approval: { approvers: ['approver'], requireSignature } });
    await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
    expect(await delivery.outcome()).toMatchObject({ outcome: 'finished', counts: { sent: 5 } });
  }
});

test('what somebody else writes under a number of the workflow ends the delivery in words, before anything leaves', async () => {
  const { delivery, journal } = await undecided('usurped');
  const at = new Date().toISOString();
  const known = journal.slice(0, 1);
  await call('recordJournal', { deliveryId: 'usurped', entries: known });
  const other = known.map((entry) => ({ ...entry, operator: 'mallory' }));
  await expect(call('recordJournal', { deliveryId: 'usurped', entries: other })).rejects.toMatchObject({
    cause: { cause: { type: 'JournalConflict' } },
  });
  const entries: JournalEntry[] = [{ n: journal.length + 1, at, kind: 'malformed', accepted: false }];
  await call('recordJournal', { deliveryId: 'usurped', entries });
  await delivery.pause({ operator: 'owner' });
  expect(await delivery.outcome()).toMatchObject({
    outcome: 'failed',
    reason: 'JournalConflict',
    counts: { canceled: 5 },
  });
  const { journal: told } = await inPhase(delivery, 'failed');
  expect(told.at(-1)).toMatchObject({ reason: expect.stringMatching(/somebody else had written here in its name/) });
});
