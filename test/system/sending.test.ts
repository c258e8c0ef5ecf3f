import type { AttemptRow, Delivery } from '../../src/client/index.js';
import type { RelayAnswer, RelayStage, ScriptedRelay } from '../smtp/scripted-relay.js';
import { gate } from '../smtp/gate.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, inPhase, ledgerOf, openSendingEnvironment, type SendingEnvironment } from './environment.js';

let environment: SendingEnvironment;
let relay: ScriptedRelay;
/** What the relay of the test that runs says to each stage and recipient. */
let script: (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer>;

beforeAll(async () => {
  environment = await openSendingEnvironment({ on: (stage, { recipient }) => script(stage, recipient), keep: true }, 4);
  ({ relay } = environment);
});
beforeEach(() => {
  script = () => undefined;
});
afterAll(async () => {
  await environment.close();
});

/** Starts a delivery that needs nobody's decision. */
async function automatic(own: Partial<Values> & { id: string }): Promise<Delivery> {
  const values = definition({ approval: { mode: 'automatic' }, ...own });
  return await environment.sealpost.start(values, { operator: 'author' });
}

/** How often the relay took a message for each recipient. */
function taken(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { recipient } of relay.messages) counts[recipient] = (counts[recipient] ?? 0) + 1;
  return counts;
}

test('each reply gives its status, and soft failures are tried again by timer', async () => {
  let busy = 2;
  script = (stage, recipient) => {
    if (stage !== 'rcpt') return undefined;
    if (recipient === 'person1@replies.example') return '550 5.1.1 no such user';
    if (recipient === 'person2@replies.example' && busy > 0) {
      busy -= 1;
      return '451 4.7.1 greylisted';
    }
    return undefined;
  };
  const people = recipients(4).map((one) => ({ ...one, email: one.email.replace('shop', 'replies') }));
  const delivery = await automatic({ id: 'replies', recipients: people, sending: { retries: { interval: '1s' } } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 3, failed: 1 } });
  expect((await ledgerOf(delivery)).map(({ status, reason, attempts }) => [status, reason, attempts])).toEqual([
    ['failed', 'user-unknown', 1],
    ['sent', null, 3],
    ['sent', null, 1],
    ['sent', null, 1],
  ]);
  const { stdout } = await environment.cli(['messages', 'replies', '--attempts', '--json']);
  const told = (JSON.parse(stdout) as AttemptRow[]).map(({ seq, number, outcome, reason, reply }) => [
    seq,
    number,
    outcome,
    reason,
    reply,
  ]);
  expect(told).toEqual([
    [1, 1, 'rejected', 'user-unknown', '550 5.1.1 no such user'],
    [2, 1, 'deferred', 'refused', '451 4.7.1 greylisted'],
    [2, 2, 'deferred', 'refused', '451 4.7.1 greylisted'],
    [2, 3, 'sent', null, '250 2.0.0 queued'],
    [3, 1, 'sent', null, '250 2.0.0 queued'],
    [4, 1, 'sent', null, '250 2.0.0 queued'],
  ]);
  const { stdout: table } = await environment.cli([
    'messages',
    'replies',
    '--attempts',
    '--address',
    'person2@replies.example',
  ]);
  expect(table.match(/451 4\.7\.1 greylisted/g)).toHaveLength(2);
  expect((await environment.database.query('select from attempt')).rowCount).toBe(4);
});

test('what validity does not allow to be tried again is failed, with its last reason', async () => {
  script = (stage) => (stage === 'rcpt' ? '452 4.2.2 mailbox full' : undefined);
  const delivery = await automatic({ id: 'too-late', sending: { validity: '1s', retries: { interval: '1h' } } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { failed: 5 } });
  expect((await ledgerOf(delivery)).every(({ reason }) => reason === 'mailbox-full')).toBe(true);
});

test('a connection that is lost after the dot leaves the message in doubt, and it is not sent again', async () => {
  script = (stage, recipient) => (stage === 'dot' && recipient === 'person3@lost.example' ? 'drop' : undefined);
  const people = recipients(5).map((one) => ({ ...one, email: one.email.replace('shop', 'lost') }));
  const delivery = await automatic({ id: 'lost', recipients: people });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 4, 'in-doubt': 1 } });
  expect(taken()['person3@lost.example']).toBe(1);
});

test('under resend a message in doubt is sent again, the same bytes, and marked', async () => {
  let first = true;
  script = (stage, recipient) => {
    if (stage !== 'dot' || recipient !== 'person2@again.example' || !first) return undefined;
    first = false;
    return 'drop';
  };
  const people = recipients(3).map((one) => ({ ...one, email: one.email.replace('shop', 'again') }));
  const delivery = await automatic({ id: 'again', recipients: people, sending: { inDoubt: 'resend' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  const copies = relay.messages.filter(({ recipient }) => recipient === 'person2@again.example');
  expect(copies).toHaveLength(2);
  expect(copies[0]?.bytes.equals(copies[1]?.bytes ?? Buffer.of())).toBe(true);
  expect((await ledgerOf(delivery)).filter((row) => row.possibleDuplicate)).toMatchObject([{ seq: 2, attempts: 2 }]);
});

test('pause lets what has begun settle and nothing else leave, says when the last message left; resume goes on', async () => {
  const door = gate();
  let begun = 0;
  script = (stage) => {
    if (stage !== 'dot') return undefined;
    begun += 1;
    return begun > 20 ? door.opened : undefined;
  };
  const delivery = await automatic({ id: 'paused', recipients: recipients(200) });
  await eventually(
    () => Promise.resolve(begun),
    (count) => count > 20,
  );
  expect(await delivery.pause({ operator: 'owner' })).toEqual({ state: 'accepted' });
  await eventually(
    () => environment.database.query(`select 1 from delivery where id = 'paused' and control = 'pause'`),
    ({ rowCount }) => rowCount === 1,
  );
  door.open();
  const { journal } = await eventually(
    () => delivery.show(),
    (seen) => seen.journal.some(({ kind }) => kind === 'sending-paused'),
  );
  const sent = relay.messages.length;
  expect((await delivery.progress()).phase).toBe('paused');
  expect(Date.parse(journal.find(({ kind }) => kind === 'sending-paused')?.lastSentAt ?? '')).not.toBeNaN();
  const { counts } = await delivery.progress();
  expect(counts.sending).toBeUndefined();
  expect(counts.pending).toBeGreaterThan(0);
  await delivery.resume({ operator: 'owner' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 200 } });
  expect(relay.messages.length).toBeGreaterThan(sent);
});

test('stop cancels what has not left', async () => {
  const door = gate();
  let begun = 0;
  script = (stage) => {
    if (stage === 'dot') begun += 1;
    return stage === 'dot' && begun > 10 ? door.opened : undefined;
  };
  const delivery = await automatic({ id: 'stopped', recipients: recipients(200) });
  await eventually(
    () => Promise.resolve(begun),
    (count) => count > 10,
  );
  await delivery.stop({ operator: 'owner', comment: 'wrong day' });
  await eventually(
    () => environment.database.query(`select 1 from delivery where id = 'stopped' and control = 'stop'`),
    ({ rowCount }) => rowCount === 1,
  );
  door.open();
  const { outcome, counts } = await delivery.outcome();
  expect(outcome).toBe('stopped');
  expect((counts.sent ?? 0) + (counts.canceled ?? 0)).toBe(200);
  expect(counts.canceled).toBeGreaterThan(100);
  await expect(delivery.resume({ operator: 'owner' })).rejects.toMatchObject({ code: 'DELIVERY_ENDED' });
});

test('a message that is not what was sealed stops the delivery before it leaves', async () => {
  const values = definition({ id: 'tampered', recipients: recipients(3) });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  const { seal } = await inPhase(delivery, 'awaiting-decision');
  await environment.database.query(
    `update profile p set fields = '{"first_name": "Mallory"}' from revision r join delivery d on d.key = r.delivery
     where p.revision = r.key and d.id = 'tampered' and p."row" = 2`,
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: seal ?? '' });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'failed', counts: { canceled: 3 } });
  const { journal, brokenSeal } = await delivery.show();
  expect(journal.find(({ phase }) => phase === 'failed')?.reason).toBe('SealBroken');
  expect(brokenSeal).toEqual({ seq: 2, row: 2 });
  expect(relay.messages.some(({ bytes }) => bytes.includes('Mallory'))).toBe(false);
});

test('who is denylisted or quarantined after the seal is left out', async () => {
  const people = recipients(3).map((one) => ({ ...one, email: one.email.replace('shop', 'denied') }));
  const values = definition({ id: 'denied', recipients: people });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  const { seal } = await inPhase(delivery, 'awaiting-decision');
  await environment.database.query(`insert into denylist values ('person2@denied.example', now())`);
  await environment.database.query(`insert into quarantine values ('person3@denied.example', now())`);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 1, ignored: 2 } });
  expect(Object.keys(taken()).filter((address) => address.endsWith('@denied.example'))).toHaveLength(1);
});

test('proofs are numbered, carry real data and no real address, and are sent once', async () => {
  const values = definition({ id: 'proofs', proofs: { recipients: ['a@proof.example', 'b@proof.example'] } });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  await delivery.sendProof({ operator: 'owner' });
  const { proofs } = await eventually(
    () => delivery.show(),
    (seen) => seen.proofs.length === 2,
  );
  expect(proofs.map(({ proof, counts }) => [proof, counts])).toEqual([
    [1, { sent: 2 }],
    [2, { sent: 2 }],
  ]);
  const seen = relay.messages.filter(({ recipient }) => recipient.endsWith('@proof.example'));
  const subjects = seen.map(({ bytes }) => /^Subject: (.*)\r$/m.exec(bytes.toString())?.[1]);
  expect(subjects.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
    'Proof 1: Hello Name1',
    'Proof 1: Hello Name2',
    'Proof 2: Hello Name1',
    'Proof 2: Hello Name2',
  ]);
  expect(seen.some(({ bytes }) => bytes.includes('@shop.example'))).toBe(false);
  await delivery.stop({ operator: 'owner' });
});
