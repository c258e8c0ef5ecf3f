import { softRefusal, taken } from './fake-ledger.js';
import { openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, elapsed, phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const approval = { mode: 'automatic' } as const;
/** Friday 18:00 to Monday 08:00. */
const weekend = 62;

test('a delivery that is paused over the weekend goes on where it was', async () => {
  const { handle, ledger, command, pass } = await server.start('weekend', {
    messages: 2,
    approval,
    relay: (seq, attempt) => (seq === 1 || attempt < 4 ? softRefusal : taken),
  });
  await ledger.reached('sending');
  await pass(2.5);
  expect(await command('pause')).toEqual({ accepted: true });
  await pass(weekend);
  expect(await command('resume')).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 1, sent: 1 } });
  const until = ['0d 00:00', '0d 01:00', '0d 02:00', '2d 16:30'];
  expect(attemptsOf(ledger, 1)).toEqual([...until, '3d 00:00', '4d 00:00']);
  expect(attemptsOf(ledger, 2)).toEqual(until);
  expect(phasesSince(ledger, 'sending')).toEqual([
    '0d 00:00 sending',
    '0d 02:30 paused',
    '2d 16:30 sending',
    '4d 00:00 finished',
  ]);
});

test('a delivery that is paused before its confirmation sends nothing until it is resumed', async () => {
  const { handle, ledger, command, pass } = await server.start('paused-first', { messages: 2 });
  await ledger.reached('awaiting-decision');
  await command('pause');
  await command('decide', { verdict: 'confirm', seal: ledger.seal });
  await pass(weekend);
  expect(ledger.attempts).toEqual([]);
  await command('resume');
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
  expect(phasesSince(ledger, 'awaiting-decision')).toEqual([
    '0d 00:00 awaiting-decision',
    '0d 00:00 scheduled',
    '2d 14:00 sending',
    '2d 14:00 finished',
  ]);
});

test('what a pause holds back beyond the end of validity is failed on resume, with no further attempt', async () => {
  const { handle, ledger, command, pass } = await server.start('too-long', {
    messages: 2,
    approval,
    relay: () => softRefusal,
  });
  await ledger.reached('sending');
  await pass(0.5);
  await command('pause');
  await pass(6 * 24);
  await command('resume');
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 2 } });
  expect(attemptsOf(ledger, 1)).toEqual(['0d 00:00']);
  expect(phasesSince(ledger, 'sending')).toEqual([
    '0d 00:00 sending',
    '0d 00:30 paused',
    '6d 00:30 sending',
    '6d 00:30 finished',
  ]);
});

test.each([
  ['while it waits for the next attempts', 1.5, ['0d 00:00 sending', '0d 01:30 stopped']],
  ['while it waits for days', 30, ['0d 00:00 sending', '1d 06:00 stopped']],
])('stop ends a delivery at once %s', async (_, hours, phases) => {
  const { handle, ledger, command, pass } = await server.start(`stop-${hours}`, {
    messages: 2,
    approval,
    relay: (seq) => (seq === 1 ? softRefusal : taken),
  });
  await ledger.reached('sending');
  await pass(hours);
  const before = ledger.attempts.length;
  expect(await command('stop')).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'stopped', counts: { canceled: 1, sent: 1 } });
  expect(phasesSince(ledger, 'sending')).toEqual(phases);
  expect(ledger.attempts).toHaveLength(before);
});

test('stop ends a paused delivery at once', async () => {
  const { handle, ledger, command, pass } = await server.start('stop-paused', {
    messages: 2,
    approval,
    relay: () => softRefusal,
  });
  await ledger.reached('sending');
  await pass(0.5);
  await command('pause');
  await pass(weekend);
  await command('stop');
  expect(await handle.result()).toEqual({ outcome: 'stopped', counts: { canceled: 2 } });
  expect(phasesSince(ledger, 'sending').at(-1)).toBe('2d 14:30 stopped');
  expect(attemptsOf(ledger, 1)).toEqual(['0d 00:00']);
});

test('stop ends a delivery within a minute while the relay is down', async () => {
  const { handle, ledger, command, pass } = await server.start('stop-down', {
    messages: 2,
    approval,
    relay: () => 'down',
  });
  await ledger.reached('sending');
  await pass(3);
  const asked = await server.environment.currentTimeMs();
  await command('stop');
  expect(await handle.result()).toEqual({ outcome: 'stopped', counts: { canceled: 2 } });
  const stopped = ledger.journal.find(({ phase }) => phase === 'stopped');
  expect(['0d 00:00', '0d 00:01']).toContain(elapsed(asked, Date.parse(stopped?.at ?? '')));
});
