import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { exchangeMessages, fenceBatch, renewEpoch, type Settlement } from '../../src/store/claims.js';
import { closeMessages } from '../../src/store/progress.js';
import { latestRuns, recordRun } from '../../src/store/settled-runs.js';
import { computeTarget } from '../../src/store/target.js';
import { definition } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

const range = { from: 1, to: 5 };
let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openEnvironment();
});
afterAll(() => environment.close());

/** Messages that may be claimed, without a worker that would do it, and a batch of epoch 1. */
async function openBatch(id: string) {
  const { database, sealpost } = environment;
  await sealpost.start(definition({ id }), { operator: 'author' });
  const { rows } = await database.query<{ key: number; deliveryKey: number }>(
    `select r.key, r.delivery as "deliveryKey" from revision r join delivery d on d.key = r.delivery where d.id = $1`,
    [id],
  );
  const [revision = { key: 0, deliveryKey: 0 }] = rows;
  await computeTarget(
    database,
    { ...revision, settings: { sending: deliverySettingsSchema.shape.sending.parse({}) } },
    () => undefined,
  );
  await database.query(`update delivery set control = 'run', approved_seal = '\\x00' where id = $1`, [id]);
  const key = { deliveryKey: revision.deliveryKey, proof: 0, number: 0 };
  return { ...key, epoch: await fenceBatch(database, key, range, 'hold') };
}

type OpenBatch = Awaited<ReturnType<typeof openBatch>>;

/** A claim whose statement the server carries out, and commits while `meanwhile` waits for it. */
async function claimUnder<T>(batch: OpenBatch, limit: number, meanwhile: () => Promise<T>): Promise<T> {
  const { database } = environment;
  const claimer = await database.connect();
  await claimer.query('begin');
  const { messages } = await exchangeMessages(claimer, batch, { ...range, settlements: [], limit, now: Date.now() });
  expect(messages).toHaveLength(limit);
  const waiting = meanwhile();
  const { rows } = await claimer.query<{ pid: number }>('select pg_backend_pid() as pid');
  await eventually(
    () => database.query('select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [rows[0]?.pid]),
    ({ rowCount }) => rowCount === 1,
  );
  await claimer.query('commit');
  claimer.release();
  return await waiting;
}

async function statuses({ deliveryKey }: OpenBatch): Promise<string[]> {
  const { rows } = await environment.database.query<{ told: string }>(
    `select status || ' ' || attempts as told from message where delivery = $1 order by seq`,
    [deliveryKey],
  );
  return rows.map(({ told }) => told);
}

/** Each attempt that has a row of its own. */
async function attempts({ deliveryKey }: OpenBatch): Promise<string[]> {
  const { rows } = await environment.database.query<{ told: string }>(
    `select concat_ws(' ', seq, number, outcome, reply) as told from attempt where delivery = $1 order by seq, number`,
    [deliveryKey],
  );
  return rows.map(({ told }) => told);
}

test('a fence finds what a claim took that was committed while the fence waited for it', async () => {
  const batch = await openBatch('fenced');
  const epoch = await claimUnder(batch, 3, () => fenceBatch(environment.database, batch, range, 'hold'));
  expect(epoch).toBe(batch.epoch + 1);
  expect(await statuses(batch)).toEqual(['in-doubt 1', 'in-doubt 1', 'in-doubt 1', 'pending 0', 'pending 0']);
  const unheard = 'in-doubt the worker ended before the reply was recorded';
  expect(await attempts(batch)).toEqual([`1 1 ${unheard}`, `2 1 ${unheard}`, `3 1 ${unheard}`]);
});

test('an attempt has a row of its own but where it sends a message at once, and was not made where the relay was down', async () => {
  const { database } = environment;
  const batch = await openBatch('attempted');
  const claim = { ...range, settlements: [], limit: 5, now: Date.now() };
  await exchangeMessages(database, batch, claim);
  const first = { attempt: 1, settledAt: 0 };
  const deferred = { ...first, status: 'retrying', outcome: 'deferred', nextAttemptAt: 0 } as const;
  const settlements: Settlement[] = [
    { ...first, seq: 1, status: 'sent', reply: '250 ok' },
    { ...deferred, seq: 2, reply: '451 first' },
    { ...first, seq: 3, status: 'failed', outcome: 'rejected', reply: '550 no' },
    { ...first, seq: 4, status: 'pending', outcome: 'deferred', reply: 'relay down' },
    { ...deferred, seq: 5, outcome: 'in-doubt', reply: 'lost', possibleDuplicate: true },
  ];
  // Written twice, as after a connection that was lost at the commit.
  for (const limit of [0, 5]) await exchangeMessages(database, batch, { ...claim, settlements, limit });
  const again = [
    { seq: 2, attempt: 2 },
    { seq: 4, attempt: 1 },
    { seq: 5, attempt: 2 },
  ].map((one) => ({ ...one, status: 'sent', reply: '250 ok', settledAt: 0 }) as const);
  await exchangeMessages(database, batch, { ...claim, settlements: again, limit: 0 });
  expect(await statuses(batch)).toEqual(['sent 1', 'sent 2', 'failed 1', 'sent 1', 'sent 2']);
  expect(await attempts(batch)).toEqual([
    '2 1 deferred 451 first',
    '2 2 sent 250 ok',
    '3 1 rejected 550 no',
    '5 1 in-doubt lost',
    '5 2 sent 250 ok',
  ]);
});

test('what is closed while a worker has it was an attempt of which nobody heard the end; what waits was none', async () => {
  const { database } = environment;
  const batch = await openBatch('closed');
  await exchangeMessages(database, batch, { ...range, settlements: [], limit: 2, now: Date.now() });
  await closeMessages(database, 'closed');
  expect((await statuses(batch)).slice(0, 3)).toEqual(['in-doubt 1', 'in-doubt 1', 'canceled 0']);
  expect(await attempts(batch)).toEqual(
    [1, 2].map((seq) => `${seq} 1 in-doubt the worker ended before the reply was recorded`),
  );
});

test('a claim that its worker has given up goes back, and what the worker holds stays', async () => {
  const { database } = environment;
  const batch = await openBatch('renewed');
  const held = await exchangeMessages(database, batch, { ...range, settlements: [], limit: 1, now: Date.now() });
  const asItWas = { ...batch };
  const known = held.messages.map(({ seq }) => seq);
  expect(await claimUnder(asItWas, 2, () => renewEpoch(database, batch, range, known))).toBe(true);
  expect(await statuses(batch)).toEqual(['sending 1', 'pending 0', 'pending 0', 'pending 0', 'pending 0']);

  // One that comes even later does nothing; the worker itself goes on.
  const ask = {
    ...range,
    settlements: known.map((seq) => ({ seq, attempt: 1, status: 'sent', settledAt: 0 }) as const),
    now: 0,
  };
  expect((await exchangeMessages(database, asItWas, { ...ask, limit: 5 })).taken).toBe(0);
  expect((await exchangeMessages(database, batch, { ...ask, limit: 1 })).messages.map(({ seq }) => seq)).toEqual([2]);
  expect(await statuses(batch)).toEqual(['sent 1', 'sending 1', 'pending 0', 'pending 0', 'pending 0']);
});

test('an attempt whose batch was taken over cannot take it back', async () => {
  const { database } = environment;
  const batch = await openBatch('taken-over');
  await fenceBatch(database, batch, range, 'hold');
  await expect(renewEpoch(database, batch, range, [])).rejects.toThrow('another attempt');
});

test('what a run has settled is kept once, however often it is counted, and another run of the batch beside it', async () => {
  const { database } = environment;
  const batch = await openBatch('counted');
  const claim = { ...range, settlements: [], limit: 5, now: Date.now() };
  await exchangeMessages(database, batch, claim);
  const settle = async (seqs: number[], settledAt: number): Promise<void> => {
    const settlements = seqs.map((seq) => ({ seq, attempt: 1, status: 'sent', settledAt }) as const);
    await exchangeMessages(database, batch, { ...claim, settlements, limit: 0 });
  };
  const count = (since: number) => recordRun(database, batch.deliveryKey, { ...range, number: 0 }, since);
  await settle([1, 2], 1_000);
  await count(1_000);
  // Killed then, the next attempt settles what is left.
  await settle([3], 2_000);
  await count(1_000);
  await settle([4, 5], 3_000);
  await count(3_000);
  expect(await latestRuns(database, batch.deliveryKey, 10)).toEqual([{ sent: 2 }, { sent: 3 }]);
});
