import { setInterval } from 'node:timers/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerRow } from '../../../src/client/index.js';
import { startScriptedRelay } from '../../smtp/scripted-relay.js';
import { definition, recipients } from '../../system/definition.js';
import { eventually, openEnvironment, type WorkerProcess } from '../../system/environment.js';
import type { RelayRecord } from '../relay-script.js';
import { judge } from '../verdict.js';

const total = 20_000;
const connections = 4;
const workers = 3;
const killEveryMs = 2_000;
/** So that the delivery takes long enough for many kills. */
const relayTakesMs = 15;

test('three workers of which one is killed every two seconds lose nobody and send nobody two copies', async () => {
  const record: RelayRecord[] = [];
  const relay = await startScriptedRelay({
    on: (stage) => (stage === 'dot' ? delay(relayTakesMs, undefined) : undefined),
    onTaken: ({ recipient, messageId }) => record.push({ kind: 'taken', from: '', recipient, messageId, sha256: '' }),
  });
  const environment = await openEnvironment();
  try {
    const SMTP_URL = `${relay.url}&connections=${connections}`;
    const ready: WorkerProcess[] = [];
    const start = async () => ready.push(await environment.startWorker({ SMTP_URL }));
    await Promise.all(Array.from({ length: workers }, start));
    const delivery = await environment.sealpost.start(
      definition({
        id: 'repeated-kills',
        approval: { mode: 'automatic' },
        recipients: recipients(total),
        sending: { batchSize: 100 },
      }),
      { operator: 'author' },
    );
    await eventually(
      () => Promise.resolve(record.length),
      (taken) => taken > 0,
    );
    const over = new AbortController();
    const ended = eventually(
      () => delivery.progress(),
      (progress) => progress.ended,
    ).finally(() => over.abort());
    let kills = 0;
    const starting: Promise<unknown>[] = [];
    try {
      for await (const _ of setInterval(killEveryMs, undefined, { signal: over.signal })) {
        const victim = ready.shift();
        if (!victim) continue;
        await victim.kill();
        kills += 1;
        starting.push(start());
      }
    } catch (error) {
      if (!over.signal.aborted) throw error;
    }
    await Promise.all(starting);
    expect((await ended).phase).toBe('finished');

    const rows: LedgerRow[] = [];
    for await (const row of delivery.messages()) rows.push(row);
    expect(rows).toHaveLength(total);
    const verdict = judge(rows, record, { policy: 'hold', allowed: 3 * connections * kills });
    process.stdout.write(`${JSON.stringify({ ...verdict, kills })}\n`);
    expect(kills).toBeGreaterThan(5);
    expect(verdict).toMatchObject({ faults: [], lost: 0, duplicated: 0 });
  } finally {
    await environment.close();
    await relay.close();
  }
}, 600_000);
