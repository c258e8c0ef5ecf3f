import { insertRevision } from '../../src/store/revisions.js';
import { partsOf, readDefinition } from '../../src/client/definition-source.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { deliveryWorkflowId } from '../../workflows/messages.js';
import { definition, type Values } from './definition.js';
import { inPhase, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let database: Database;

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
});
afterAll(async () => {
  await database.end();
  await environment.close();
});

/** What a start leaves that is killed before its workflow is there. */
async function killedStart(values: Values): Promise<string> {
  const parts = partsOf(await readDefinition(values, {}));
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId: values.id,
    author: 'author',
    ...parts,
  });
  return hash;
}

const start = (values: Values) => environment.sealpost.start(values, { operator: 'author' });

async function revisionsOf(id: string): Promise<string[]> {
  const { rows } = await database.query<{ hash: string }>(
    'select r.hash from revision r join delivery d on d.key = r.delivery where d.id = $1 order by r.key',
    [id],
  );
  return rows.map(({ hash }) => hash);
}

async function startedWith(id: string): Promise<unknown> {
  const { memo } = await environment.temporal.workflow.getHandle(deliveryWorkflowId(id)).describe();
  return memo?.['revision'];
}

test('after a killed start, another definition takes its place', async () => {
  const left = await killedStart(definition({ id: 'killed', subject: 'Before' }));
  const delivery = await start(definition({ id: 'killed', subject: 'After' }));
  expect(delivery.alreadyStarted).toBe(false);
  const revisions = await revisionsOf('killed');
  expect(revisions).toEqual([await startedWith('killed')]);
  expect(revisions).not.toContain(left);
  await expect(start(definition({ id: 'killed', subject: 'Before' }))).rejects.toMatchObject({
    code: 'DELIVERY_ID_USED',
  });
  expect(await revisionsOf('killed')).toEqual(revisions);
});

test('after a killed start, the same definition starts what is there, and what is left of later ones goes', async () => {
  const first = await killedStart(definition({ id: 'same', subject: 'First' }));
  await killedStart(definition({ id: 'same', subject: 'Second' }));
  expect(await revisionsOf('same')).toHaveLength(2);
  expect((await start(definition({ id: 'same', subject: 'First' }))).alreadyStarted).toBe(false);
  expect(await revisionsOf('same')).toEqual([first]);
  expect((await start(definition({ id: 'same', subject: 'First' }))).alreadyStarted).toBe(true);
});

test('of many starts of one id with different content one is taken, and the others are refused without a trace', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `race-${round}`;
    const given = Array.from({ length: 8 }, (_, n) => definition({ id, subject: `Subject ${Math.floor(n / 2)}` }));
    const results = await Promise.allSettled(given.map(start));
    const taken = results.flatMap((one, n) =>
      one.status === 'fulfilled' ? [{ n, alreadyStarted: one.value.alreadyStarted }] : [],
    );
    expect(taken.filter(({ alreadyStarted }) => !alreadyStarted)).toHaveLength(1);
    // Each content is given twice.
    expect(new Set(taken.map(({ n }) => Math.floor(n / 2))).size).toBe(1);
    for (const one of results)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'DELIVERY_ID_USED' });
    expect(await revisionsOf(id)).toEqual([await startedWith(id)]);
  }
});

test('what was started without a worker is analysed, and takes no other definition when it has begun', async () => {
  await killedStart(definition({ id: 'begun', subject: 'Before' }));
  const delivery = await start(definition({ id: 'begun', subject: 'After' }));
  await environment.startWorker({ SMTP_URL: 'smtp://127.0.0.1:9' });
  const { settings, revisions } = await inPhase(delivery, 'awaiting-decision');
  expect([settings.subject, revisions.length]).toEqual(['After', 1]);
  await expect(start(definition({ id: 'begun', subject: 'Before' }))).rejects.toMatchObject({
    code: 'DELIVERY_ID_USED',
  });
  expect((await start(definition({ id: 'begun', subject: 'After' }))).alreadyStarted).toBe(true);
});
