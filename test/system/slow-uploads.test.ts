import { setTimeout as delay } from 'node:timers/promises';
import { partsOf, readDefinition } from '../../src/client/definition-source.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { insertRevision, type InsertedRevision, type NewRevision } from '../../src/store/revisions.js';
import { gate } from '../smtp/gate.js';
import { definition } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let database: Database;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
});
afterAll(async () => {
  await database.end();
  await environment.close();
});

interface Upload {
  /** It has stored the half of its recipients, and waits. */
  halfway: Promise<void>;
  goOn: () => void;
  stored: Promise<InsertedRevision>;
}

/** A revision whose recipients come slowly. */
async function slowly(
  deliveryId: string,
  subject: string,
  purpose: NewRevision['purpose'] = 'revise',
): Promise<Upload> {
  const [reached, door] = [gate(), gate()];
  const { profiles, ...parts } = partsOf(await readDefinition(definition({ id: deliveryId, subject }), {}));
  async function* held(): NewRevision['profiles'] {
    let count = 0;
    for await (const profile of profiles) {
      yield profile;
      count += 1;
      if (count !== 2) continue;
      reached.open();
      await door.opened;
    }
  }
  const stored = insertRevision(database, { purpose, deliveryId, author: 'author', ...parts, profiles: held() });
  stored.catch(() => undefined);
  return { halfway: Promise.resolve(reached.opened).then(() => undefined), goOn: door.open, stored };
}

async function undecided(id: string) {
  const delivery = await environment.sealpost.start(definition({ id }), { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  const { seal = '' } = await eventually(
    () => delivery.show(),
    ({ journal }) => journal.some(({ kind }) => kind === 'sealed'),
  );
  return { delivery, seal };
}

/** Rows of revisions and profiles, those that belong to no delivery too. */
async function rows(): Promise<unknown> {
  const counted =
    'select (select count(*) from revision)::int as revisions, (select count(*) from profile)::int as profiles';
  return (await environment.database.query(counted)).rows[0];
}

test('while a revision is uploaded, its delivery is steered, journalled and sent', async () => {
  const { delivery, seal } = await undecided('sent-meanwhile');
  const upload = await slowly('sent-meanwhile', 'Slow');
  await upload.halfway;
  await delivery.pause({ operator: 'owner' });
  await delivery.resume({ operator: 'owner' });
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  upload.goOn();
  expect(await upload.stored).toMatchObject({ created: true, begun: true, profiles: 5 });
});

test('while a revision is uploaded, its delivery can be stopped', async () => {
  const { delivery } = await undecided('stopped-meanwhile');
  const upload = await slowly('stopped-meanwhile', 'Slow');
  await upload.halfway;
  await delivery.stop({ operator: 'owner' });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'stopped' });
  upload.goOn();
  await upload.stored;
});

test('a start that is uploaded keeps no other one of the same id waiting', async () => {
  const upload = await slowly('started-meanwhile', 'Slow', 'start');
  await upload.halfway;
  const { delivery } = await undecided('started-meanwhile');
  upload.goOn();
  await expect(upload.stored).rejects.toMatchObject({ name: 'DeliveryIdUsedError' });
  await delivery.stop({ operator: 'owner' });
});

test('an upload whose connection is lost leaves nothing', async () => {
  const { delivery } = await undecided('lost');
  const before = await rows();
  const upload = await slowly('lost', 'Lost');
  await upload.halfway;
  await environment.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'copy profile%'`,
  );
  upload.goOn();
  await expect(upload.stored).rejects.toThrow();
  expect(await rows()).toEqual(before);
  await delivery.stop({ operator: 'owner' });
});

test('a revision that another one has overtaken is not stored, and says so', async () => {
  const { delivery } = await undecided('overtaken');
  const upload = await slowly('overtaken', 'First');
  await upload.halfway;
  const { revision } = await delivery.revise(definition({ id: 'overtaken', subject: 'Second' }), {
    operator: 'author',
  });
  const before = await rows();
  upload.goOn();
  await expect(upload.stored).rejects.toThrow(/"overtaken" was not stored, for another one was submitted meanwhile/);
  expect(await rows()).toEqual(before);
  expect((await inPhase(delivery, 'awaiting-decision')).revision).toBe(revision);
  await delivery.stop({ operator: 'owner' });
});

test('a delivery that something else holds is told after some seconds', async () => {
  const { delivery } = await undecided('held');
  const holder = await environment.database.connect();
  await holder.query(`begin; select 1 from delivery where id = 'held' for update`);
  const revising = delivery.revise(definition({ id: 'held', subject: 'Other' }), { operator: 'author' });
  await expect(Promise.race([revising, delay(30_000, 'too late', { ref: false })])).rejects.toMatchObject({
    code: 'REVISION_NOT_STORED',
    message: expect.stringMatching(/something else has held the delivery for 10s: submit it again/),
  });
  await holder.query('rollback');
  holder.release();
  await delivery.stop({ operator: 'owner' });
});
