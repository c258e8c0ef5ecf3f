import type { Delivery } from '../../src/client/index.js';
import { checkChain, type ChainedEntry } from '../../src/audit/journal-chain.js';
import { openDatabase, renewStatistics, type Database } from '../../src/store/database.js';
import { appendJournal, closeUntold } from '../../src/store/journal.js';
import { migrate } from '../../src/store/migrate.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment, type WorkerProcess } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;
/** As worker, client and web reach the database. */
let application: Database;

beforeAll(async () => {
  environment = await openEnvironment();
  application = openDatabase(environment.env['DATABASE_URL'] ?? '', 12);
  relay = await startScriptedRelay({
    on: (stage, { recipient }) => (stage === 'dot' && recipient.endsWith('@lost.example') ? 'drop' : undefined),
  });
  worker = await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await application.end();
  await environment.close();
  await relay.close();
});

interface Shown {
  unbroken: boolean;
  faults: string[];
  head: { n: number; hash: string };
  entries: (ChainedEntry & { actor?: string; text: string; follows: number[] })[];
}

async function shown(id: string, ...options: string[]): Promise<Shown & { code: number; stderr: string }> {
  const { code, stdout, stderr } = await environment.cli(['audit', 'show', id, '--json', ...options]);
  return { ...(JSON.parse(stdout) as Shown), code, stderr };
}

/** A delivery with a journal of four entries, which waits for its decision. */
async function undecided(id: string, operator = 'author'): Promise<Delivery & { seal: string }> {
  const delivery = await environment.sealpost.start(definition({ id }), { operator });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  return Object.assign(delivery, { seal });
}

/** What a superuser can do to a journal, behind the triggers. */
async function tamper(id: string, statements: string): Promise<void> {
  const { rows } = await environment.database.query<{ key: number }>('select key from delivery where id = $1', [id]);
  const own = statements.replaceAll('$key', String(rows[0]?.key));
  await environment.database.query(`begin; set local session_replication_role = replica; ${own}; commit`);
}

test('a whole delivery is an unbroken chain: refusals, a pause, a retried record, and decisions on what is in doubt', async () => {
  const people = [...recipients(3), { email: 'ann@lost.example', first_name: 'Ann' }];
  const delivery = await environment.sealpost.start(definition({ id: 'whole', recipients: people }), {
    operator: 'author',
  });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  const stranger = delivery.decide({ operator: 'stranger', verdict: 'confirm', seal });
  await expect(stranger).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });
  await delivery.pause({ operator: 'owner', comment: 'until ten' });
  await delivery.resume({ operator: 'owner' });
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal, comment: 'Grüße, “fine” 👍' });
  expect(await delivery.outcome()).toMatchObject({ counts: { sent: 3, 'in-doubt': 1 } });
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'give-up', messages: 'all' });

  const before = await shown('whole');
  expect(before).toMatchObject({ code: 0, unbroken: true, faults: [], stderr: '' });
  expect(before.entries.map(({ n }) => n)).toEqual(before.entries.map((_, index) => index + 1));
  const of = (kind: string, phase?: string) =>
    before.entries.find((entry) => entry.kind === kind && (phase === undefined || entry.data['phase'] === phase));
  expect(of('decide')).toMatchObject({ actor: 'stranger', text: expect.stringContaining('refused: ') });
  expect(of('in-doubt')).toMatchObject({ actor: 'owner', data: { verdict: 'give-up', accepted: true } });
  const confirmed = before.entries.find(({ actor, kind }) => actor === 'approver' && kind === 'decide');
  expect(of('phase', 'scheduled')?.follows).toEqual([confirmed?.n]);
  expect(of('ended')?.follows).toEqual([of('phase', 'finished')?.n]);

  // As a retried activity does, whose answer was lost.
  const { journal } = await delivery.show();
  await appendJournal(application, 'whole', journal.slice(0, 4));
  expect(await shown('whole')).toEqual(before);
});

test('several that write at once, and the end of a terminated delivery, leave one unbroken chain', async () => {
  const delivery = await undecided('terminated');
  await environment.temporal.workflow.getHandle(delivery.workflowId).terminate();
  const at = new Date().toISOString();
  const writing = Array.from({ length: 10 }, (_, index) =>
    appendJournal(application, 'terminated', [{ n: 100 + index, at, kind: 'malformed', accepted: false }]),
  );
  await Promise.all([...writing, closeUntold(application, 'terminated', 'terminated')]);
  await closeUntold(application, 'terminated', 'terminated');
  const { unbroken, entries, head } = await shown('terminated');
  expect({ unbroken, count: entries.length, head }).toEqual({
    unbroken: true,
    count: 15,
    head: { n: 15, hash: entries.at(-1)?.hash },
  });
  expect(entries.filter(({ data }) => data['phase'] === 'failed')).toHaveLength(1);
});

const ofDelivery = 'where delivery = $key';
test.each<[string, string, string]>([
  [
    'data',
    `update journal set data = data || '{"operator":"mallory"}' ${ofDelivery} and n = 1`,
    'entry 1 does not match',
  ],
  ['time', `update journal set at = at - interval '1 day' ${ofDelivery} and n = 3`, 'entry 3 does not match'],
  ['no-time', `update journal set at = 'infinity' ${ofDelivery} and n = 3`, 'entry 3 does not match'],
  ['kind', `update journal set kind = 'praise' ${ofDelivery} and n = 2`, 'entry 2 does not match'],
  ['shape', `update journal set data = '{"seal":7,"counts":null}' ${ofDelivery} and n = 3`, 'entry 3 does not match'],
  ['hash', String.raw`update journal set hash = sha256('') ${ofDelivery} and n = 2`, 'entry 2 does not match'],
  ['first', `delete from journal ${ofDelivery} and n = 1`, 'entry 1 is missing'],
  ['removed', `delete from journal ${ofDelivery} and n = 3`, 'entry 3 is missing'],
  [
    'renumbered',
    `delete from journal ${ofDelivery} and n = 2; update journal set n = n + 99 ${ofDelivery} and n > 2;
     update journal set n = n - 100 ${ofDelivery} and n > 2`,
    'entry 2 does not match',
  ],
  [
    'inserted',
    `update journal set n = n + 101 ${ofDelivery} and n > 2; update journal set n = n - 100 ${ofDelivery} and n > 2;
     insert into journal (delivery, n, at, kind, data, hash)
     select delivery, 3, at, kind, data, hash from journal ${ofDelivery} and n = 2`,
    'entry 3 does not match',
  ],
  [
    'appended',
    `insert into journal (delivery, n, at, kind, data, hash)
     select delivery, 5, at, 'decide', '{"operator":"approver","accepted":true}', hash from journal ${ofDelivery} and n = 4`,
    'entry 5 does not match',
  ],
  [
    'swapped',
    `update journal j set at = o.at, kind = o.kind, data = o.data, hash = o.hash from journal o
     where j.delivery = $key and o.delivery = $key and (j.n, o.n) in ((2, 3), (3, 2))`,
    'entry 2 does not match',
  ],
  ['other-id', `update delivery set id = 'other-id-2' where key = $key`, 'entry 1 does not match'],
])('what was changed in the database is named: %s', async (name, statements, fault) => {
  await undecided(name);
  await tamper(name, statements);
  const id = name === 'other-id' ? 'other-id-2' : name;
  const { code, unbroken, faults, stderr } = await shown(id);
  expect({ code, unbroken, first: faults[0] }).toEqual({
    code: 1,
    unbroken: false,
    first: expect.stringContaining(fault),
  });
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'CHAIN_BROKEN', message: expect.stringContaining(`"${id}" is not as it was written: ${fault}`) },
  });
  const text = await environment.cli(['audit', 'show', id, '--kind', 'started']);
  expect(text).toMatchObject({ code: 1, stdout: expect.stringContaining(`Broken: ${fault}`) });
  expect(text.stderr.trim().split('\n')).toHaveLength(1);
});

describe('journal and history of operators are append-only', () => {
  const attempts = [
    ['journal', 'kind'],
    ['operator_event', 'kind'],
    ['decision_nonce', 'nonce'],
  ].flatMap(([table, column]) => [`update ${table} set ${column} = 'x'`, `delete from ${table}`, `truncate ${table}`]);
  const detours = [
    'alter table journal disable trigger all',
    'drop trigger journal_append_only on journal',
    'drop table journal',
    'set session_replication_role = replica',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
    'set role sealpost',
    'delete from schema_migration',
  ];

  test.each([...attempts, ...detours])('the application may not: %s', async (statement) => {
    await expect(application.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test.each([...attempts, `update journal set kind = 'x' where false`])(
    'the owner is refused with a sentence: %s',
    async (statement) => {
      await expect(environment.database.query(statement)).rejects.toThrow(
        /^The table "(journal|operator_event|decision_nonce)" is append-only: its rows are neither changed nor deleted, so (UPDATE|DELETE|TRUNCATE) is refused\.$/,
      );
    },
  );

  test('a delivery with a journal is not deleted, by nobody', async () => {
    // Without a key: of what was signed, a number is kept that would stand in the way as well.
    await undecided('kept', 'keyless');
    for (const database of [application, environment.database]) {
      await expect(database.query(`delete from delivery where id = 'kept'`)).rejects.toThrow(/journal_delivery_fkey/);
    }
  });

  test('the application renews the statistics of tables that it does not own', async () => {
    await renewStatistics(application, 'denylist');
    await eventually(
      () => environment.database.query(`select last_analyze from pg_stat_user_tables where relname = 'denylist'`),
      ({ rows }) => rows[0].last_analyze !== null,
    );
  });

  test('a worker whose role could rewrite the journal says so, once; one that cannot does not', async () => {
    const loose = await environment.startWorker({ SMTP_URL: relay.url, DATABASE_URL: environment.migrateUrl });
    await loose.stop();
    expect(loose.log().match(/could rewrite the journal/g)).toHaveLength(1);
    expect(worker.log()).not.toContain('could rewrite');
  });
});

test('what was in the journal before it was a chain is chained by the migration', async () => {
  const { migrateUrl, env, database } = environment;
  await undecided('old');
  const { entries } = await shown('old');
  await database.query('alter table journal alter column hash drop not null');
  await tamper('old', 'update journal set hash = null');
  expect(await migrate(migrateUrl, env['DATABASE_URL'])).toEqual([]);
  expect((await shown('old')).entries).toEqual(entries);
  await expect(database.query('update journal set hash = null')).rejects.toThrow(/append-only/);
  await expect(
    database.query(`insert into journal (delivery, n, at, kind, data) select key, 99, now(), 'x', '{}' from delivery`),
  ).rejects.toThrow(/null value in column "hash"/);
});

test('only the owner migrates: the application is told so, and nothing is changed', async () => {
  const elsewhere = Object.assign(new URL(environment.env['DATABASE_URL'] ?? ''), { pathname: '/postgres' }).href;
  for (const env of [{}, { DATABASE_URL: elsewhere }]) {
    const refused = await environment.cli(['migrate'], env);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/^sealpost: .* \(SEALPOST_MIGRATE_URL\)/) });
  }
  const both = await environment.cli(['migrate'], { SEALPOST_MIGRATE_URL: environment.migrateUrl });
  expect(both).toMatchObject({ code: 0, stdout: 'All is up to date.\n' });
  const wrong = await environment.cli(['migrate'], { SEALPOST_MIGRATE_URL: 'db.example' });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('SEALPOST_MIGRATE_URL must be postgres:') });
});

test('the story is told in order, and filters choose from it', async () => {
  const delivery = await undecided('story');
  await delivery.decide({ operator: 'approver', verdict: 'reject', seal: delivery.seal, comment: 'typo' });
  await inPhase(delivery, 'awaiting-revision');
  const all = await environment.cli(['audit', 'show', 'story']);
  const lines = all.stdout.split('\n').map((line) => line.replace(/^ +(\d+) {2}[\d-]{10} [\d:]{8} UTC {2}/, '$1 '));
  expect(lines).toEqual([
    expect.stringMatching(/^1 author started it with revision [0-9a-f]{12}$/),
    '2 analysing: target and messages are computed and sealed',
    expect.stringMatching(/^3 5 messages sealed: [0-9a-f]{8}$/),
    '4 awaiting-decision: waits for a person to confirm or reject the seal (follows from 3)',
    expect.stringMatching(/^5 approver rejected seal [0-9a-f]{8}; "typo"$/),
    '6 awaiting-revision: waits for a new revision, or to be analysed again (the delivery was rejected) (follows from 5)',
    '',
    '6 entries.',
    expect.stringMatching(/^The chain is unbroken; entry 6 has the hash [0-9a-f]{64}\.$/),
    '',
  ]);
  const numbers = async (...options: string[]) => (await shown('story', ...options)).entries.map(({ n }) => n);
  const { entries } = await shown('story');
  const [askedAt = '', rejectedAt = ''] = entries.slice(3, 5).map(({ at }) => at);
  expect(await numbers('--actor', 'approver')).toEqual([5]);
  expect(await numbers('--actor', 'approver', '--actor', 'author')).toEqual([1, 5]);
  expect(await numbers('--kind', 'started,sealed', '--kind', 'decide')).toEqual([1, 3, 5]);
  expect(await numbers('--since', rejectedAt)).toEqual([5, 6]);
  expect(await numbers('--until', askedAt, '--kind', 'phase')).toEqual([2, 4]);
  expect(await numbers('--since', rejectedAt.slice(0, 10), '--until', rejectedAt.slice(0, 10))).toHaveLength(6);
  expect(await numbers('--until', '2026-01-01')).toEqual([]);
  expect(await environment.cli(['audit', 'show', 'nobody'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nobody'),
  });
  expect(checkChain('story', await delivery.journal())).toEqual([]);
});
