import { sendingWorkflowId } from '../../workflows/messages.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let script: (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer> = () => undefined;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ on: (stage, { recipient }) => script(stage, recipient) });
});
beforeEach(() => {
  script = () => undefined;
  relay.received.clear();
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const start = (id: string, messages: number, batchSize: number) =>
  environment.sealpost.start(
    definition({ id, approval: { mode: 'automatic' }, recipients: recipients(messages), sending: { batchSize } }),
    { operator: 'author' },
  );

async function batchActivities(id: string): Promise<number> {
  const { events } = await environment.temporal.workflow.getHandle(sendingWorkflowId(id)).fetchHistory();
  const scheduled = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  return scheduled.filter((name) => name === 'sendBatches').length;
}

async function epochs(id: string): Promise<number[]> {
  const { rows } = await environment.database.query<{ epoch: number }>(
    'select b.epoch from batch b join delivery d on d.key = b.delivery where d.id = $1 and b.proof = 0 order by b.number',
    [id],
  );
  return rows.map(({ epoch }) => epoch);
}

test('one activity sends several batches, each of which is one of the ledger', async () => {
  const worker = await environment.startWorker({ SMTP_URL: relay.url });
  const delivery = await start('together', 400, 10);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 400 } });
  expect([...relay.received.values()]).toEqual(Array.from({ length: 400 }, () => 1));
  expect((await epochs('together')).length).toBe(40);
  expect(await batchActivities('together')).toBeLessThan(30);
  await worker.stop();
});

test('an activity whose relay is slow gives its place up between two batches', async () => {
  const worker = await environment.startWorker({ SMTP_URL: `${relay.url}&connections=1` });
  script = async (stage, recipient) => {
    if (stage !== 'dot' || !recipient.startsWith('person1@')) return undefined;
    const seenAt = performance.now();
    await eventually(
      () => Promise.resolve(performance.now()),
      (now) => now > seenAt + 1_000,
    );
    return undefined;
  };
  const delivery = await start('slow', 32, 4);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 32 } });
  // It had the first two of eight.
  expect(await batchActivities('slow')).toBe(8);
  await worker.stop();
});

test('an attempt that wakes up late begins none of the batches that it had before it', async () => {
  const SMTP_URL = `${relay.url}&connections=1`;
  const first = await environment.startWorker({ SMTP_URL });
  const [late, next] = [gate(), gate()];
  const held: string[] = [];
  script = (stage, recipient) => {
    const local = recipient.split('@')[0] ?? '';
    if (stage !== 'dot' || !['person4', 'person6'].includes(local)) return undefined;
    held.push(local);
    return local === 'person4' ? late.opened : next.opened;
  };
  // The first activity has batches 0 and 1.
  const delivery = await start('late', 32, 4);
  const reached = (local: string) =>
    eventually(
      () => Promise.resolve(held),
      (all) => all.includes(local),
    );
  await reached('person4');
  first.process.kill('SIGSTOP');
  const second = await environment.startWorker({ SMTP_URL });
  await reached('person6');
  expect((await epochs('late')).slice(0, 2)).toEqual([2, 2]);
  first.process.kill('SIGCONT');
  late.open();
  await first.stop();
  expect((await epochs('late')).slice(0, 2)).toEqual([2, 2]);
  next.open();
  expect(await delivery.outcome()).toMatchObject({ outcome: 'finished' });
  const ledger = await ledgerOf(delivery);
  const seqsOf = (wanted: string) => ledger.flatMap(({ seq, status }) => (status === wanted ? [seq] : []));
  const [inDoubt, sent] = [seqsOf('in-doubt'), seqsOf('sent')];
  expect(inDoubt).toContain(4);
  expect(inDoubt.length).toBeLessThanOrEqual(3);
  expect(sent).toEqual(expect.arrayContaining([5, 6, 7, 8]));
  expect(inDoubt.length + sent.length).toBe(32);
  expect(new Set(relay.received.values())).toEqual(new Set([1]));
  await second.stop();
});
