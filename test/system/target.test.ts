import { deliverySettingsSchema, type Profile } from '../../src/delivery/definition.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { storePrepared } from '../../src/store/preparation.js';
import { ledgerRows } from '../../src/store/messages.js';
import { insertRevision, readRevision } from '../../src/store/revisions.js';
import { computeTarget, countExclusions, firstRecipient, summariseAnalysis } from '../../src/store/target.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

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

async function* profiles(addresses: readonly string[]): AsyncGenerator<Profile> {
  for (const [index, address] of addresses.entries()) {
    yield await Promise.resolve({ row: index + 2, address, fields: {} });
  }
}

async function target(deliveryId: string, addresses: readonly string[]) {
  const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId,
    author: 'author',
    settings,
    content: { text: 'T', sources: { 'content.txt': 'T' } },
    profiles: profiles(addresses),
  });
  const revision = await readRevision(database, deliveryId, hash);
  const range = await computeTarget(database, revision, () => undefined);
  return { revision, range };
}

test('each recipient is left out once, for the first reason that holds', async () => {
  await database.query(`insert into denylist values ('denied@shop.example', now())`);
  const cases: [address: string, status: string, reason: string | null][] = [
    ['ann@shop.example', 'pending', null],
    ['', 'ignored', 'address-missing'],
    ['', 'ignored', 'address-missing'],
    ['no address', 'ignored', 'address-invalid'],
    ['no address', 'ignored', 'address-invalid'],
    ['ann@SHOP.example', 'ignored', 'double'],
    ['Ann@shop.example', 'pending', null],
    ['denied@shop.example', 'ignored', 'denylisted'],
    ['denied@Shop.Example', 'ignored', 'denylisted'],
    ['grüße@bücher.example', 'pending', null],
    ['grüße@BÜCHER.example', 'ignored', 'double'],
    ['grüße@xn--bcher-kva.example', 'ignored', 'double'],
    ['ben@shop.example', 'pending', null],
  ];
  const { range } = await target(
    'reasons',
    cases.map(([address]) => address),
  );
  expect(range).toEqual({ firstSeq: 2, lastSeq: cases.length + 1 });
  const seen: unknown[] = [];
  for await (const { status, reason } of ledgerRows(database, 'reasons')) seen.push([status, reason]);
  expect(seen).toEqual(cases.map(([, status, reason]) => [status, reason]));
  expect(await countExclusions(database, 'reasons')).toEqual({
    'address-missing': 2,
    'address-invalid': 2,
    denylisted: 2,
    double: 3,
  });
});

test('pages of a long ledger follow its key: none of them reads all of it', async () => {
  const { revision } = await target('long', ['no address']);
  await database.query(`insert into profile select $1, n, 'no address', '{}' from generate_series(3, 100000) n`, [
    revision.key,
  ]);
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, reason)
     select $1, 0, n, $2, n, '', 'ignored', 'address-invalid' from generate_series(3, 100000) n`,
    [revision.deliveryKey, revision.key],
  );
  await environment.database.query('analyze profile, message');
  const plans: string[] = [];
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await database.query(`explain ${text}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      return await database.query(text, values);
    },
  } as unknown as Database;
  const rows: (number | null)[] = [];
  for await (const { row } of ledgerRows(explaining, 'long', { excluded: true })) rows.push(row);
  expect(rows).toEqual(Array.from({ length: 99_999 }, (_, i) => i + 2));
  expect(plans).toHaveLength(50);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on message|Bitmap/);
});

test('computed again, the target is the same and nothing of the first time is left', async () => {
  const { revision, range } = await target('twice', ['a@b.example', 'c@d.example', 'a@b.example']);
  expect(await computeTarget(database, revision, () => undefined)).toEqual(range);
  const { rows } = await database.query(
    `select count(*)::int as count from message m join delivery d on d.key = m.delivery where d.id = 'twice'`,
  );
  expect(rows[0].count).toBe(3);
});

test('an empty target has no sequence numbers', async () => {
  const { range } = await target('empty', []);
  expect(range.lastSeq).toBeLessThan(range.firstSeq);
});

test('the summary tells addresses that differ by case alone, and why messages could not be made', async () => {
  const addresses = ['Ann@a.example', 'ann@A.example', 'ANN@a.example', 'ann@a.example', 'b@a.example', 'B@a.example'];
  const { revision } = await target('summary', [...addresses, 'c@a.example', 'd@a.example', 'e@a.example']);
  expect(await firstRecipient(database, 'summary', revision.key)).toBeUndefined();
  const fault = (name: string) => `html: field "${name}" is missing`;
  await storePrepared(database, revision, {
    leaves: [{ seq: 3, leaf: Buffer.alloc(32) }],
    failures: [
      { seq: 8, fault: fault('city') },
      { seq: 9, fault: fault('name') },
      { seq: 10, fault: fault('city') },
    ],
  });
  expect(await summariseAnalysis(database, 'summary')).toEqual({
    messages: 5,
    // Row 5 is a double of row 3.
    caseDoubles: { count: 3, rows: [4, 7] },
    personalisationFaults: [
      { fault: fault('city'), count: 2, rows: [8, 10] },
      { fault: fault('name'), count: 1, rows: [9] },
    ],
    excluded: { double: 1, 'personalisation-failed': 3 },
    seedsLeftOut: [],
  });
  expect(await firstRecipient(database, 'summary', revision.key)).toEqual({
    row: 3,
    seq: 3,
    address: 'ann@a.example',
    fields: {},
  });
});
