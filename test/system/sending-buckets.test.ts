import { exchangeBucket } from '../../src/store/sending-buckets.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

const periodMs = 3_600_000;
let environment: TestEnvironment;
let database: Database;

beforeAll(async () => {
  environment = await openEnvironment();
  // As a worker sees it.
  database = openDatabase(environment.env['DATABASE_URL'] ?? '', 10);
});
afterAll(async () => {
  await database.end();
  await environment.close();
});

test('many at once never get more permits than a period has, nor more connections than the limit', async () => {
  const ask = (n: number) =>
    exchangeBucket(database, {
      bucket: 'rule:many',
      permits: { rate: { messages: 100, perMs: periodMs }, periodMs, wanted: 7 },
      connections: { limit: 3, holder: `process ${n}`, wanted: 2, open: 0 },
    });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => ask(n)));
  const sum = (counts: (number | undefined)[]) => counts.reduce<number>((all, one) => all + (one ?? 0), 0);
  expect(sum(answers.map(({ permits }) => permits?.granted))).toBe(100);
  expect(sum(answers.map(({ connections }) => connections))).toBe(3);
  // Whoever comes after them is told when there are more.
  expect((await ask(31)).permits).toMatchObject({ granted: 0, outFor: expect.any(Number) });
});

test('what is given back within its period is granted again, what comes later is lost', async () => {
  const ask = (wanted: number, ofPeriod?: number) =>
    exchangeBucket(database, {
      bucket: 'rule:back',
      permits: { rate: { messages: 10, perMs: periodMs }, periodMs, wanted, ofPeriod },
    });
  const { permits } = await ask(10);
  expect(permits?.granted).toBe(10);
  await ask(-4, (permits?.period ?? 0) - periodMs);
  expect((await ask(10)).permits?.granted).toBe(0);
  await ask(-4, permits?.period);
  expect((await ask(10)).permits?.granted).toBe(4);
});

test('a process that is not heard of any more loses its connections to others, and one that gives them up at once', async () => {
  const ask = async (holder: string, wanted: number, open = 0) =>
    (await exchangeBucket(database, { bucket: 'rule:gone', connections: { limit: 2, holder, wanted, open } }))
      .connections;
  expect(await ask('first', 2)).toBe(2);
  expect(await ask('second', 2)).toBe(0);
  // It closes one of two.
  expect(await ask('first', 0, 1)).toBe(0);
  expect(await ask('second', 2)).toBe(1);
  await environment.database.query(`update connection_slot set expires_at = now() where holder = 'first'`);
  expect(await ask('second', 2, 1)).toBe(2);
});
