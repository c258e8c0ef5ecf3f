import { Client } from 'pg';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
const owner = { operator: 'owner' };

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

/** A session whose transaction makes others wait until it ends. */
async function hold(statement: string): Promise<Client> {
  const holder = new Client({ connectionString: environment.migrateUrl });
  // A test that fails leaves it to the end of the server.
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('begin');
  await holder.query(statement);
  return holder;
}

/** What waits for a lock that another session holds. */
const waiting = async (): Promise<number> => {
  const { rows } = await environment.database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
};

const leftBehind = async (id: string): Promise<unknown[]> => {
  const { rows } = await environment.database.query(
    `with own as (select * from delivery where id = $1), revisions as (select * from revision where delivery in (select key from own))
     select 'message' as what from message where proof = 0 and delivery in (select key from own)
     union all select 'seal' from revisions where seal is not null
     union all select 'analysed' from own where analysed_revision is not null
     union all select 'finding' from finding where step = 'analysis' and revision in (select key from revisions)`,
    [id],
  );
  return rows;
};

test('stopped within a long statement of the target, an analysis leaves nothing and starts again', async () => {
  // The exclusions ask the denylist: the statement stands there for as long as we like.
  const holder = await hold('lock table denylist in access exclusive mode');
  const delivery = await environment.sealpost.start(
    definition({ id: 'stopped-in-target', recipients: recipients(50) }),
    owner,
  );
  await eventually(waiting, (count) => count > 0);
  const stopped = await environment.cli([
    'stop-analysis',
    delivery.id,
    '--operator',
    'owner',
    '--comment',
    'wrong list',
  ]);
  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing of it stays') });
  await inPhase(delivery, 'awaiting-revision');
  expect(await leftBehind(delivery.id)).toEqual([]);
  // It did not wait for the lock: the statement was ended.
  expect(await waiting()).toBe(0);
  await holder.end();

  await delivery.startAnalysis(owner);
  expect(await inPhase(delivery, 'awaiting-decision')).toMatchObject({ sealedCount: 50 });
  await delivery.stop(owner);
  await delivery.outcome();
});

test('stopped while messages are rendered, it leaves nothing, and by command the same seal comes again', async () => {
  const { database } = environment;
  const id = 'stopped-in-batches';
  // Leaves are written by an update: each waits for the lock that the test holds.
  await database.query(`create function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$`);
  await database.query('create trigger leaves before update of leaf on message execute function wait_for_test()');
  const holder = await hold('select pg_advisory_xact_lock(4711)');
  const delivery = await environment.sealpost.start(
    definition({ id, recipients: recipients(3_000), sending: { batchSize: 200 } }),
    owner,
  );
  await eventually(waiting, (count) => count > 0);
  await environment.temporal.workflow.getHandle(delivery.workflowId).signal('stopAnalysis', owner);
  await holder.end();
  await inPhase(delivery, 'awaiting-revision');
  expect(await leftBehind(id)).toEqual([]);

  const again = await environment.cli(['start-analysis', id, '--operator', 'owner', '--json']);
  expect(JSON.parse(again.stdout)).toEqual({ id, state: 'accepted' });
  const first = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ ...owner, verdict: 'reject', seal: first.seal ?? '' });
  await inPhase(delivery, 'awaiting-revision');
  await delivery.startAnalysis(owner);
  const second = await inPhase(delivery, 'awaiting-decision');
  expect([second.sealedCount, second.seal]).toEqual([3_000, first.seal]);
  // What was said of the first one counts no more.
  expect(second.pendingDecision).toMatchObject({ mayConfirm: ['owner', 'approver'], confirmedBy: [] });
  await delivery.decide({ ...owner, verdict: 'reject', seal: second.seal ?? '' });
});

test('an analysis that is started again goes by the denylist of that moment', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'denied-since' }), owner);
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ ...owner, verdict: 'reject', seal });
  await inPhase(delivery, 'awaiting-revision');
  await environment.database.query(`insert into denylist (address, added_at) values ('person2@shop.example', now())`);
  await delivery.startAnalysis(owner);
  const without = await inPhase(delivery, 'awaiting-decision');
  expect(without).toMatchObject({ sealedCount: 4, excluded: { denylisted: 1 } });

  await environment.database.query(`delete from denylist where address = 'person2@shop.example'`);
  await delivery.decide({ ...owner, verdict: 'reject', seal: without.seal ?? '' });
  await inPhase(delivery, 'awaiting-revision');
  await delivery.startAnalysis(owner);
  expect(await inPhase(delivery, 'awaiting-decision')).toMatchObject({ sealedCount: 5, seal, excluded: {} });
});

test.each<[string, number, boolean]>([
  ['a message that was made before is not made again', 4, false],
  ['where the first of a batch would come out otherwise, all of it are made again', 1, true],
])('analysed once more, %s', async (_name, changed, isMadeAgain) => {
  const id = `kept-${changed}`;
  const delivery = await environment.sealpost.start(definition({ id }), owner);
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ ...owner, verdict: 'reject', seal });
  await inPhase(delivery, 'awaiting-revision');
  // Only what is kept can still tell of this afterwards.
  await environment.database.query(
    `update message m set leaf = sha256('other') from delivery d where d.id = $1 and m.delivery = d.key and m.proof = 0 and m.seq >= $2`,
    [id, changed],
  );
  await delivery.startAnalysis(owner);
  expect((await inPhase(delivery, 'awaiting-decision')).seal === seal).toBe(isMadeAgain);
});
