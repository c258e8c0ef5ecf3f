import fc from 'fast-check';
import { batchesOfRanges, firstBatches } from '../../src/delivery/batch.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { cutsOf, scheduleOf, waveDueAt, type ScheduledTarget } from '../../src/delivery/waves.js';

type Sending = NonNullable<DeliverySettingsInput['sending']>;
const sendingOf = (sending: Sending) =>
  deliverySettingsSchema.parse({ name: 'N', subject: 'S', sender: { address: 'a@b.example' }, sending }).sending;

const hour = 3_600_000;
const evening = '2026-12-01T19:00:00.000Z';
const morning = '2026-12-02T08:00:00.000Z';
const zones = [
  { startsAt: evening, messages: 4 },
  { startsAt: morning, messages: 6 },
];

/** Each wave as `first–last`, with the hours after the start or its instant. */
function told(sending: Sending, own: Partial<ScheduledTarget> = {}): string[] {
  const target = { firstSeq: 1, lastSeq: 10, messages: 10, ...own };
  // Every message but the first is behind one that was left out.
  const gap = target.lastSeq - target.messages;
  return scheduleOf(sendingOf(sending), target, (nth) => (nth === 1 ? 1 : nth + gap)).waves.map(
    ({ firstSeq, lastSeq, afterMs = 0, startsAt, canary }) =>
      `${firstSeq}–${lastSeq} ${startsAt ?? `${afterMs / hour}h`}${canary ? ' canary' : ''}`,
  );
}

const canary = { size: 2, wait: '2h', goOn: 'by-operator' } as const;

test.each<[string, Sending, Partial<ScheduledTarget>, string[]]>([
  ['without a schedule all leave at once', {}, {}, ['1–10 0h']],
  ['a count', { waves: { size: 4, every: '1h' } }, {}, ['1–4 0h', '5–8 1h', '9–10 2h']],
  ['a share', { waves: { size: '25%', every: '1h' } }, {}, ['1–3 0h', '4–6 1h', '7–9 2h', '10–10 3h']],
  ['tenths of a percent', { waves: { size: '0.5%', every: '1h' } }, { messages: 2, lastSeq: 2 }, ['1–1 0h', '2–2 1h']],
  ['more than there are', { waves: { size: 40, every: '1h' } }, {}, ['1–10 0h']],
  [
    'who was left out counts in no wave',
    { waves: { size: 4, every: '1h' } },
    { lastSeq: 15 },
    ['1–9 0h', '10–13 1h', '14–15 2h'],
  ],
  [
    'a calendar, whose last wave takes the rest',
    {
      waves: {
        calendar: [
          { after: '0h', size: 1 },
          { after: '24h', size: '20%' },
          { after: '48h', size: 3 },
        ],
      },
    },
    {},
    ['1–1 0h', '2–3 24h', '4–10 48h'],
  ],
  [
    'a calendar that names more than there are',
    {
      waves: {
        calendar: [
          { after: '1h', size: 8 },
          { after: '2h', size: 8 },
          { after: '3h', size: 8 },
        ],
      },
    },
    {},
    ['1–8 1h', '9–10 2h'],
  ],
  ['a canary and all others', { canary }, {}, ['1–2 0h canary', '3–10 2h']],
  ['a canary of all is none', { canary: { ...canary, size: 10 } }, {}, ['1–10 0h']],
  [
    'a canary before waves, which keep their distance',
    { canary, waves: { size: 4, every: '6h' } },
    {},
    ['1–2 0h canary', '3–6 2h', '7–10 8h'],
  ],
  ['zones', {}, { zones }, [`1–4 ${evening}`, `5–10 ${morning}`]],
  [
    'a canary among the first zone',
    { canary },
    { zones },
    [`1–2 ${evening} canary`, '3–4 2026-12-01T21:00:00.000Z', `5–10 ${morning}`],
  ],
  [
    'a canary that is all of the first zone, and holds up the second',
    { canary: { ...canary, size: 8, wait: '20h' } },
    { zones },
    [`1–4 ${evening} canary`, '5–10 2026-12-02T15:00:00.000Z'],
  ],
  ['nobody', { canary, waves: { size: 4, every: '6h' } }, { messages: 0, firstSeq: 1, lastSeq: 0 }, []],
  ['nobody but who was left out', { canary }, { messages: 0 }, []],
])('%s', (_, sending, target, expected) => {
  expect(told(sending, target)).toEqual(expected);
});

const size = fc.oneof(
  fc.integer({ min: 1, max: 400 }),
  fc.integer({ min: 1, max: 10_000 }).map((hundredths) => `${hundredths / 100}%`),
);
const waves = fc.option(
  fc.oneof(
    size.map((one) => ({ size: one, every: '1h' })),
    fc.array(size, { minLength: 1, maxLength: 6 }).map((sizes) => ({
      calendar: sizes.map((one, i) => ({ after: `${i * 3}h`, size: one })),
    })),
  ),
  { nil: undefined },
);
const canaries = fc.option(
  size.map((one) => ({ ...canary, size: one })),
  { nil: undefined },
);
const zoneCounts = fc.option(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }), {
  nil: undefined,
});

test('every message is in one wave, in order; waves are in time order, and no batch is in two of them', () => {
  fc.assert(
    fc.property(
      fc.record({ waves, canary: canaries, counts: zoneCounts, count: fc.integer({ min: 1, max: 300 }) }),
      fc.integer({ min: 1, max: 40 }),
      ({ counts, count, ...given }, batchSize) => {
        const messages = counts ? counts.reduce((sum, one) => sum + one, 0) : count;
        const own = counts?.map((one, i) => ({
          startsAt: new Date(Date.parse(evening) + i * hour).toISOString(),
          messages: one,
        }));
        const sending = sendingOf(counts ? { canary: given.canary } : given);
        const target = { firstSeq: 5, lastSeq: messages + 4, messages, ...(own && { zones: own }) };
        const asked: number[] = [];
        const all = scheduleOf(sending, target, (nth) => asked.push(nth) && nth + 4).waves;
        expect(asked).toEqual(cutsOf(sending, target));
        expect(all.length).toBeLessThanOrEqual(201);
        expect([all[0]?.firstSeq, all.at(-1)?.lastSeq]).toEqual([5, messages + 4]);
        const due = all.map((_, i) => waveDueAt(all, i, Date.parse(evening) + (all[i - 1]?.afterMs ?? 0)));
        expect(due).toEqual(due.toSorted((a, b) => a - b));
        all.slice(1).forEach((wave, i) => expect(wave.firstSeq).toBe((all[i]?.lastSeq ?? 0) + 1));
        const batches = batchesOfRanges(all, batchSize);
        expect(batches.map(({ number }) => number)).toEqual(batches.map((_, number) => number));
        expect(
          firstBatches(
            all.map(({ firstSeq }) => firstSeq),
            batchSize,
          ),
        ).toEqual(all.map(({ firstSeq }) => batches.findIndex(({ from }) => from === firstSeq)));
        for (const { from, to } of batches)
          expect(all.filter(({ firstSeq, lastSeq }) => from <= lastSeq && to >= firstSeq)).toHaveLength(1);
      },
    ),
  );
});

test('waves by size keep their distance from the one before, whenever that has left; those by zone do not', () => {
  const bySize = [0, 1, 3].map((after, i) => ({ firstSeq: i, lastSeq: i, afterMs: after * hour }));
  expect([0, 1, 2].map((i) => waveDueAt(bySize, i, 50 * hour))).toEqual([50 * hour, 51 * hour, 52 * hour]);
  const byZone = zones.map(({ startsAt }, i) => ({ firstSeq: i, lastSeq: i, startsAt }));
  expect(waveDueAt(byZone, 1, Date.parse(morning) + 50 * hour)).toBe(Date.parse(morning));
});
