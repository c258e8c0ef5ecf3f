import type { AttemptRow, Delivery } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
/** What the server of the test that runs says to the nth RCPT for a recipient; nothing where it takes the message. */
let putOff: (recipient: string, n: number) => string | undefined;
const contacts = new Map<string, number>();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    on: (stage, { recipient }) => {
      if (stage !== 'rcpt') return undefined;
      const n = (contacts.get(recipient) ?? 0) + 1;
      contacts.set(recipient, n);
      return putOff(recipient, n);
    },
  });
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=4` });
});
beforeEach(() => contacts.clear());
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function start(id: string, sending: Values['sending']): Promise<Delivery> {
  const people = recipients(3).map((one) => ({ ...one, email: one.email.replace('shop', id) }));
  const values = definition({ id, approval: { mode: 'automatic' }, recipients: people, sending });
  return await environment.sealpost.start(values, { operator: 'author' });
}

/** What an operator reads of each attempt: whose it was, what it came to, and what the server said. */
async function attempts(id: string): Promise<string[]> {
  const { stdout } = await environment.cli(['messages', id, '--attempts', '--json']);
  return (JSON.parse(stdout) as AttemptRow[]).map(({ seq, number, outcome, reply }) =>
    [seq, number, outcome, reply].join(' '),
  );
}

test('a server that greylists gets its second try after minutes, long before the interval', async () => {
  putOff = (_, n) => (n === 1 ? '451 4.7.1 Greylisted: come again' : undefined);
  const delivery = await start('greylisting', { retries: { interval: '2h', greylistedAfter: '1s' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(await attempts('greylisting')).toEqual(
    [1, 2, 3].flatMap((seq) => [
      `${seq} 1 deferred 451 4.7.1 Greylisted: come again`,
      `${seq} 2 sent 250 2.0.0 queued`,
    ]),
  );
});

test('a server that refuses by its policy for now is left alone for longer, and then tried again', async () => {
  putOff = (recipient, n) => (n < 3 && recipient.startsWith('person2@') ? '450 4.7.0 unusual rate' : undefined);
  const delivery = await start('policy', { retries: { interval: '1h', policyAfter: '1s' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect((await attempts('policy')).filter((told) => told.startsWith('2 '))).toEqual([
    '2 1 deferred 450 4.7.0 unusual rate',
    '2 2 deferred 450 4.7.0 unusual rate',
    '2 3 sent 250 2.0.0 queued',
  ]);
});

test('servers that are away for long hold nobody else up: who comes back gets the message, who does not fails at the end', async () => {
  const away = '451 4.4.1 no answer from host';
  putOff = (recipient, n) => {
    const back = recipient.startsWith('person1@') ? 1 : recipient.startsWith('person2@') ? 4 : Infinity;
    return n < back ? away : undefined;
  };
  const delivery = await start('away', { validity: '12s', retries: { inFirstDay: 24, interval: '1s' } });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 2, failed: 1 } });
  const { stdout } = await environment.cli(['messages', 'away', '--status', 'failed', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([{ seq: 3, status: 'failed', reason: 'unreachable', reply: away }]);
  const all = await attempts('away');
  expect(all.filter((told) => !told.startsWith('3 '))).toEqual([
    '1 1 sent 250 2.0.0 queued',
    ...[1, 2, 3].map((n) => `2 ${n} deferred ${away}`),
    '2 4 sent 250 2.0.0 queued',
  ]);
  const third = all.filter((told) => told.startsWith('3 '));
  expect(third.length).toBeGreaterThan(4);
  expect(third).toEqual(third.map((_, index) => `3 ${index + 1} deferred ${away}`));
  // What is told is what the server saw, no more and no less.
  expect(contacts.get('person3@away.example')).toBe(third.length);
});
