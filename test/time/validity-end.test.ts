import { taken } from './fake-ledger.js';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const approval = { mode: 'automatic' } as const;

test('under a relay that is down until validity ends, everything fails then and nothing is tried later', async () => {
  const { handle, ledger, pass } = await server.start('down', {
    messages: 3,
    approval,
    sending: { batchSize: 2, validity: '6h' },
    relay: () => 'down',
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 3 } });
  // Temporal tries the batches again at least once a minute.
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 06:01 finished']);
  expect(attemptsOf(ledger, 1).slice(-2)).toEqual(['0d 05:58', '0d 05:59']);
  expect(attemptsOf(ledger, 3).slice(-2)).toEqual(['0d 05:58', '0d 05:59']);
  expect(ledger.messages).toMatchObject([1, 2, 3].map(() => ({ attempts: 0, reason: 'unreachable' })));
  const { length } = ledger.attempts;
  await pass(48);
  expect(ledger.attempts).toHaveLength(length);
});

test('a relay that comes back gets everything within a minute, and its absence has cost no attempt', async () => {
  let down = true;
  const { handle, ledger, pass } = await server.start('back', {
    messages: 3,
    approval,
    relay: () => (down ? 'down' : taken),
  });
  await ledger.reached('sending');
  await pass(5.5);
  down = false;
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 3 } });
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 05:30 finished']);
  expect(ledger.messages.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
});
