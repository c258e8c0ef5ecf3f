import type { Delivery } from '../../src/client/index.js';
import { inTransaction } from '../../src/store/database.js';
import { batchesOwingCopies } from '../../src/store/copies.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, inPhase, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

const connections = 4;
let environment: TestEnvironment;
let relay: ScriptedRelay;
/** What the relay says to each stage and recipient, by the delivery's id. */
const scripts = new Map<string, (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer>>();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    extensions: ['PIPELINING', 'SMTPUTF8'],
    on: (stage, { recipient }) => scripts.get(idOf(recipient))?.(stage, recipient),
    keep: true,
  });
  await startWorker();
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const startWorker = () => environment.startWorker({ SMTP_URL: `${relay.url}&connections=${connections}` });
const idOf = (address: string): string => /@([\w-]+)\.example$/.exec(address)?.[1] ?? '';
const archiveOf = (id: string): string => `archive@${id}.example`;
const peopleOf = (id: string, count: number) =>
  recipients(count).map((one) => ({ ...one, email: one.email.replace('shop', id) }));

async function start(id: string, count: number, own: Partial<Values> = {}): Promise<Delivery> {
  const people = { recipients: peopleOf(id, count), bcc: archiveOf(id) };
  const values = definition({ id, approval: { mode: 'automatic' }, ...people, ...own });
  return await environment.sealpost.start(values, { operator: 'author' });
}

/** What the relay took of a delivery: to its recipients, and to its archive. */
function taken(id: string) {
  const all = relay.messages.filter(({ recipient }) => idOf(recipient) === id);
  const [copies, originals] = [true, false].map((copy) =>
    all.filter(({ recipient }) => (recipient === archiveOf(id)) === copy),
  ) as [typeof all, typeof all];
  return { copies, originals };
}

const bytesById = (messages: ScriptedRelay['messages']) =>
  new Map(messages.map(({ messageId, bytes }) => [messageId, bytes.toString('latin1')]));

/** Nobody got anything twice, and each copy is what a recipient got. */
function expectTrueCopies(id: string): void {
  const { copies, originals } = taken(id);
  const [copied, sent] = [bytesById(copies), bytesById(originals)];
  expect([copied.size, sent.size]).toEqual([copies.length, originals.length]);
  for (const [messageId, bytes] of copied) expect(bytes).toBe(sent.get(messageId));
}

const statusesOf = async (delivery: Delivery, copies: boolean) =>
  new Map((await ledgerOf(delivery, { copies })).map(({ seq, status }) => [seq, status]));

test('the archive gets the bytes of each message that was sent, and nothing of the others', async () => {
  scripts.set('exact', (stage, recipient) =>
    stage === 'rcpt' && recipient === 'person2@exact.example' ? '550 5.1.1 no such user' : undefined,
  );
  const people = [...peopleOf('exact', 4), { email: 'grüße@exact.example', first_name: 'Grete' }];
  const sender = { address: 'news@garden.example', errorAddress: 'bounces@garden.example', verp: true };
  const delivery = await start('exact', 0, {
    recipients: people,
    sender,
    proofs: { recipients: ['proof@exact.example'] },
  });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 4, failed: 1 } });
  expectTrueCopies('exact');
  const { copies, originals } = taken('exact');
  expect(copies.map((copy) => copy.sender)).toEqual(copies.map(() => 'bounces@garden.example'));
  expect(new Set(originals.map((original) => original.sender)).size).toBe(originals.length);
  expect(copies).toHaveLength(4);
  expect((await ledgerOf(delivery, { copies: true })).map(({ seq, address, reply }) => [seq, address, reply])).toEqual(
    people
      .map(({ email }, index) => [index + 1, email, '250 2.0.0 queued'])
      .filter(([, email]) => email !== 'person2@exact.example'),
  );
  const listed = await environment.cli(['messages', 'exact', '--copies', '--json']);
  expect(JSON.parse(listed.stdout)).toHaveLength(4);
  expect((await environment.cli(['show', 'exact'])).stdout).toContain('to archive@exact.example: 4 sent');
});

test('a copy that the archive puts off is tried again by the timetable; one that it refuses is failed', async () => {
  let busy = 3;
  scripts.set('later', (stage, recipient) => {
    if (stage !== 'rcpt' || recipient !== archiveOf('later')) return undefined;
    busy -= 1;
    return busy > 0 ? '451 4.7.1 greylisted' : busy === 0 ? '550 5.7.1 not allowed' : undefined;
  });
  const delivery = await start('later', 5, { sending: { retries: { interval: '1s' } } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  expectTrueCopies('later');
  const copies = await ledgerOf(delivery, { copies: true });
  expect(copies.filter(({ status }) => status === 'sent')).toHaveLength(4);
  expect(copies.filter(({ attempts }) => attempts > 1)).toHaveLength(2);
});

test('an archive on the denylist gets its copies, and is asked again for none that are in doubt', async () => {
  await environment.database.query(`insert into denylist values ('archive@doubt.example', now())`);
  let cut = false;
  scripts.set('doubt', (stage, recipient) => {
    if (stage !== 'dot' || recipient !== archiveOf('doubt') || cut) return undefined;
    cut = true;
    return 'drop';
  });
  const delivery = await start('doubt', 5, { sending: { inDoubt: 'resend' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  expectTrueCopies('doubt');
  expect([...(await statusesOf(delivery, true)).values()].filter((status) => status === 'in-doubt')).toHaveLength(1);
});

test('a message in doubt has a copy once it was sent again, and none when a person says that it was sent', async () => {
  const lost = new Set(['person2@resolved.example', 'person3@resolved.example']);
  scripts.set('resolved', (stage, recipient) => (stage === 'dot' && lost.delete(recipient) ? 'drop' : undefined));
  const delivery = await start('resolved', 4);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 2, 'in-doubt': 2 } });
  expect([...(await statusesOf(delivery, true)).keys()]).toEqual([1, 4]);
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'sent', messages: [2] });
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'resend', messages: [3] });
  await eventually(
    () => statusesOf(delivery, true),
    (copies) => copies.get(3) === 'sent',
  );
  expect([...(await statusesOf(delivery, true)).keys()]).toEqual([1, 3, 4]);
  expect(new Set(taken('resolved').copies.map(({ messageId }) => messageId)).size).toBe(3);
});

/** Holds what comes after so many messages at their final dot. */
function holdAfter(
  id: string,
  count: number,
  copies: boolean,
): { door: ReturnType<typeof gate>; reached: () => Promise<unknown> } {
  const door = gate();
  let begun = 0;
  scripts.set(id, (stage, recipient) => {
    if (stage !== 'dot' || (recipient === archiveOf(id)) !== copies) return undefined;
    begun += 1;
    return begun > count ? door.opened : undefined;
  });
  const reached = () =>
    eventually(
      () => Promise.resolve(begun),
      (seen) => seen > count,
    );
  return { door, reached };
}

const controlled = (id: string, control: string) =>
  eventually(
    () => environment.database.query('select 1 from delivery where id = $1 and control = $2', [id, control]),
    ({ rowCount }) => rowCount === 1,
  );

test.each([
  ['while messages leave', false],
  ['while copies leave', true],
])('stopped %s, the archive gets a copy of all that was sent', async (what, copies) => {
  const id = `stopped-${what.split(' ')[1]}`;
  const { door, reached } = holdAfter(id, 10, copies);
  const delivery = await start(id, 100, { sending: { batchSize: 40 } });
  await reached();
  await delivery.stop({ operator: 'owner' });
  await controlled(id, 'stop');
  door.open();
  const { outcome, counts } = await delivery.outcome();
  expect(outcome).toBe('stopped');
  expect(counts.canceled).toBeGreaterThan(10);
  expectTrueCopies(id);
  expect(taken(id).copies).toHaveLength(counts.sent ?? 0);
});

test('paused, copies wait; stopped then, the archive gets them', async () => {
  const { door, reached } = holdAfter('paused', 10, false);
  const delivery = await start('paused', 100);
  await reached();
  await delivery.pause({ operator: 'owner' });
  await controlled('paused', 'pause');
  door.open();
  await eventually(
    () => delivery.show(),
    ({ journal }) => journal.some(({ kind }) => kind === 'sending-paused'),
  );
  expect(taken('paused').copies).toHaveLength(0);
  // Who does not want to get the next message has got this one.
  const people = peopleOf('paused', 100).map(({ email }) => email);
  await environment.database.query('insert into denylist select unnest($1::text[]), now()', [people]);
  await delivery.stop({ operator: 'owner' });
  const { counts } = await delivery.outcome();
  expectTrueCopies('paused');
  expect(taken('paused').copies).toHaveLength(counts.sent ?? 0);
});

test('a message that was changed after it left stops the delivery: no copy is made up', async () => {
  const { door, reached } = holdAfter('tampered', 0, false);
  const delivery = await start('tampered', 3);
  await reached();
  await environment.database.query(
    `update profile p set fields = '{"first_name": "Mallory"}' from revision r join delivery d on d.key = r.delivery
     where p.revision = r.key and d.id = 'tampered' and p."row" = 2`,
  );
  door.open();
  expect(await delivery.outcome()).toMatchObject({ outcome: 'failed', counts: { sent: 3 } });
  expect((await delivery.show()).brokenSeal).toEqual({ seq: 2, row: 2 });
  expect(taken('tampered').copies).toHaveLength(0);
});

test('an archive that was changed after the confirmation stops the delivery, at messages and at copies', async () => {
  const own = await openEnvironment();
  const SMTP_URL = `${relay.url}&connections=${connections}`;
  const begin = (id: string, approval: Values['approval']) =>
    own.sealpost.start(definition({ id, approval, recipients: peopleOf(id, 3), bcc: archiveOf(id) }), {
      operator: 'author',
    });
  try {
    const first = await own.startWorker({ SMTP_URL });
    const { door, reached } = holdAfter('copying', 0, false);
    const [waiting, copying] = [
      await begin('waiting', { approvers: ['approver'] }),
      await begin('copying', { mode: 'automatic' }),
    ];
    await reached();
    await copying.pause({ operator: 'owner' });
    door.open();
    await eventually(
      () => copying.show(),
      ({ journal }) => journal.some(({ kind }) => kind === 'sending-paused'),
    );
    const { seal = '' } = await inPhase(waiting, 'awaiting-decision');
    // A worker keeps the revisions that it has read.
    await first.stop();
    await own.database.query(`update revision set settings = settings || '{"bcc": "mallory@copying.example"}'`);
    await own.startWorker({ SMTP_URL });
    await waiting.decide({ operator: 'approver', verdict: 'confirm', seal });
    await copying.resume({ operator: 'owner' });
    expect(await waiting.outcome()).toMatchObject({ outcome: 'failed' });
    expect(await copying.outcome()).toMatchObject({ outcome: 'failed', counts: { sent: 3 } });
    const broken = [await waiting.show(), await copying.show()].map(({ brokenSeal }) => brokenSeal);
    expect(broken).toEqual([
      { seq: 1, row: 1 },
      { seq: 1, row: 1 },
    ]);
    expect(taken('waiting').originals).toHaveLength(0);
    expect([...taken('copying').copies, ...taken('copying').originals]).toHaveLength(3);
  } finally {
    await own.close();
  }
});

test('workers killed while messages leave and while copies leave: nothing comes twice, nothing is forgotten', async () => {
  const total = 600;
  const killed = await openEnvironment();
  const own = await startScriptedRelay({ keep: true });
  try {
    const SMTP_URL = `${own.url}&connections=${connections}`;
    const arrived = (copies: boolean): number =>
      own.messages.filter(({ recipient }) => (recipient === 'archive@killed.example') === copies).length;
    const first = await killed.startWorker({ SMTP_URL });
    const values = { bcc: 'archive@killed.example', sending: { batchSize: 250 }, recipients: recipients(total) };
    const delivery = await killed.sealpost.start(
      definition({ id: 'killed', approval: { mode: 'automatic' }, ...values }),
      { operator: 'author' },
    );
    await eventually(
      () => Promise.resolve(arrived(true)),
      (count) => count > 50,
    );
    await first.kill();
    const second = await killed.startWorker({ SMTP_URL });
    const before = arrived(false);
    await eventually(
      () => Promise.resolve(arrived(false)),
      (count) => count > before || count === total,
    );
    await second.kill();
    await killed.startWorker({ SMTP_URL });
    await delivery.outcome();

    // The oracle is what the relay took, by recipient and Message-ID.
    const keys = own.messages.map(({ recipient, messageId }) => `${recipient} ${messageId}`);
    expect(new Set(keys).size).toBe(keys.length);
    const [messages, copies] = [await statusesOf(delivery, false), await statusesOf(delivery, true)];
    const sent = [...messages].filter(([, status]) => status === 'sent').map(([seq]) => seq);
    expect(sent.length).toBeGreaterThanOrEqual(total - 2 * 3 * connections);
    expect([...copies.keys()].toSorted((a, b) => a - b)).toEqual(sent.toSorted((a, b) => a - b));
    const copied = [...copies.values()].filter((status) => status === 'sent').length;
    const inDoubt = [...copies.values()].filter((status) => status === 'in-doubt').length;
    expect(copied + inDoubt).toBe(sent.length);
    expect(arrived(true)).toBeGreaterThanOrEqual(copied);
    expect(arrived(true)).toBeLessThanOrEqual(copied + inDoubt);
  } finally {
    await killed.close();
    await own.close();
  }
});

test('at the end of a delivery without an archive nobody looks through its messages for copies', async () => {
  const { database, sealpost } = environment;
  const values = definition({
    id: 'no-archive',
    recipients: peopleOf('no-archive', 30),
    approval: { mode: 'automatic' },
  });
  const delivery = await sealpost.start(values, { operator: 'author' });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'finished' });
  await inTransaction(database, async (tx) => {
    const read = async () => {
      const { rows } = await tx.query<{ read: string }>(
        `select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) as read from pg_stat_xact_user_tables where relname = 'message'`,
      );
      return Number(rows[0]?.read);
    };
    const before = await read();
    expect(await batchesOwingCopies(tx, 'no-archive')).toEqual([]);
    expect(await read()).toBe(before);
  });
});
