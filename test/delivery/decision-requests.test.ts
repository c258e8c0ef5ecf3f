import fc from 'fast-check';
import {
  afterPostponing,
  afterTelling,
  nextRequest,
  planAfter,
  tellAt,
  type OpenRequest,
  type RequestReason,
  type RequestsMade,
} from '../../src/delivery/decision-requests.js';
import type { DecisionRequestSettings } from '../../src/delivery/decision-request-settings.js';
import { nextWorkingMinute, type WorkingHours } from '../../src/delivery/working-hours.js';

const hour = 3_600_000;
const office: WorkingHours = {
  timeZone: 'Europe/Berlin',
  from: '09:00',
  to: '17:00',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
};

interface Told {
  reason: RequestReason;
  at: number;
}

/** Plays a request to its end as the workflow and its activity do; whoever is late is so by `late` each time. */
function play(
  settings: DecisionRequestSettings,
  { sealedAt, expiresAt }: Omit<OpenRequest, 'gates'>,
  { late = () => 0, gatesAt = () => '[""]' }: { late?: () => number; gatesAt?: (at: number) => string } = {},
): Told[] {
  const told: Told[] = [];
  let made: RequestsMade | undefined;
  for (let now = sealedAt; told.length < 1_000;) {
    const open = { sealedAt, expiresAt, gates: gatesAt(now) };
    const due = nextRequest(made, open, now);
    if (!due) break;
    if (due.at > now) {
      now = due.at + late();
      continue;
    }
    const at = tellAt(settings, due.reason, now);
    if (at > now && made) made = afterPostponing(made, due.reason, at);
    else {
      told.push({ reason: due.reason, at: now });
      made = afterTelling(made, open, due.reason, planAfter(settings, now));
    }
  }
  return told;
}

const shown = (told: readonly Told[]): string[] =>
  told.map(({ reason, at }) => `${new Date(at).toISOString().slice(5, 16)} ${reason}`);

test.each<[string, DecisionRequestSettings, string, string[]]>([
  ['nothing but the request', {}, '2026-11-26T07:00', ['11-26T07:00 request']],
  [
    'reminders until it expires, and not then',
    { remindEvery: '2d' },
    '2026-11-26T07:00',
    ['11-26T07:00 request', '11-28T07:00 reminder', '11-30T07:00 reminder', '12-02T07:00 reminder'],
  ],
  [
    'an escalation once',
    { escalateAfter: '3d', escalateTo: ['boss'] },
    '2026-11-26T07:00',
    ['11-26T07:00 request', '11-29T07:00 escalation'],
  ],
  [
    'an escalation between reminders, which go on',
    { remindEvery: '3d', escalateAfter: '4d', escalateTo: ['boss'] },
    '2026-11-26T07:00',
    ['11-26T07:00 request', '11-29T07:00 reminder', '11-30T07:00 escalation', '12-02T07:00 reminder'],
  ],
  ['what would come after the end', { remindEvery: '7d' }, '2026-11-26T07:00', ['11-26T07:00 request']],
  [
    'working hours over a weekend; the request waits for none',
    { remindEvery: '1d', escalateAfter: '36h', escalateTo: ['boss'], workingHours: office },
    '2026-11-26T22:00',
    [
      '11-26T22:00 request',
      '11-30T08:00 reminder',
      '11-30T08:00 escalation',
      '12-01T08:00 reminder',
      '12-02T08:00 reminder',
      '12-03T08:00 reminder',
    ],
  ],
  [
    'working hours over the weekend in which summer time begins',
    { remindEvery: '1d', workingHours: office },
    '2026-03-26T07:00',
    [
      '03-26T07:00 request',
      '03-27T08:00 reminder',
      '03-30T07:00 reminder',
      '03-31T07:00 reminder',
      '04-01T07:00 reminder',
    ],
  ],
])('%s', (_, settings, sealed, expected) => {
  const sealedAt = Date.parse(`${sealed}:00Z`);
  const told = shown(play(settings, { sealedAt, expiresAt: sealedAt + 7 * 24 * hour }));
  expect(told.toSorted()).toEqual(expected.toSorted());
});

test('a gate that opens has its people asked at once, reminders count from then, and the escalation does not', () => {
  const told = play(
    { remindEvery: '3h', escalateAfter: '8h', escalateTo: ['boss'] },
    { sealedAt: 0, expiresAt: 10 * hour },
    { gatesAt: (at) => (at < 3 * hour ? '["legal"]' : '[""]') },
  );
  expect(told.map(({ reason, at }) => `${at / hour} ${reason}`)).toEqual([
    '0 request',
    '3 request',
    '6 reminder',
    '8 escalation',
    '9 reminder',
  ]);
});

test('an analysis that is sealed again starts over, and the numbers go on', () => {
  const made = { number: 4, sealedAt: 0, gates: '[""]', remindAt: hour };
  const open = { sealedAt: 10, gates: '[""]', expiresAt: 9 * hour };
  expect(nextRequest(made, open, 20)).toEqual({ reason: 'request', at: 20 });
  const plan = planAfter({ remindEvery: '2h', escalateAfter: '3h', escalateTo: ['boss'] }, 20);
  expect(afterTelling(made, open, 'request', plan)).toEqual({
    number: 5,
    sealedAt: 10,
    gates: '[""]',
    remindAt: 20 + 2 * hour,
    escalateAt: 20 + 3 * hour,
  });
});

test('nothing is due when the request expires, or after', () => {
  const made = { number: 1, sealedAt: 0, gates: '', remindAt: hour, escalateAt: 2 * hour };
  const until = (expiresAt: number) => nextRequest(made, { sealedAt: 0, gates: '', expiresAt }, 0);
  expect(until(hour)).toBeUndefined();
  expect(until(hour + 1)).toEqual({ reason: 'reminder', at: hour });
  expect(nextRequest(undefined, { sealedAt: 0, gates: '', expiresAt: 1 }, 1)).toBeUndefined();
});

test('what is overdue is due now, and once', () => {
  const made = { number: 1, sealedAt: 0, gates: '', remindAt: hour };
  const open = { sealedAt: 0, gates: '', expiresAt: 90 * hour };
  const late = 31 * hour;
  expect(nextRequest(made, open, late)).toEqual({ reason: 'reminder', at: late });
  const next = afterTelling(made, open, 'reminder', planAfter({ remindEvery: '1h' }, late));
  expect(nextRequest(next, open, late)).toEqual({ reason: 'reminder', at: late + hour });
});

const settings = fc.record(
  {
    remindEvery: fc.constantFrom('50m', '3h', '1d', '2d'),
    escalation: fc.constantFrom('10m', '8h', '2d'),
    from: fc.constantFrom('07:30', '09:00', '22:00'),
  },
  { requiredKeys: [] },
);

test('never outside of the working hours, never twice, strictly later, one escalation, however late workers are', () => {
  fc.assert(
    fc.property(
      settings,
      fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') }),
      fc.infiniteStream(fc.oneof(fc.constant(0), fc.nat(20 * hour))),
      ({ remindEvery, escalation, from }, sealedAt, lateness) => {
        const workingHours = from === undefined ? undefined : { ...office, from };
        const told = play(
          {
            remindEvery,
            workingHours,
            ...(escalation !== undefined && { escalateAfter: escalation, escalateTo: ['boss'] }),
          },
          { sealedAt, expiresAt: sealedAt + 7 * 24 * hour },
          { late: () => lateness.next().value ?? 0 },
        );
        const [first, ...later] = told;
        expect(first).toEqual({ reason: 'request', at: sealedAt });
        for (const { reason, at } of later) {
          expect(reason).not.toBe('request');
          expect(at).toBeLessThan(sealedAt + 7 * 24 * hour);
          if (workingHours) expect(nextWorkingMinute(workingHours, at)).toBe(at);
        }
        const reminded = told.filter(({ reason }) => reason !== 'escalation').map(({ at }) => at);
        expect(reminded).toEqual([...new Set(reminded)].toSorted((a, b) => a - b));
        expect(told.filter(({ reason }) => reason === 'escalation').length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 200 },
  );
});
