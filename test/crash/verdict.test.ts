import type { LedgerRow } from '../../src/client/index.js';
import type { RelayRecord } from './relay-script.js';
import { judge } from './verdict.js';

const address = 'person1@shop.example';
const taken = (messageId = '<1@x>', sha256 = 'a'): RelayRecord => ({
  kind: 'taken',
  from: 'first.test',
  recipient: address,
  messageId,
  sha256,
});
const refused: RelayRecord = { kind: 'refused', from: 'first.test', recipient: address };
const whole: RelayRecord = { kind: 'dot', from: 'first.test', recipient: address };

interface Case {
  policy?: 'hold' | 'resend';
  status: LedgerRow['status'];
  possibleDuplicate?: boolean;
  record: RelayRecord[];
  /** What the verdict must say. */
  says: RegExp | undefined;
  counts?: { lost?: number; duplicated?: number; inDoubt?: number };
}

const cases: Record<string, Case> = {
  'sent and taken': { status: 'sent', record: [whole, taken()], says: undefined },
  'sent and never taken': { status: 'sent', record: [whole], says: /^lost: 1/, counts: { lost: 1 } },
  'open at the end': { status: 'retrying', record: [], says: /^lost: 1/, counts: { lost: 1 } },
  'open at the end, though taken': { status: 'sending', record: [taken()], says: /^lost: 1/, counts: { lost: 1 } },
  'failed by the relay’s word': { status: 'failed', record: [refused], says: undefined },
  'failed by nobody’s word': { status: 'failed', record: [], says: /^lost: 1/, counts: { lost: 1 } },
  'canceled by nobody': { status: 'canceled', record: [], says: /^lost: 1/, counts: { lost: 1 } },
  'failed though taken': { status: 'failed', record: [refused, taken()], says: /^taken, and recorded otherwise/ },
  'in doubt, taken': { status: 'in-doubt', record: [taken()], says: undefined, counts: { inDoubt: 1 } },
  'in doubt, not taken': { status: 'in-doubt', record: [], says: undefined, counts: { inDoubt: 1 } },
  'taken twice under hold': {
    status: 'sent',
    record: [taken(), taken()],
    says: /^taken twice/,
    counts: { duplicated: 1 },
  },
  'taken twice under resend, and named': {
    policy: 'resend',
    status: 'sent',
    possibleDuplicate: true,
    record: [taken(), taken()],
    says: undefined,
    counts: { duplicated: 1, inDoubt: 1 },
  },
  'taken twice under resend, and not named': {
    policy: 'resend',
    status: 'sent',
    record: [taken(), taken()],
    says: /not named as possible/,
    counts: { duplicated: 1 },
  },
  'a second copy of other bytes': {
    policy: 'resend',
    status: 'sent',
    possibleDuplicate: true,
    record: [taken(), taken('<1@x>', 'b')],
    says: /^copies differ/,
    counts: { duplicated: 1, inDoubt: 1 },
  },
  'a second copy of another Message-ID': {
    policy: 'resend',
    status: 'sent',
    possibleDuplicate: true,
    record: [taken(), taken('<2@x>')],
    says: /^copies differ/,
    counts: { duplicated: 1, inDoubt: 1 },
  },
  'in doubt under resend': {
    policy: 'resend',
    status: 'in-doubt',
    record: [taken()],
    says: /not sent again/,
    counts: { inDoubt: 1 },
  },
};

test.each(Object.entries(cases))('%s', (_, { policy = 'hold', status, possibleDuplicate = false, ...wanted }) => {
  const { faults, sent, ...counts } = judge([{ address, status, possibleDuplicate }], wanted.record, {
    policy,
    allowed: 1,
  });
  expect(faults.join('; ')).toMatch(wanted.says ?? /^$/);
  expect(counts).toEqual({ lost: 0, duplicated: 0, inDoubt: 0, ...wanted.counts });
  expect(sent).toBe(new Set(wanted.record.flatMap((one) => (one.kind === 'taken' ? [one.messageId] : []))).size);
});

test('more in doubt than allowed', () => {
  const row = { address, status: 'in-doubt', possibleDuplicate: false } as const;
  expect(judge([row], [], { policy: 'hold', allowed: 0 }).faults).toEqual(['1 in doubt, 0 allowed']);
});
