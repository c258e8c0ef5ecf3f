import { refuseStranger } from '../../src/cli/confirm.js';
import { confirmedText, confirmingSends, demand } from '../../src/wording/decision-text.js';
import type { DeliveryDescription, Finding, PendingDecision } from '../../src/client/index.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { anyPending, anyReport } from '../cli/any-report.js';

const description = (pending?: Partial<PendingDecision>): DeliveryDescription =>
  ({ id: 'news', ...(pending && { pendingDecision: anyPending(pending) }) }) as DeliveryDescription;

test.each([
  ['publisher', /four-eyes: operator "publisher" submitted this revision.*\. Those who may: approver\./],
  ['stranger', /"stranger" is neither the owner nor one of the approvers/],
])('%s is not asked, and told why', (operator, sentence) => {
  expect(() => refuseStranger(description({}), operator)).toThrow(sentence);
});

test('whoever may confirm is asked, and everybody where it is not known who may', () => {
  expect(() => refuseStranger(description({}), 'approver')).not.toThrow();
  expect(() => refuseStranger(description(), 'stranger')).not.toThrow();
});

test('nobody is asked while the content awaits its approval', () => {
  const held = description({ mayConfirm: [], heldBy: '1 more reviewer must approve' });
  expect(() => refuseStranger(held, 'approver')).toThrow(
    'Nobody can confirm it yet: 1 more reviewer must approve. See "sealpost show news".',
  );
});

test.each<[Partial<PendingDecision>, string]>([
  [{}, 'Follow the delivery: sealpost watch news'],
  [
    { needed: [{ confirmations: 1 }, { confirmations: 2 }] },
    '1 more confirmation must come; those who may: nobody. See "sealpost show news".',
  ],
  [
    { needed: [{ gate: 'legal', confirmations: 1 }] },
    'The gate "legal" is passed, and others must confirm yet. See "sealpost show news".',
  ],
])('whoever confirms is told who must besides: %j', (pending, text) => {
  expect(confirmedText(description(pending), 'approver')).toBe(`The confirmation by approver counts. ${text}`);
});

test.each<[Partial<PendingDecision>, string]>([
  [{}, 'It needs 1 confirmation from: approver.'],
  [
    { confirmedBy: ['a'], needed: [{ confirmations: 1 }, { confirmations: 2 }] },
    'It needs 2 confirmations more from: approver.',
  ],
  [{ needed: [{ gate: 'legal', confirmations: 1 }] }, 'It needs 1 confirmation at the gate "legal" from: approver.'],
  [{ heldBy: 'no proof' }, 'Nobody can confirm it yet: no proof.'],
])('who is still wanted: %j', (pending, text) => {
  expect(demand(anyPending(pending))).toEqual([text]);
});

const warning: Finding = { rule: 'r', level: 'warning', sentence: 'S.', place: 'p' };

test.each<[string, DeliverySettingsInput['sending'], Partial<DeliveryDescription>, string]>([
  [
    'at once',
    {},
    { findings: [] },
    'Confirm, and 988 messages leave from Garden <a@b.example>, at once, as fast as the relay takes them. The checks warn of nothing.',
  ],
  [
    'at a rate, with seeds, where others must confirm, too',
    { rate: '100/min' },
    {
      findings: [warning, { ...warning, level: 'info' }],
      seeds: { sealed: 2, counts: {} },
      pendingDecision: anyPending({ needed: [{ confirmations: 2 }] }),
    },
    'Once all have confirmed, 988 messages, 2 of them to seeds leave from Garden <a@b.example>, at once, at most 100/min (about 10 min). The checks have found 1 warning.',
  ],
  [
    'at a date, in waves',
    { at: '2026-12-01T09:00', timeZone: 'Europe/Berlin', waves: { size: 500, every: '1h' } },
    {
      findings: [],
      schedule: {
        startsAt: '2026-12-01T08:00:00.000Z',
        waves: [
          { firstSeq: 0, lastSeq: 499 },
          { firstSeq: 500, lastSeq: 987, afterMs: 3_600_000 },
        ],
      },
    },
    'Confirm, and 988 messages leave from Garden <a@b.example>, from 2026-12-01 09:00 Europe/Berlin on, in 2 waves, the last one at 2026-12-01 10:00 Europe/Berlin, as fast as the relay takes them. The checks warn of nothing.',
  ],
])('what a confirmation lets happen: %s', (_, sending, own, sentence) => {
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    sender: { name: 'Garden', address: 'a@b.example' },
    subject: 'x',
    ...(sending && { sending }),
  });
  expect(confirmingSends({ ...anyReport(), settings, ...own })).toBe(sentence);
});
