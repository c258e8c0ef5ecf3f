import { setInterval, setTimeout as delay } from 'node:timers/promises';
import { startScriptedRelay } from '../../smtp/scripted-relay.js';
import { definition, recipients } from '../../system/definition.js';
import {
  eventually,
  ledgerOf,
  openEnvironment,
  type TestEnvironment,
  type WorkerProcess,
} from '../../system/environment.js';
import type { RelayRecord } from '../relay-script.js';
import { judge } from '../verdict.js';

const total = 20_000;
const connections = 4;
const workers = 3;
const killEveryMs = 2_000;
/** So that the delivery takes long enough for many kills. */
const relayTakesMs = 5;

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await openEnvironment();
});
afterAll(() => environment.close());

/**
 * Starts workers and, when messages leave, kills the one that has lived longest and replaces it, again and again.
 *
 * @returns how many were killed
 */
async function killAgainAndAgain(
  env: Record<string, string>,
  messagesLeave: () => boolean,
  until: AbortSignal,
): Promise<number> {
  const ready: WorkerProcess[] = [];
  const starting = new Set<Promise<void>>();
  const start = () => {
    const one = environment.startWorker(env).then((worker) => void ready.push(worker));
    starting.add(one);
    void one.finally(() => starting.delete(one));
    return one;
  };
  await Promise.all(Array.from({ length: workers }, start));
  let kills = 0;
  for await (const _ of setInterval(killEveryMs)) {
    if (until.aborted) break;
    if (!messagesLeave()) continue;
    // On a slow machine a new worker takes longer than that to be ready; somebody must be left who sends.
    const victim = ready.length > 1 ? ready.shift() : undefined;
    if (!victim) continue;
    await victim.kill();
    kills += 1;
    void start();
  }
  await Promise.all(starting);
  return kills;
}

test('three workers of which one is killed every two seconds lose nobody and send nobody two copies', async () => {
  const record: RelayRecord[] = [];
  const relay = await startScriptedRelay({
    on: (stage) => (stage === 'dot' ? delay(relayTakesMs, undefined) : undefined),
    onTaken: ({ recipient, messageId }) => record.push({ kind: 'taken', from: '', recipient, messageId, sha256: '' }),
  });
  const over = new AbortController();
  try {
    const values = definition({
      id: 'repeated-kills',
      approval: { mode: 'automatic' },
      recipients: recipients(total),
      sending: { batchSize: 500 },
    });
    const delivery = await environment.sealpost.start(values, { operator: 'author' });
    const SMTP_URL = `${relay.url}&connections=${connections}`;
    const killing = killAgainAndAgain({ SMTP_URL }, () => record.length > 0, over.signal);
    await eventually(
      () => delivery.progress(),
      ({ total: all, settled }) => all === total && settled === total,
    );
    over.abort();
    const kills = await killing;
    const { phase } = await eventually(
      () => delivery.progress(),
      ({ ended }) => ended,
    );
    const rows = await ledgerOf(delivery);
    const verdict = judge(rows, record, { policy: 'hold', allowed: 3 * connections * kills });
    process.stdout.write(`${JSON.stringify({ kills, ...verdict })}\n`);
    expect(phase).toBe('finished');
    expect(rows).toHaveLength(total);
    expect(kills).toBeGreaterThan(5);
    expect(verdict).toMatchObject({ faults: [], lost: 0, duplicated: 0 });
  } finally {
    over.abort();
    await relay.close();
  }
}, 900_000);
