import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

const periodMs = 8_000;
const perPeriod = 120;
const limits = { connections: 3, messagesPerConnection: 20 };
const rules = {
  period: '8s',
  rules: [
    {
      name: 'slow',
      domains: ['slow.example'],
      ...limits,
      messagesPerHour: (perPeriod * 3_600_000) / periodMs,
      relay: 'mx',
    },
  ],
};

/** What reaches the relay that takes mail for the limited domain, over its addresses together. */
class Watch {
  /** Messages by period. */
  readonly byPeriod = new Map<number, number>();
  readonly byConnection = new Map<string, number>();
  open = 0;
  mostOpen = 0;

  readonly at = (address: string) => (stage: string, context: { connection: number }) => {
    const connection = `${address} ${context.connection}`;
    if (stage === 'connect') this.mostOpen = Math.max(this.mostOpen, ++this.open);
    if (stage === 'quit') this.open -= 1;
    if (stage !== 'mail') return undefined;
    const period = Math.floor(Date.now() / periodMs);
    this.byPeriod.set(period, (this.byPeriod.get(period) ?? 0) + 1);
    this.byConnection.set(connection, (this.byConnection.get(connection) ?? 0) + 1);
    return undefined;
  };
}

let environment: TestEnvironment;
let folder: string;
const relays: ScriptedRelay[] = [];
const watch = new Watch();

beforeAll(async () => {
  environment = await openEnvironment();
  folder = await mkdtemp(join(tmpdir(), 'sealpost-mx-rules-'));
  await writeFile(join(folder, 'mx.json'), JSON.stringify(rules));
  const all = await startScriptedRelay();
  const mx = [await startScriptedRelay({ on: watch.at('one') }), await startScriptedRelay({ on: watch.at('other') })];
  relays.push(all, ...mx);
  await environment.startWorker(
    {
      SMTP_URL: all.url,
      SMTP_URL_MX: mx.map(({ url }) => url).join(' '),
      SEALPOST_MX_RULES: join(folder, 'mx.json'),
    },
    ['--processes', '4'],
  );
});
afterAll(async () => {
  await environment.close();
  for (const relay of relays) await relay.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every third message goes to the limited domain. */
const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    email: `person${n}@${n % 3 === 0 ? 'slow' : `shop${n % 7}`}.example`,
    first_name: `Name${n}`,
  }));

test('four processes and three deliveries keep to the limits of a domain together, and slow nobody else down', async () => {
  const deliveries = await Promise.all(
    ['one', 'two', 'three'].map((id) =>
      environment.sealpost.start(
        definition({ id, approval: { mode: 'automatic' }, recipients: people(600), sending: { batchSize: 100 } }),
        { operator: 'author' },
      ),
    ),
  );
  for (const delivery of deliveries)
    expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 600 } });

  expect(watch.mostOpen).toBeLessThanOrEqual(limits.connections);
  expect(Math.max(...watch.byConnection.values())).toBeLessThanOrEqual(limits.messagesPerConnection);
  for (const count of watch.byPeriod.values()) expect(count).toBeLessThanOrEqual(perPeriod);
  // Both addresses of its relay are used.
  for (const relay of relays) expect(relay.received.size).toBeGreaterThan(0);
  const { rows } = await environment.database.query<{ slow: number; others: number; attempts: number }>(
    `select extract(epoch from max(settled_at) filter (where address like '%@slow.example') - min(settled_at))::float8 as slow,
       extract(epoch from max(settled_at) filter (where address not like '%@slow.example') - min(settled_at))::float8 as others,
       max(attempts) as attempts
     from message`,
  );
  // Nobody waits for the limited domain, whose messages take five periods.
  expect(rows[0]?.others).toBeLessThan(rows[0]?.slow ?? 0);
  // What waits for a permit is no attempt.
  expect(rows[0]?.attempts).toBe(1);
});
