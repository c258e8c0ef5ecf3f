import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
/** When messages came, by delivery. */
const arrivals = new Map<string, number[]>();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    on: (stage, { recipient }) => {
      if (stage !== 'rcpt') return undefined;
      const domain = recipient.slice(recipient.indexOf('@') + 1);
      arrivals.set(domain, [...(arrivals.get(domain) ?? []), performance.now()]);
      return undefined;
    },
  });
  await environment.startWorker({ SMTP_URL: relay.url }, ['--processes', '2']);
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function start(id: string, count: number, rate?: string) {
  const values = definition({
    id,
    recipients: recipients(count).map((one) => ({ ...one, email: one.email.replace('shop', id) })),
    sending: { batchSize: 20, ...(rate !== undefined && { rate }) },
  });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  return { delivery, confirm: () => delivery.decide({ operator: 'approver', verdict: 'confirm', seal }) };
}

test('two processes keep to the rate of a delivery together', async () => {
  const { delivery, confirm } = await start('steady', 70, '20/s');
  await confirm();
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 70 } });
  const [first = 0, ...others] = arrivals.get('steady.example') ?? [];
  expect(others).toHaveLength(69);
  // Twenty in the first second, twenty in each of the next two, and the rest in a fourth.
  expect((others.at(-1) ?? 0) - first).toBeGreaterThan(2_000);
  expect((await delivery.show()).journal).toContainEqual(
    expect.objectContaining({ kind: 'rate-set', rate: '20/s' }) as unknown,
  );
});

test('a rate that is too slow is lifted while the delivery is sent, and what had been put off leaves at once', async () => {
  const { delivery, confirm } = await start('slow', 50, '2/min');
  const early = await environment.cli(['rate', 'slow', '5/min', '--operator', 'owner']);
  expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('give sending.rate in the definition') });
  const bad = await environment.cli(['rate', 'slow', 'quickly', '--operator', 'owner']);
  expect(bad).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('such as 50/s, 100/min or 6000/h, or unlimited'),
  });
  await confirm();
  await eventually(
    () =>
      environment.database.query(
        `select count(*)::int as waiting from message m join delivery d on d.key = m.delivery
         where d.id = 'slow' and m.proof = 0 and m.status = 'pending' and m.next_attempt_at > now()`,
      ),
    ({ rows }) => (rows[0] as { waiting: number }).waiting >= 46,
  );
  const { counts } = await delivery.show();
  expect(counts.sent ?? 0).toBeLessThanOrEqual(4);
  const lifted = await environment.cli(['rate', 'slow', 'unlimited', '--operator', 'owner', '--json']);
  expect(JSON.parse(lifted.stdout)).toEqual({ id: 'slow', state: 'accepted', rate: 'unlimited' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 50 } });
  const { rows } = await environment.database.query<{ attempts: number }>(
    `select max(attempts) as attempts from message m join delivery d on d.key = m.delivery where d.id = 'slow'`,
  );
  // Who waits for a permit was not tried.
  expect(rows[0]?.attempts).toBe(1);
});
