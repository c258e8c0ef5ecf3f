import type { Delivery, LedgerRow } from '../../src/client/index.js';
import { startScriptedRelay, type RelayAnswer, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
/** Recipients whose message the relay takes, and then says nothing: `n` is the number of the attempt. */
let atDot: (recipient: string, n: number) => RelayAnswer = () => undefined;
const attempts = new Map<string, number>();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) => {
      if (stage !== 'dot') return undefined;
      const n = (attempts.get(recipient) ?? 0) + 1;
      attempts.set(recipient, n);
      return atDot(recipient, n);
    },
  });
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=4` });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});
beforeEach(() => attempts.clear());

async function start(own: Partial<Values> & { id: string }): Promise<Delivery> {
  return await environment.sealpost.start(
    definition({ approval: { mode: 'automatic', approvers: ['approver'] }, ...own }),
    {
      operator: 'author',
    },
  );
}

const statuses = async (delivery: Delivery) => (await ledgerOf(delivery)).map(({ status }) => status);
const dropFirst = (_recipient: string, n: number): RelayAnswer => (n === 1 ? 'drop' : undefined);

async function reached(delivery: Delivery, wanted: string): Promise<void> {
  await eventually(
    () => statuses(delivery),
    (seen) => seen.join() === wanted,
  );
}

/** A delivery to two people, one of whom the relay puts off, while it drops the other one's answer. */
async function oneOfEach(id: string): Promise<Delivery> {
  atDot = (recipient, n) => (recipient.startsWith('person1@') ? '451 4.7.1 later' : dropFirst(recipient, n));
  const delivery = await start({ id, recipients: recipients(2) });
  await reached(delivery, 'retrying,in-doubt');
  return delivery;
}

test('after the end: sent, given up and sent again, each a decision in the journal', async () => {
  atDot = dropFirst;
  const delivery = await start({ id: 'lost-replies', recipients: recipients(3) });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { 'in-doubt': 3 } });

  const listed = await environment.cli(['in-doubt', delivery.id, '--json']);
  expect((JSON.parse(listed.stdout) as LedgerRow[]).map(({ seq }) => seq)).toEqual([1, 2, 3]);

  const refused = { code: 'COMMAND_REFUSED' };
  const resolve = (verdict: 'sent' | 'resend' | 'give-up', messages: number[] | 'all', operator = 'approver') =>
    delivery.resolveInDoubt({ operator, verdict, messages });
  await expect(resolve('sent', 'all', 'author')).rejects.toMatchObject(refused);
  await expect(resolve('sent', [1, 99])).rejects.toThrow(/not in doubt: 99/);
  expect(await resolve('sent', [1])).toEqual({ state: 'accepted', messages: 1 });
  const args = ['--resolve', 'give-up', '--messages', '2', '--operator', 'owner', '--comment', 'too late'];
  expect(await environment.cli(['in-doubt', delivery.id, ...args])).toMatchObject({ code: 0 });
  expect(await resolve('resend', 'all')).toEqual({ state: 'accepted', messages: 1 });

  await eventually(
    () => statuses(delivery),
    (seen) => seen.every((status) => status !== 'retrying' && status !== 'sending'),
  );
  expect(await ledgerOf(delivery)).toMatchObject([
    { status: 'sent', possibleDuplicate: false, reply: expect.stringMatching(/^resolved as sent; /) },
    { status: 'failed', reason: 'unreachable' },
    { status: 'sent', possibleDuplicate: true, attempts: 2 },
  ]);
  const copies = relay.messages.filter(({ recipient }) => recipient === 'person3@shop.example');
  expect(new Set(copies.map(({ bytes }) => bytes.toString())).size).toBe(1);
  const { journal } = await delivery.show();
  expect(journal.filter(({ kind }) => kind === 'in-doubt')).toMatchObject([
    { operator: 'author', verdict: 'sent', accepted: false },
    { operator: 'approver', verdict: 'sent', accepted: false },
    { operator: 'approver', verdict: 'sent', accepted: true, counts: { messages: 1 } },
    { operator: 'owner', verdict: 'give-up', accepted: true, comment: 'too late' },
    { operator: 'approver', verdict: 'resend', accepted: true, counts: { messages: 1 } },
  ]);
  // Nothing may leave any more, as before.
  await eventually(
    () => environment.database.query(`select control from delivery where id = 'lost-replies'`),
    ({ rows }) => rows[0].control === 'stop',
  );
});

test('while the delivery still tries others: what is to be sent again does not wait for them', async () => {
  const delivery = await oneOfEach('still-open');
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'resend', messages: [2] });
  await reached(delivery, 'retrying,sent');
  await delivery.stop({ operator: 'owner' });
  expect(await delivery.outcome()).toEqual({ outcome: 'stopped', counts: { canceled: 1, sent: 1 } });
  const { journal } = await delivery.show();
  expect(journal.map(({ n }) => n)).toEqual(journal.map((_, index) => index + 1));
});

test('a delivery that was stopped sends nothing again', async () => {
  const delivery = await oneOfEach('stopped-in-doubt');
  await delivery.stop({ operator: 'owner' });
  await delivery.outcome();
  const again = delivery.resolveInDoubt({ operator: 'owner', verdict: 'resend', messages: 'all' });
  await expect(again).rejects.toThrow(/stopped: nothing leaves/);
  expect(await statuses(delivery)).toEqual(['canceled', 'in-doubt']);
});
