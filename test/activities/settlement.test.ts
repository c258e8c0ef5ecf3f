import { settlementOf, type SettlementTerms } from '../../activities/settlement.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import type { TransactionResult } from '../../src/smtp/transaction.js';

const now = Date.UTC(2026, 10, 24);
const { sending } = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
const claimed = { seq: 7, attempts: 1, firstClaimedAt: new Date(now) };
const terms: SettlementTerms = { proof: false, sending, now, validUntil: now + 5 * 86_400_000, relayDown: false };
const deferred: TransactionResult = { outcome: 'deferred', reason: 'mailbox-full', reply: '452 4.2.2 full' };
const fault: TransactionResult = { outcome: 'deferred', reason: 'unreachable', relayFault: true };
const inDoubt: TransactionResult = { outcome: 'in-doubt', detail: 'lost after 354' };

test.each<[string, TransactionResult, Partial<SettlementTerms>, object]>([
  ['a 250 is sent', { outcome: 'sent', reply: '250 ok' }, {}, { status: 'sent', reply: '250 ok' }],
  [
    'a hard refusal is failed',
    { outcome: 'rejected', reason: 'user-unknown' },
    {},
    { status: 'failed', outcome: 'rejected', reason: 'user-unknown' },
  ],
  [
    'a soft one is tried again in an hour',
    deferred,
    {},
    { status: 'retrying', reason: 'mailbox-full', nextAttemptAt: now + 3_600_000 },
  ],
  [
    'a greylisted one is tried again in a quarter of an hour',
    { ...deferred, reason: 'refused', reply: '451 4.7.1 greylisted' },
    {},
    { status: 'retrying', nextAttemptAt: now + 900_000 },
  ],
  [
    'one that will be as long the next time is not tried again',
    { ...deferred, reason: 'refused', reply: '452 4.3.4 too big' },
    {},
    { status: 'failed', outcome: 'deferred', reason: 'refused' },
  ],
  [
    'a soft one at the end of validity is failed',
    deferred,
    { validUntil: now + 1 },
    { status: 'failed', outcome: 'deferred', reason: 'mailbox-full' },
  ],
  ['a proof is not tried again', deferred, { proof: true }, { status: 'failed' }],
  ['a relay that is down costs no attempt', fault, { relayDown: true }, { status: 'pending' }],
  [
    'a fault that others did not meet is tried again soon',
    fault,
    {},
    { status: 'retrying', nextAttemptAt: now + 60_000 },
  ],
  ['doubt is held', inDoubt, {}, { status: 'in-doubt', outcome: 'in-doubt', reply: 'lost after 354' }],
  [
    'doubt is sent again under resend, marked',
    inDoubt,
    { sending: { ...sending, inDoubt: 'resend' } },
    { status: 'retrying', outcome: 'in-doubt', nextAttemptAt: now, possibleDuplicate: true },
  ],
  [
    'a proof in doubt is held under resend too',
    inDoubt,
    { proof: true, sending: { ...sending, inDoubt: 'resend' } },
    { status: 'in-doubt' },
  ],
])('%s', (_, result, own, expected) => {
  const settlement = settlementOf(result, claimed, { ...terms, ...own });
  expect(settlement).toMatchObject({ seq: 7, ...expected });
  if (!('nextAttemptAt' in expected)) expect(settlement.nextAttemptAt).toBeUndefined();
});
