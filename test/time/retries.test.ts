import { softRefusal, taken } from './fake-ledger.js';
import { hour, openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
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

test('what is said brings the next attempt forward or puts it off, until five days are over', async () => {
  const said = ['451 4.7.1 Greylisted', '450 4.7.0 unusual rate'];
  const { handle, ledger } = await server.start('paces', {
    messages: 1,
    approval: { mode: 'automatic' },
    relay: (_, attempt) => ({ ...softRefusal, reply: said[attempt - 1] ?? '452 4.2.2 full' }),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 1 } });
  expect(attemptsOf(ledger, 1)).toEqual([
    '0d 00:00',
    '0d 00:15',
    '0d 04:15',
    '0d 05:15',
    '0d 06:15',
    '0d 07:15',
    '1d 00:00',
    '2d 00:00',
    '3d 00:00',
    '4d 00:00',
  ]);
});

test('at a relay with retries of its own nothing is tried after three and a half days', async () => {
  const { handle, ledger } = await server.start('enhanced', {
    messages: 1,
    approval: { mode: 'automatic' },
    enhancedRelay: true,
    relay: () => softRefusal,
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 1 } });
  expect(attemptsOf(ledger, 1)).toEqual([...firstDay, '1d 00:00', '2d 00:00', '3d 00:00']);
});

test('a date ends validity, whatever its length would be', async () => {
  const until = (await server.environment.currentTimeMs()) + 50 * hour;
  const { handle, ledger } = await server.start('until', {
    messages: 1,
    approval: { mode: 'automatic' },
    sending: { validity: '1h', validUntil: new Date(until).toISOString() },
    relay: () => softRefusal,
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 1 } });
  expect(attemptsOf(ledger, 1)).toEqual([...firstDay, '1d 00:00', '2d 00:00']);
});
