import { taken } from './fake-ledger.js';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const refusedForGood = { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 unknown' } as const;
/** Batches are under way eight at a time. */
const underWay = 8 * 50;

test('a delivery of which too much fails pauses by itself and tells people; resumed, it counts anew, and pauses again', async () => {
  const { handle, ledger, command, pass } = await server.start('bad-list', {
    messages: 3_000,
    approval: { mode: 'automatic' },
    sending: { batchSize: 50, breaker: { last: 200, atLeast: 100 } },
    relay: (seq) => (seq > 500 ? refusedForGood : taken),
  });
  await ledger.reached('paused');
  const left = ledger.attempts.length;
  // Those that were taken, a window full of others, and what began while that was judged.
  expect(left).toBeLessThanOrEqual(500 + 2 * underWay);
  const [why = ''] = ledger.journal.flatMap(({ kind, reason }) => (kind === 'held' ? [reason] : []));
  expect(why).toMatch(
    /^too much has gone wrong: \d+ of the last 2\d\d messages failed, and sending\.breaker\.limits\.failed allows 10%$/,
  );
  await pass(48);
  expect(ledger.attempts.length).toBe(left);
  expect(ledger.toldHolds).toEqual([expect.objectContaining({ operators: ['owner', 'author'], number: 1, why })]);
  expect(ledger.journal.filter(({ kind }) => kind === 'told')).toMatchObject([{ counts: { told: 2 } }]);
  expect(await command('resume')).toEqual({ accepted: true });
  await ledger.reached('paused', 2);
  // Nothing of what failed before counts: so many had to fail once more.
  expect(ledger.attempts.length).toBeGreaterThanOrEqual(left + 100);
  expect(ledger.attempts.length).toBeLessThanOrEqual(left + 2 * underWay);
  await pass(1);
  await command('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped' });
  expect(ledger.toldHolds).toHaveLength(2);
});

test.each<[string, object | undefined, number]>([
  ['what is put off is tried again, whoever much of it there is', undefined, 0],
  ['a breaker that is off stops nothing', { breaker: 'off' }, 300],
])('%s', async (_, sending, failing) => {
  const { handle, ledger } = await server.start(`goes-on-${failing}`, {
    messages: 300,
    approval: { mode: 'automatic' },
    sending: { batchSize: 50, ...sending },
    relay: (seq, attempt) => {
      if (seq <= failing) return refusedForGood;
      return attempt === 1 ? { outcome: 'deferred', reason: 'refused', reply: '451 4.7.1 greylisted' } : taken;
    },
  });
  const counts = failing > 0 ? { failed: 300 } : { sent: 300 };
  expect(await handle.result()).toEqual({ outcome: 'finished', counts });
  expect(ledger.visits('paused')).toBe(0);
});
