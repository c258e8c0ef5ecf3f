import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, openEnvironment } from './environment.js';

const total = 3_000;
const connections = 6;

test('a worker that is killed while sending loses nobody, sends nobody two copies, and leaves few in doubt', async () => {
  const environment = await openEnvironment();
  const relay = await startScriptedRelay();
  try {
    const SMTP_URL = `${relay.url}&connections=${connections}`;
    const first = await environment.startWorker({ SMTP_URL });
    const delivery = await environment.sealpost.start(
      definition({
        id: 'killed',
        approval: { mode: 'automatic' },
        recipients: recipients(total),
        sending: { batchSize: 700 },
      }),
      { operator: 'author' },
    );
    await eventually(
      () => Promise.resolve(relay.received.size),
      (count) => count > total / 4,
    );
    await first.kill();
    const atKill = relay.received.size;
    expect(atKill).toBeLessThan(total);
    await environment.startWorker({ SMTP_URL });
    const { outcome, counts } = await delivery.outcome();

    // The oracle is the relay's own count, not our ledger.
    const copies = [...relay.received.values()];
    expect(Math.max(...copies)).toBe(1);
    expect(outcome).toBe('finished');
    const inDoubt = counts['in-doubt'] ?? 0;
    expect((counts.sent ?? 0) + inDoubt).toBe(total);
    expect(total - copies.length).toBeLessThanOrEqual(inDoubt);
    expect(copies.length).toBeGreaterThanOrEqual(counts.sent ?? 0);
    expect(inDoubt).toBeLessThanOrEqual(3 * connections);
  } finally {
    await environment.close();
    await relay.close();
  }
});
