import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, Stillness } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

/** More than leave before another process has given its command. */
const count = 6_000;
const answersAfterMs = { prompt: 10, slow: 700 };
let environment: TestEnvironment;
const relays: Record<'prompt' | 'slow', ScriptedRelay | undefined> = { prompt: undefined, slow: undefined };
/** Messages that each relay was given, those included that it had no answer for yet. */
const seen = { prompt: 0, slow: 0 };

beforeAll(async () => {
  environment = await openEnvironment();
  const urls: Record<string, string> = {};
  for (const name of ['prompt', 'slow'] as const) {
    const relay = await startScriptedRelay({
      on: (stage) => {
        if (stage === 'mail') seen[name] += 1;
        return stage === 'dot' ? delay(answersAfterMs[name], undefined) : undefined;
      },
    });
    relays[name] = relay;
    urls[`SMTP_URL_${name.toUpperCase()}`] = `smtp://127.0.0.1:${relay.port}?connections=8&tls=none`;
  }
  await environment.startWorker(urls);
});
afterAll(async () => {
  await environment.close();
  for (const relay of Object.values(relays)) await relay?.close();
});

async function sending(id: string, relay: 'prompt' | 'slow'): Promise<Delivery> {
  const values = definition({ id, relay, approval: { mode: 'automatic' }, recipients: recipients(count) });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  await eventually(
    () => Promise.resolve(seen[relay]),
    (some) => some > 16,
  );
  return delivery;
}

async function steer(name: 'pause' | 'stop', id: string): Promise<Stillness> {
  const { code, stdout, stderr } = await environment.cli([name, id, '--operator', 'author', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Stillness;
}

/** The commands of another process take longer than any message that were under way. */
const anotherLook = (id: string) => environment.cli(['show', id]);

test.each(['prompt', 'slow'] as const)(
  'after "pause" and "stop" have answered, a %s relay sees not one message more',
  async (relay) => {
    const delivery = await sending(relay, relay);
    const paused = await steer('pause', relay);
    const before = seen[relay];
    expect(paused).toMatchObject({ state: 'accepted', phase: 'paused', since: expect.any(String) as string });
    expect(Date.parse(paused.lastSentAt ?? '')).toBeLessThanOrEqual(Date.parse(paused.since ?? ''));
    expect((await delivery.show()).counts).toEqual({ sent: before, pending: count - before });
    await anotherLook(relay);
    expect(seen[relay]).toBe(before);

    await delivery.resume({ operator: 'author' });
    await eventually(
      () => Promise.resolve(seen[relay]),
      (some) => some > before,
    );
    const stopped = await steer('stop', relay);
    const last = seen[relay];
    expect(stopped).toMatchObject({ phase: 'stopped', since: expect.any(String) as string });
    await inPhase(delivery, 'stopped');
    await anotherLook(relay);
    expect(seen[relay]).toBe(last);
    expect((await ledgerOf(delivery)).filter(({ status }) => status === 'sent')).toHaveLength(last);
  },
);
