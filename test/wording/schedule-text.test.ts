import { describe as describeDelivery } from '../../src/wording/description-text.js';
import { reportState } from '../../src/wording/report-state.js';
import { reportText } from '../../src/wording/report-text.js';
import { scheduleFields, standingWords, waveRows } from '../../src/wording/schedule-text.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import type { Schedule } from '../../src/delivery/waves.js';
import { anyReport, descriptionOf } from '../cli/any-report.js';

const settingsOf = (sending: DeliverySettingsInput['sending']) =>
  deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'x', sending });
const berlin = { at: '2026-12-01T09:00', timeZone: 'Europe/Berlin' };
const startsAt = '2026-12-01T08:00:00.000Z';
const limits = { failed: '2%', inDoubt: '1%' };
const hour = 3_600_000;
const bySize: Schedule['waves'] = [
  { firstSeq: 1, lastSeq: 500, afterMs: 0, canary: true },
  { firstSeq: 501, lastSeq: 2_000, afterMs: 2.5 * hour },
];

test.each<[string, DeliverySettingsInput['sending'], Schedule | undefined, [string, string][]]>([
  ['nothing', {}, undefined, []],
  ['a contact date before the analysis', berlin, undefined, [['contact date', '2026-12-01 09:00 Europe/Berlin']]],
  ['a rate before the analysis', { rate: '100/min' }, undefined, [['rate', '100/min at the most']]],
  [
    'a sealed one, in UTC too',
    { ...berlin, lateness: '30m' },
    { startsAt, waves: [] },
    [
      ['contact date', '2026-12-01 09:00 Europe/Berlin (2026-12-01 08:00:00 UTC)'],
      ['late by at most', '30m'],
    ],
  ],
  [
    "the recipients' own",
    { ...berlin, recipientTimeZoneField: 'zone' },
    undefined,
    [['contact date', '2026-12-01 09:00 Europe/Berlin, or at that time where the recipient is (zone)']],
  ],
  [
    'waves and a canary by limits',
    { waves: { size: 1_000, every: '1h' }, canary: { size: '1%', wait: '2h', limits } },
    undefined,
    [
      ['canary', '1%, then after 2h: failed at most 2%, inDoubt at most 1%'],
      ['waves', '1,000 messages every 1h'],
    ],
  ],
  [
    'a calendar and a canary by word',
    { waves: { calendar: [{ after: '0h', size: 5 }] }, canary: { size: 500, wait: '2h', goOn: 'by-operator' } },
    undefined,
    [
      ['canary', "500 messages, then after 2h: an operator's word"],
      ['waves', 'a calendar of 1'],
    ],
  ],
])('%s', (_, sending, schedule, expected) => {
  expect(scheduleFields({ settings: settingsOf(sending), ...(schedule && { schedule }) })).toEqual(expected);
});

test.each<[string, Partial<Parameters<typeof waveRows>[0]>, string[]]>([
  ['before sending, without a contact date', {}, ['the start', '2.5h after the start']],
  [
    'by the contact date, in its zone',
    { settings: settingsOf(berlin), schedule: { startsAt, waves: bySize } },
    ['2026-12-01 09:00 Europe/Berlin', '2026-12-01 11:30 Europe/Berlin'],
  ],
  [
    'by the start of sending, once that has come',
    { sendingSince: '2026-12-02T10:00:00.000Z' },
    ['2026-12-02 10:00:00 UTC', '2026-12-02 12:30:00 UTC'],
  ],
  [
    'by the start of sending, where that came later than the contact date',
    { settings: settingsOf(berlin), schedule: { startsAt, waves: bySize }, sendingSince: '2026-12-02T10:00:00.000Z' },
    ['2026-12-02 11:00 Europe/Berlin', '2026-12-02 13:30 Europe/Berlin'],
  ],
])('waves are told %s', (_, own, expected) => {
  const rows = waveRows({ phase: 'sending', settings: settingsOf({}), schedule: { waves: bySize }, ...own });
  expect(rows.map((row) => row.slice(0, 2))).toEqual([
    ['1 (canary)', '1–500'],
    ['2', '501–2,000'],
  ]);
  expect(rows.map((row) => row[2])).toEqual(expected);
});

test('of many waves the first and the last are told, of a single one none', () => {
  const waves = Array.from({ length: 50 }, (_, i) => ({ firstSeq: i, lastSeq: i, afterMs: i }));
  const rows = waveRows({ phase: 'sending', settings: settingsOf({}), schedule: { waves } });
  expect(rows.map(([number]) => number)).toEqual([...Array.from({ length: 18 }, (_, i) => `${i + 1}`), '…', '50']);
  expect(waveRows({ phase: 'sending', settings: settingsOf({}), schedule: { waves: waves.slice(0, 1) } })).toEqual([]);
});

const scheduled = { settings: settingsOf(berlin), schedule: { startsAt, waves: bySize } };

test.each([
  ['scheduled', scheduled, 'confirmed; sending starts at 2026-12-01 09:00 Europe/Berlin'],
  ['scheduled', { settings: settingsOf({}), schedule: { waves: bySize } }, undefined],
  ['paused', { ...scheduled, heldFor: '3 of 5 failed' }, '3 of 5 failed; what is left waits until it is resumed'],
  ['paused', scheduled, undefined],
  ['finished', { ...scheduled, heldFor: '3 of 5 failed' }, undefined],
] as const)('%s, %j', (phase, own, expected) => {
  expect(standingWords({ phase, ...own })).toBe(expected);
});

test('show and report tell the contact date, the waves, why a canary is held and why it is decided anew', () => {
  const held = anyReport({ phase: 'paused', ...scheduled, heldFor: '3 of 5 failed' });
  const { pendingDecision: _pending, ...report } = held;
  expect(reportState(report)).toMatchObject({
    sentences: expect.arrayContaining(['It is paused: 3 of 5 failed; what is left waits until it is resumed.']),
    next: ['sealpost resume news --operator publisher', 'sealpost stop news --operator publisher'],
  });
  const text = reportText(report).flatMap(({ lines }) => lines);
  expect(text).toContainEqual(expect.stringMatching(/contact date +2026-12-01 09:00 Europe\/Berlin/));
  expect(text).toContainEqual(expect.stringMatching(/501–2,000 +2026-12-01 11:30 Europe\/Berlin/));
  const late = anyReport();
  if (late.pendingDecision) late.pendingDecision.late = 'sending was due earlier';
  expect(reportState(late).sentences).toContain('It is decided anew: sending was due earlier.');
  const sections = describeDelivery({
    ...descriptionOf(held),
    ...(late.pendingDecision && { pendingDecision: late.pendingDecision }),
  });
  const shown = sections.flatMap(({ title = '', lines }) => [title, ...lines]);
  expect(shown).toContainEqual(expect.stringMatching(/phase +paused: 3 of 5 failed/));
  expect(shown).toContain('Waves');
  expect(shown).toContainEqual(expect.stringMatching(/asked anew +sending was due earlier/));
});

test('at a rate, it is told how long the sealed messages take', () => {
  const settings = settingsOf({ rate: '6000/h' });
  expect(scheduleFields({ settings, sealedCount: 12_000 })).toEqual([
    ['rate', '6000/h at the most: 12,000 messages take about 2 h'],
  ]);
});
