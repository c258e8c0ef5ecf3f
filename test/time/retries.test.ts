import { softRefusal, taken } from './fake-ledger.js';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const firstDay = ['0d 00:00', '0d 01:00', '0d 02:00', '0d 03:00', '0d 04:00', '0d 05:00'];

test.each([
  // Sending starts some milliseconds before the first attempt: the sixth day begins after validity has ended.
  ['by default', '5d', {}, [...firstDay, '1d 00:00', '2d 00:00', '3d 00:00', '4d 00:00']],
  ['with another day', '6d', {}, [...firstDay, '1d 00:00', '2d 00:00', '3d 00:00', '4d 00:00', '5d 00:00']],
  [
    'by its own settings',
    '50h',
    { inFirstDay: 2, interval: '90m' },
    ['0d 00:00', '0d 01:30', '0d 03:00', '1d 00:00', '2d 00:00'],
  ],
])('%s a message that always fails softly is tried by the timetable, then failed', async (_, validity, retries, at) => {
  const { handle, ledger } = await server.start(`soft-${validity}`, {
    messages: 2,
    approval: { mode: 'automatic' },
    sending: { validity, retries },
    relay: () => softRefusal,
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 2 } });
  expect(attemptsOf(ledger, 1)).toEqual(at);
  expect(attemptsOf(ledger, 2)).toEqual(at);
  expect(ledger.messages).toMatchObject([1, 2].map(() => ({ attempts: at.length, reason: 'mailbox-full' })));
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', `${at.at(-1)} finished`]);
});

test('who is taken at a later attempt gets no other, and holds nobody else up', async () => {
  const { handle, ledger } = await server.start('third-time', {
    messages: 4,
    approval: { mode: 'automatic' },
    sending: { batchSize: 2 },
    relay: (seq, attempt) => (seq === 3 && attempt < 8 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 4 } });
  expect(attemptsOf(ledger, 3)).toEqual([...firstDay, '1d 00:00', '2d 00:00']);
  for (const seq of [1, 2, 4]) expect(attemptsOf(ledger, seq)).toEqual(['0d 00:00']);
});
