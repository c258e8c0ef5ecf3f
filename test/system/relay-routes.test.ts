import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { ledgerOf, openEnvironment } from './environment.js';

const total = 400;
const connections = 3;

test('a relay with two addresses, one of which dies: everybody gets the message once, and few are in doubt', async () => {
  const environment = await openEnvironment();
  let left = 60;
  const steady = await startScriptedRelay();
  const dying = await startScriptedRelay({
    onTaken: () => {
      if ((left -= 1) === 0) void dying.close();
    },
  });
  try {
    const urls = [`${dying.url}&connections=${connections}&weight=2`, `${steady.url}&connections=${connections}`];
    await environment.startWorker({ SMTP_URL_BULK: urls.join(' ') });
    const delivery = await environment.sealpost.start(
      definition({ id: 'routes', relay: 'bulk', approval: { mode: 'automatic' }, recipients: recipients(total) }),
      { operator: 'author' },
    );
    const { outcome, counts } = await delivery.outcome();
    expect(outcome).toBe('finished');
    const inDoubt = counts['in-doubt'] ?? 0;
    expect((counts.sent ?? 0) + inDoubt).toBe(total);
    expect(inDoubt).toBeLessThanOrEqual(connections);
    const taken = [...dying.received, ...steady.received];
    expect(new Set(taken.map(([id]) => id)).size).toBe(taken.length);
    expect(Math.max(...taken.map(([, times]) => times))).toBe(1);
    expect(taken.length).toBeGreaterThanOrEqual(counts.sent ?? 0);
    expect(taken.length).toBeLessThanOrEqual(total);
    // Twice as many, as long as it lived.
    expect(dying.received.size).toBeGreaterThanOrEqual(60);
    expect(steady.received.size).toBeGreaterThan(total - 60 - 2 * connections - 1);
    // What moved to the other address cost no attempt.
    expect((await ledgerOf(delivery)).every(({ attempts }) => attempts === 1)).toBe(true);
  } finally {
    await environment.close();
    await steady.close();
  }
});
