import type { AnalysisView, ParametersView } from '../../../src/delivery/control-rules/views.js';
import type { DeliverySettingsInput } from '../../../src/delivery/definition.js';
import type { Wave } from '../../../src/delivery/waves.js';
import { set, type CasesOf } from './views.js';

const now = Date.parse('2026-11-24T12:00:00Z');
const hour = 3_600_000;

type Sending = NonNullable<DeliverySettingsInput['sending']>;

/** Settings, and the waves that they come to; `at` is the contact date. */
function planned(
  sending: Sending,
  { at, waves = [], unknownZones = 0 }: { at?: string; waves?: Wave[]; unknownZones?: number } = {},
): Pick<AnalysisView, 'settings' | 'schedule'> {
  return {
    ...set({ sending }),
    schedule: { planned: { ...(at !== undefined && { startsAt: at }), waves }, unknownZones, now },
  };
}

const at = { at: '2026-12-01T09:00', timeZone: 'Europe/Berlin' };
const bySize = (...hours: number[]): Wave[] =>
  hours.map((after, i) => ({ firstSeq: i + 1, lastSeq: i + 1, afterMs: after * hour }));
const even = { waves: { size: 1, every: '1h' } };
const canary = { size: 3, wait: '1h', goOn: 'by-operator' } as const;

export const timeZoneCases: CasesOf<ParametersView> = {
  'time-zone-field-unknown': {
    finds: [
      [
        'sending.recipientTimeZoneField',
        set({ sending: { ...at, recipientTimeZoneField: 'zone' } }),
        /"zone", so all count as in Europe\/Berlin: name the column/,
      ],
    ],
    passes: [set({ sending: { ...at, recipientTimeZoneField: 'first_name' } }), set({ sending: at }), {}],
  },
};

export const scheduleCases: CasesOf<AnalysisView> = {
  'contact-date-near': {
    finds: [
      ['sending.at', planned(at, { at: '2026-11-24T12:00:00.000Z' }), /\(2026-11-24 12:00:00 UTC\) has passed, /],
      ['sending.at', planned(at, { at: '2026-11-24T12:59:00.000Z' }), /comes within the hour/],
    ],
    passes: [planned(at, { at: '2026-11-24T13:00:00.000Z' }), planned(even), {}],
  },
  'contact-date-far': {
    finds: [['sending.at', planned(at, { at: '2027-11-24T12:01:00.000Z' })]],
    passes: [planned(at, { at: '2027-11-24T12:00:00.000Z' }), planned(even), {}],
  },
  'time-zone-unknown': {
    finds: [
      [
        'sending.recipientTimeZoneField',
        planned(at, { unknownZones: 1_200 }),
        /^1,200 recipients have .* and count as/,
      ],
      ['sending.recipientTimeZoneField', planned(at, { unknownZones: 1 }), /^1 recipient has .* and counts as/],
    ],
    passes: [planned(at), {}],
  },
  'waves-too-many': {
    finds: [
      ['sending.waves', { ...planned(even), messages: 201 }, /^Waves of 1 would be 201, and there are at most 200: /],
    ],
    passes: [{ ...planned(even), messages: 200 }, { ...planned(even), messages: 0 }, planned({ canary })],
  },
  'waves-unfilled': {
    finds: [
      [
        'sending.waves',
        planned({ waves: { size: 10, every: '1h' } }, { waves: bySize(0) }),
        /^There are 10 messages, which fill 1 wave /,
      ],
      [
        'sending.waves',
        planned(
          { waves: { calendar: [0, 1, 2].map((after) => ({ after: `${after}h`, size: 6 })) } },
          { waves: bySize(0, 1) },
        ),
        /which fill 2 waves and no more/,
      ],
      [
        'sending.canary.size',
        planned({ ...even, canary: { ...canary, size: 10 } }, { waves: bySize(0) }),
        /as large as the target of 10/,
      ],
    ],
    passes: [
      planned(even, { waves: bySize(0, 1) }),
      planned({ canary }, { waves: bySize(0, 1) }),
      { ...planned(even), messages: 0 },
      {},
    ],
  },
  'canary-small': {
    finds: [
      [
        'sending.canary.size',
        planned(
          { ...at, canary },
          { waves: [{ firstSeq: 1, lastSeq: 2, startsAt: '2026-12-01T08:00:00.000Z', canary: true }] },
        ),
        /^The canary has 2 messages in place of 3, /,
      ],
    ],
    passes: [
      planned(
        { ...at, canary },
        { waves: [{ firstSeq: 1, lastSeq: 3, startsAt: '2026-12-01T08:00:00.000Z', canary: true }] },
      ),
      planned({ canary }, { waves: [{ firstSeq: 1, lastSeq: 3, afterMs: 0, canary: true }] }),
      {},
    ],
  },
  'wave-after-validity': {
    finds: [
      [
        'sending.validity',
        planned({ ...even, validity: '2h' }, { waves: bySize(0, 2) }),
        /^The last wave leaves 2 hours after/,
      ],
      [
        'sending.validity',
        planned(
          { ...at, validity: '5h' },
          {
            at: '2026-12-01T08:00:00.000Z',
            waves: ['08', '14'].map((h, i) => ({ firstSeq: i, lastSeq: i, startsAt: `2026-12-01T${h}:00:00.000Z` })),
          },
        ),
        /leaves 6 hours after the start, and nothing leaves after 5h: /,
      ],
    ],
    passes: [planned({ ...even, validity: '3h' }, { waves: bySize(0, 2) }), planned({ validity: '1s' }), {}],
  },
  'wave-without-retries': {
    finds: [
      ['sending.validity', planned({ ...even, validity: '6h' }, { waves: bySize(0, 2) }), /so that 4 hours are left/],
    ],
    passes: [
      planned({ ...even, validity: '7h' }, { waves: bySize(0, 2) }),
      planned({ ...even, validity: '2h' }, { waves: bySize(0, 2) }),
      planned({ validity: '1h' }, { waves: bySize(0) }),
    ],
  },
  'rate-too-slow': {
    finds: [
      [
        'sending.rate',
        { ...planned({ rate: '10/h', validity: '5d' }), messages: 1_200 },
        /^1,200 messages take 120 hours at 10\/h, and nothing leaves after 5d: raise sending\.rate/,
      ],
      ['sending.rate', { ...set({ sending: { rate: '1/h', validity: '2h' } }), messages: 2 }, /take 2 hours/],
    ],
    passes: [
      { ...planned({ rate: '10/h', validity: '5d' }), messages: 1_199 },
      { ...set({ sending: { rate: '1/h', validUntil: '2026-12-05T18:00+01:00' } }), messages: 2_000 },
      planned({ validity: '1s' }),
    ],
  },
};
