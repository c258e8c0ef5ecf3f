import { sanitise, RelayUnavailableError } from '../../activities/failures.js';
import { hour, openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { toldSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const timeZone = 'Europe/Berlin';
const workingHours = { timeZone, from: '09:00', to: '17:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };
const confirm = { verdict: 'confirm', seal: 'a'.repeat(64) };

const wallTime = (_from: number, at: number): string =>
  new Date(at).toLocaleString('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' });

const hourIn = (at: number): number =>
  Number(new Date(at).toLocaleString('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }));

/** Noon UTC of the next Sunday on which the clocks there are changed. */
function nextClockChange(now: number): number {
  let noon = now - (now % (24 * hour)) + 36 * hour;
  while (hourIn(noon) === hourIn(noon - 24 * hour)) noon += 24 * hour;
  return noon;
}

test('reminders and the escalation come in working hours, over a weekend in which the clocks are changed; then it expires', async () => {
  const { environment } = server;
  const sunday = nextClockChange(await environment.currentTimeMs());
  // The Thursday before, at half past seven in the morning of Berlin.
  const thursday = sunday - 3 * 24 * hour;
  const start = thursday - (hourIn(thursday) - 7.5) * hour;
  await environment.sleep(start - (await environment.currentTimeMs()));
  const requests = { remindEvery: '1d', escalateAfter: '2d', escalateTo: ['boss'], workingHours };
  const approval = { requests: { ...requests, workingHours: { ...workingHours, days: [...workingHours.days] } } };
  const { handle, ledger } = await server.start('weekend', { messages: 3, approval });
  expect(await handle.result()).toMatchObject({ outcome: 'expired' });
  const told = toldSince(ledger, wallTime);
  expect(told.slice(0, 5).toSorted()).toEqual([
    'Fri 09:00 reminder',
    'Mon 09:00 escalation',
    'Mon 09:00 reminder',
    'Thu 07:30 request',
    'Tue 09:00 reminder',
  ]);
  expect(told.slice(5)).toEqual(['Wed 09:00 reminder']);
});

test('a decision takes back what is not due yet', async () => {
  const approval = { requests: { remindEvery: '6h', escalateAfter: '1d', escalateTo: ['boss'] } };
  const { handle, ledger, command, pass } = await server.start('decided', { messages: 3, approval });
  await ledger.reached('awaiting-decision');
  await pass(13);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({ outcome: 'finished' });
  expect(toldSince(ledger)).toEqual(['0d 00:00 request', '0d 06:00 reminder', '0d 12:00 reminder']);
});

test('one of two confirmations at a gate leaves the reminders; the next gate has its people asked at once', async () => {
  const gates = [{ name: 'legal', approvers: ['lena', 'leo'], quorum: 2 }];
  const approval = { approvers: ['ann'], gates, requests: { remindEvery: '10h' }, expiresAfter: '30h' };
  const { handle, ledger, command, pass } = await server.start('gates', { messages: 3, approval });
  await ledger.reached('awaiting-decision');
  await pass(4);
  expect(await command('decide', { ...confirm, operator: 'lena' })).toEqual({ accepted: true });
  await pass(11);
  expect(await command('decide', { ...confirm, operator: 'leo' })).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({ outcome: 'expired' });
  expect(toldSince(ledger)).toEqual(['0d 00:00 request', '0d 10:00 reminder', '0d 15:00 request', '1d 01:00 reminder']);
});

test('a new revision starts over', async () => {
  const approval = { requests: { remindEvery: '1d' }, expiresAfter: '2d' };
  const { handle, ledger, command, pass } = await server.start('revised', { messages: 3, approval });
  await ledger.reached('awaiting-decision');
  await pass(25);
  expect(await command('revise', { revision: 'c'.repeat(64) })).toEqual({ accepted: true });
  await handle.result();
  expect(toldSince(ledger)).toEqual(['0d 00:00 request', '1d 00:00 reminder', '1d 01:00 request', '2d 01:00 reminder']);
});

test('while nobody could confirm, for a proof is missing, nobody is asked', async () => {
  const approval = { requireProof: true, requests: { remindEvery: '1h' }, expiresAfter: '1d' };
  const { handle, ledger } = await server.start('held', { messages: 3, approval });
  expect(await handle.result()).toMatchObject({ outcome: 'expired' });
  expect(toldSince(ledger)).toEqual([]);
});

test('a relay that is down delays the request, and what was decided meanwhile is asked no more', async () => {
  const asked = (): void => {
    throw sanitise(new RelayUnavailableError());
  };
  const approval = { requests: { remindEvery: '1d' } };
  const { handle, ledger, command, pass } = await server.start('down', { messages: 3, approval, asked });
  await ledger.reached('awaiting-decision');
  await pass(3);
  expect(toldSince(ledger)).toEqual([]);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await handle.result()).toMatchObject({ outcome: 'finished' });
  expect(toldSince(ledger)).toEqual(['0d 00:00 request overtaken']);
});
