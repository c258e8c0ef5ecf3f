import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment } from './environment.js';

const batchSize = 1_000;
const batches = 6;
let environment: TestEnvironment;
let relay: ScriptedRelay;
let taken = 0;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    on: (stage) => {
      if (stage !== 'dot') return undefined;
      taken += 1;
      return delay(40, undefined);
    },
  });
  await environment.startWorker({ SMTP_URL: `smtp://127.0.0.1:${relay.port}?connections=4&tls=none` });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function start(id: string, priority: 'high' | 'normal' | 'low', count: number): Promise<Delivery> {
  const values = definition({
    id,
    approval: { mode: 'automatic' },
    sending: { batchSize, priority },
    recipients: recipients(count),
  });
  return await environment.sealpost.start(values, { operator: 'author' });
}

const sent = async (delivery: Delivery): Promise<number> => (await delivery.show()).counts.sent ?? 0;

test('a small delivery of high priority waits for no more than a batch of the large ones that came before it', async () => {
  const large = await Promise.all(
    ['low', 'normal'].map((one) => start(one, one as 'low' | 'normal', batches * batchSize)),
  );
  await Promise.all(
    large.map((one) =>
      eventually(
        () => sent(one),
        (count) => count > 0,
      ),
    ),
  );
  const urgent = await start('high', 'high', 20);
  await eventually(
    () => urgent.show(),
    ({ phase }) => phase === 'sending' || phase === 'finished',
  );
  const before = taken;
  const { counts } = await inPhase(urgent, 'finished');
  expect(counts).toEqual({ sent: 20 });
  expect(taken - before).toBeLessThan(batchSize);
  for (const one of large) expect(await sent(one)).toBeLessThan(batches * batchSize);
  await Promise.all(large.map((one) => one.stop({ operator: 'author' })));
  for (const one of large) await inPhase(one, 'stopped');
});
