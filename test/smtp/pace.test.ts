import fc from 'fast-check';
import { fullPace, nextPace, observe, pacing, type Pace } from '../../src/smtp/rules/pace.js';
import type { TransactionResult } from '../../src/smtp/transaction.js';

const deferred = (
  reply: string,
  reason: 'refused' | 'unreachable' | 'mailbox-full' = 'refused',
): TransactionResult => ({ outcome: 'deferred', reason, reply });

test.each<[TransactionResult, string | undefined]>([
  [{ outcome: 'sent', reply: '250 ok' }, 'sent'],
  [deferred('421 4.3.2 closing', 'unreachable'), 'slowed'],
  [deferred('450 4.7.28 unusual rate of mail'), 'slowed'],
  [deferred('451 4.7.1 Greylisting in action, come back later'), undefined],
  [deferred('450 4.2.0 gray list in action'), undefined],
  [deferred('450 4.7.1 <greylist@shop.example>: rate limited'), 'slowed'],
  [deferred('452 4.2.2 mailbox full', 'mailbox-full'), undefined],
  [deferred('451 4.3.0 local error', 'unreachable'), 'failed'],
  [{ outcome: 'deferred', reason: 'unreachable', reply: 'connection lost', relayFault: true }, 'failed'],
  [{ outcome: 'rejected', reason: 'refused', reply: '550 5.7.1 blocked' }, 'failed'],
  [{ outcome: 'rejected', reason: 'refused', reply: '550 5.7.1 greylisted' }, 'failed'],
  [{ outcome: 'rejected', reason: 'user-unknown', reply: '550 5.1.1 no such user' }, undefined],
  [{ outcome: 'in-doubt', detail: 'after the message was handed over: no reply' }, 'failed'],
])('%j says "%s" of a destination', (result, expected) => {
  expect(observe(result)).toBe(expected);
});

const now = 1_000_000;
const seen = (sent: number, slowed = 0, failedSince = 0) => ({ sent, slowed, failedSince });

test('a destination that asks for it is served at half the pace, and not slower before that can have shown', () => {
  const slower = nextPace(fullPace, seen(9, 1), now);
  expect(slower).toMatchObject({ share: 0.5, changedAt: now });
  expect(nextPace(slower, seen(9, 1), now + pacing.slowerAfter - 1).share).toBe(0.5);
  expect(nextPace(slower, seen(9, 1), now + pacing.slowerAfter).share).toBe(0.25);
  expect(nextPace(slower, seen(9), now + pacing.fasterAfter).share).toBe(0.625);
});

test('failures in a row hold it, for twice as long each time, up to an hour; a message that is taken ends that', () => {
  let pace: Pace = fullPace;
  let at = now;
  const holds: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    pace = nextPace(pace, { ...seen(0, 0, pacing.failures), reply: '451 4.3.0 down' }, at);
    holds.push(((pace.heldUntil ?? 0) - at) / 60_000);
    at = pace.heldUntil ?? 0;
  }
  expect(holds).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(pace.reply).toBe('451 4.3.0 down');
  const well = nextPace(pace, seen(1), at);
  expect(well).toMatchObject({ failures: 0, holds: 0 });
  expect(well.heldUntil).toBeUndefined();
});

test('after a hold, half as many failures hold it again; those under way when it was held are none of them', () => {
  const first = nextPace(fullPace, seen(0, 0, pacing.failures), now);
  const held = nextPace(first, seen(0, 0, 3 * pacing.failures), now + 1);
  const after = (held.heldUntil ?? 0) + 1;
  expect(nextPace(held, seen(0, 0, pacing.failures / 2 - 1), after).heldUntil).toBeUndefined();
  expect(nextPace(held, seen(0, 0, pacing.failures / 2), after).heldUntil).toBe(after + 120_000);
});

test('whatever happens, the pace stays within its bounds, and what was under way lengthens no hold', () => {
  const step = fc.record({ sent: fc.nat(50), slowed: fc.nat(5), failedSince: fc.nat(60), pass: fc.nat(200_000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      let pace: Pace = fullPace;
      let at = now;
      for (const { pass, ...observed } of steps) {
        at += pass;
        const next = nextPace(pace, observed, at);
        expect(next.share).toBeGreaterThanOrEqual(pacing.leastShare);
        expect(next.share).toBeLessThanOrEqual(1);
        if (pace.heldUntil !== undefined && pace.heldUntil > at) expect(next.heldUntil).toBe(pace.heldUntil);
        else if (next.heldUntil !== undefined) expect(next.heldUntil - at).toBeLessThanOrEqual(pacing.longestHold);
        pace = next;
      }
    }),
  );
});
