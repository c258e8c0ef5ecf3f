import { collectClosed } from '../../src/audit/collect-histories.js';
import { instantOf } from '../../src/delivery/contact-date.js';
import { deliveryWorkflowId, sendingWorkflowId } from '../../workflows/messages.js';
import { softRefusal, taken, type FakeLedger } from './fake-ledger.js';
import { hour, openTimeSkippingServer, type TimeSkippingServer } from './time-skipping-server.js';
import { attemptsOf, phasesSince } from './timetable.js';

let server: TimeSkippingServer;
beforeEach(async () => {
  server = await openTimeSkippingServer();
});
afterEach(async () => await server.close());

const approval = { mode: 'automatic' } as const;
const timeZone = 'Europe/Berlin';
const confirm = { verdict: 'confirm', seal: 'a'.repeat(64) };
const refusedForGood = { outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 unknown' } as const;

const swedish = (zone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });

/** A local date and time so many hours from now. */
async function localTimeIn(hours: number): Promise<string> {
  const now = await server.environment.currentTimeMs();
  return swedish(timeZone)
    .format(now + hours * hour)
    .replace(' ', 'T');
}

/** What the journal says of a kind of entries. */
const reasonsOf = (ledger: FakeLedger, kind: string): string[] =>
  ledger.journal.flatMap((entry) => (entry.kind === kind ? [entry.reason ?? ''] : []));

test.each<[string, string, string[][], object]>([
  [
    'validity that lasts as long',
    '26d',
    [['0d 00:00', '0d 01:00'], ['7d 00:00'], ['14d 00:00'], ['21d 00:00']],
    { sent: 4 },
  ],
  ['validity that ends before the second one', '5d', [['0d 00:00', '0d 01:00'], [], [], []], { sent: 1, failed: 3 }],
  ['validity that ends between two', '8d', [['0d 00:00', '0d 01:00'], ['7d 00:00'], [], []], { sent: 2, failed: 2 }],
])('waves over three weeks, with %s', async (_, validity, expected, counts) => {
  const { handle, ledger } = await server.start(`weeks-${validity}`, {
    messages: 4,
    approval,
    sending: { validity, waves: { size: 1, every: '7d' } },
    relay: (seq, attempt) => (seq === 1 && attempt === 1 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts });
  expect(ledger.messages.map(({ seq }) => attemptsOf(ledger, seq))).toEqual(expected);
});

test('a calendar keeps its times, its last wave takes the rest, and what fails is tried again between them', async () => {
  const { handle, ledger } = await server.start('ramp-up', {
    messages: 7,
    approval,
    sending: {
      batchSize: 2,
      retries: { interval: '90m' },
      waves: {
        calendar: [
          { after: '1h', size: 1 },
          { after: '4h', size: 3 },
          { after: '28h', size: 1 },
        ],
      },
    },
    relay: (seq, attempt) => (attempt === 1 && seq !== 2 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 7 } });
  expect(ledger.messages.map(({ seq }) => attemptsOf(ledger, seq).join(', '))).toEqual([
    '0d 01:00, 0d 02:30',
    '0d 04:00',
    '0d 04:00, 0d 05:30',
    '0d 04:00, 0d 05:30',
    '1d 04:00, 1d 05:30',
    '1d 04:00, 1d 05:30',
    '1d 04:00, 1d 05:30',
  ]);
});

/** Noon UTC of the next Sunday on which the clocks are changed in Berlin. */
async function nextClockChange(): Promise<number> {
  const berlin = (at: number) => swedish(timeZone).format(at).slice(11);
  let noon = Math.ceil((await server.environment.currentTimeMs()) / (24 * hour) + 7) * 24 * hour + 12 * hour;
  while (berlin(noon) === berlin(noon - 24 * hour)) noon += 24 * hour;
  return noon;
}

test("each recipient's nine o'clock, over a weekend in which the clocks are changed", async () => {
  const { environment } = server;
  const sunday = await nextClockChange();
  const at = `${new Date(sunday).toISOString().slice(0, 10)}T09:00`;
  await environment.sleep(sunday - 3 * 24 * hour - (await environment.currentTimeMs()));
  const zones = ['Asia/Tokyo', timeZone, 'America/New_York'].map((zone) => ({
    zone,
    startsAt: new Date(instantOf(at, zone)).toISOString(),
    messages: 2,
  }));
  const { handle, ledger } = await server.start('nine', {
    messages: 6,
    approval,
    sending: { at, timeZone, recipientTimeZoneField: 'zone' },
    zones,
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 6 } });
  const shown = ledger.attempts.map(({ seq, at: instant }) => {
    const zone = zones[Math.ceil(seq / 2) - 1]?.zone ?? '';
    return `${seq} ${zone} ${swedish(zone).format(instant).replace(' ', 'T')}`;
  });
  expect(shown.map((one) => one.replace(at, 'nine'))).toEqual([
    '1 Asia/Tokyo nine',
    '2 Asia/Tokyo nine',
    '3 Europe/Berlin nine',
    '4 Europe/Berlin nine',
    '5 America/New_York nine',
    '6 America/New_York nine',
  ]);
});

const limited = { size: 2, wait: '2h', limits: { failed: '10%' } };

test('a canary over its limits pauses the delivery, and says why; resumed, the others leave, their distance kept', async () => {
  const { handle, ledger, command, pass } = await server.start('held', {
    messages: 10,
    approval,
    sending: { canary: limited, waves: { size: 4, every: '6h' } },
    relay: (seq) => (seq === 1 ? refusedForGood : taken),
  });
  await ledger.reached('sending');
  await pass(2.5);
  expect(ledger.visits('paused')).toBe(1);
  const why = 'the canary is over its limits: 1 of 2 messages failed, and sending.canary.limits.failed allows 10%';
  expect(reasonsOf(ledger, 'held')).toEqual([why]);
  expect(ledger.journal.find(({ phase }) => phase === 'paused')?.reason).toBe(why);
  expect(ledger.control).toBe('pause');
  await pass(4.5);
  expect(await command('resume')).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { failed: 1, sent: 9 } });
  expect([1, 2, 3, 6, 7, 10].map((seq) => attemptsOf(ledger, seq))).toEqual([
    ['0d 00:00'],
    ['0d 00:00'],
    ['0d 07:00'],
    ['0d 07:00'],
    ['0d 13:00'],
    ['0d 13:00'],
  ]);
  expect(phasesSince(ledger, 'sending')).toEqual([
    '0d 00:00 sending',
    '0d 02:00 paused',
    '0d 07:00 sending',
    '0d 13:00 finished',
  ]);
});

test('a bad first wave of a hundred thousand is all that leaves, until somebody stops the rest', async () => {
  const { handle, ledger, command, pass } = await server.start('bad-list', {
    messages: 100_000,
    approval,
    sending: { canary: { size: 500, wait: '2h', limits: { failed: '1%' } }, waves: { size: '10%', every: '1h' } },
    relay: (seq) => (seq % 10 === 0 ? refusedForGood : taken),
  });
  await ledger.reached('sending');
  await pass(50);
  expect(reasonsOf(ledger, 'held')).toEqual([
    'the canary is over its limits: 50 of 500 messages failed, and sending.canary.limits.failed allows 1%',
  ]);
  expect(await command('stop')).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'stopped', counts: { sent: 450, failed: 50, canceled: 99_500 } });
});

test('a canary within its limits lets the others follow by itself', async () => {
  const { handle, ledger } = await server.start('well', {
    messages: 6,
    approval,
    sending: { canary: { ...limited, limits: { failed: '0%', retrying: '50%' } } },
    relay: (seq, attempt) => (seq === 2 && attempt < 5 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 6 } });
  expect([1, 2, 3, 6].map((seq) => attemptsOf(ledger, seq))).toEqual([
    ['0d 00:00'],
    ['0d 00:00', '0d 01:00', '0d 02:00', '0d 03:00', '0d 04:00'],
    ['0d 02:00'],
    ['0d 02:00'],
  ]);
  expect(reasonsOf(ledger, 'held')).toEqual([]);
});

test("a canary that waits for an operator's word is stopped, and nothing else has left", async () => {
  const { handle, ledger, command, pass } = await server.start('word', {
    messages: 6,
    approval,
    sending: { canary: { size: '20%', wait: '1h', goOn: 'by-operator' } },
  });
  await ledger.reached('sending');
  await pass(1.5);
  expect(reasonsOf(ledger, 'held')).toEqual([
    "the canary of 2 messages waits for an operator's word: 2 were sent, 0 failed, 0 were refused for now, 0 are in doubt",
  ]);
  await pass(48);
  expect(await command('stop')).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'stopped', counts: { sent: 2, canceled: 4 } });
});

test('a canary that nobody lets go on before validity ends leaves the others failed', async () => {
  const { handle, ledger } = await server.start('forgotten', {
    messages: 6,
    approval,
    sending: { validity: '2d', canary: { size: 2, wait: '1h', goOn: 'by-operator' } },
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 2, failed: 4 } });
  expect(phasesSince(ledger, 'sending')).toEqual(['0d 00:00 sending', '0d 01:00 paused', '2d 00:00 finished']);
});

test('a start that comes an hour and more late asks for another decision, which no mode gives by itself', async () => {
  const at = await localTimeIn(48);
  const { handle, ledger, command, pass } = await server.start('late', {
    messages: 2,
    approval,
    sending: { at, timeZone },
  });
  await ledger.reached('scheduled');
  await pass(24);
  expect(await command('pause')).toEqual({ accepted: true });
  await pass(27);
  expect(ledger.attempts).toEqual([]);
  expect(await command('resume')).toEqual({ accepted: true });
  await ledger.reached('awaiting-decision', 2);
  expect(reasonsOf(ledger, 'late')).toEqual([
    expect.stringMatching(/^sending was due at \S+ \S+ UTC and could begin only at .* allows \(1h\)$/),
  ]);
  await pass(5);
  expect(ledger.attempts).toEqual([]);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
  expect(phasesSince(ledger, 'scheduled')).toEqual([
    '0d 00:00 scheduled',
    '2d 03:00 awaiting-decision',
    '2d 08:00 scheduled',
    '2d 08:00 sending',
    '2d 08:00 finished',
  ]);
});

test('a start that is late by no more than is tolerated begins', async () => {
  const at = await localTimeIn(48);
  const { handle, ledger, command, pass } = await server.start('tolerated', {
    messages: 2,
    approval,
    sending: { at, timeZone, lateness: '4h' },
  });
  await ledger.reached('scheduled');
  await command('pause');
  await pass(51);
  await command('resume');
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
  expect(reasonsOf(ledger, 'late')).toEqual([]);
});

test('a decision that comes after the contact date sends at once', async () => {
  const at = await localTimeIn(2);
  const { handle, ledger, command, pass } = await server.start('after', { messages: 2, sending: { at, timeZone } });
  await ledger.reached('awaiting-decision');
  await pass(30);
  expect(await command('decide', confirm)).toEqual({ accepted: true });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
  expect(attemptsOf(ledger, 1)).toEqual(['0d 00:00']);
});

test.each([
  ['stop', {}, ['0d 00:00 scheduled', '0d 05:00 stopped']],
  ['decide', { verdict: 'withdraw', seal: confirm.seal }, ['0d 00:00 scheduled', '0d 05:00 awaiting-decision']],
  [
    'revise',
    { revision: 'c'.repeat(64) },
    ['0d 00:00 scheduled', '0d 05:00 checking', '0d 05:00 analysing', '0d 05:00 awaiting-decision'],
  ],
] as const)('while the contact date is awaited, %s holds at once', async (name, input, expected) => {
  const at = await localTimeIn(48);
  const { ledger, command, pass } = await server.start(`awake-${name}`, { messages: 2, sending: { at, timeZone } });
  await ledger.reached('awaiting-decision');
  await command('decide', confirm);
  await ledger.reached('scheduled');
  await pass(5);
  expect(await command(name, input)).toEqual({ accepted: true });
  const last = expected.at(-1)?.split(' ').at(-1) ?? '';
  await ledger.reached(last as 'stopped', name === 'stop' ? 1 : 2);
  expect(phasesSince(ledger, 'scheduled')).toEqual(expected);
  expect(ledger.attempts).toEqual([]);
});

test('waves keep their places over several runs, in the first pass and in the retries', async () => {
  const messages = 1_050;
  const { handle, ledger } = await server.start('runs', {
    messages,
    approval,
    sending: { batchSize: 1, waves: { size: 350, every: '1h' } },
    relay: (_, attempt) => (attempt === 1 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: messages } });
  const timetables = [1, 351, 701].map((first) => [
    ...new Set(ledger.messages.slice(first - 1, first + 349).map(({ seq }) => attemptsOf(ledger, seq).join(', '))),
  ]);
  expect(timetables).toEqual([['0d 00:00, 0d 01:00'], ['0d 01:00, 0d 02:00'], ['0d 02:00, 0d 03:00']]);
  expect((await runsOf('runs')).length).toBe(3 + 1);
});

async function runsOf(id: string) {
  const { client } = server.environment;
  const { runs } = await collectClosed(client, { ids: [deliveryWorkflowId(id), sendingWorkflowId(id)], looks: 1 });
  return runs;
}

test('a million messages in fifty waves make no long history', async () => {
  const { handle, ledger } = await server.start('million', {
    messages: 1_000_000,
    approval,
    sending: { waves: { size: '2%', every: '1h' }, canary: { size: 100, wait: '1h', limits: { failed: '1%' } } },
    relay: (seq, attempt) => (seq % 10_000 === 0 && attempt === 1 ? softRefusal : taken),
  });
  expect(await handle.result()).toEqual({ outcome: 'finished', counts: { sent: 1_000_000 } });
  expect(attemptsOf(ledger, 1_000_000)).toEqual(['2d 02:00', '2d 03:00']);
  for (const { history } of await runsOf('million')) {
    expect(history.events.length).toBeLessThan(10_000);
    // As JSON it is longer than what the server keeps.
    expect(JSON.stringify(history).length).toBeLessThan(5 * 2 ** 20);
  }
});
