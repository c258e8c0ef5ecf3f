import { judgeAttempts } from '../../src/audit/checks/attempt-checks.js';
import type { AttemptOutcome, MessageStatus } from '../../src/delivery/message-status.js';
import { bundleRows } from './one-bundle.js';

const [sent] = (await bundleRows(1)).messages;
if (!sent) throw new Error('a bundle of one message has none');

const at = '2026-11-24T12:00:21.000Z';
const reply = '451 4.7.1 later';
const tried = (...outcomes: AttemptOutcome[]) =>
  outcomes.map((outcome, index) => ({ number: index + 1, at, outcome, reason: null, reply }));

/** A message with its count and its attempts. */
const judged = (status: MessageStatus, attempts: number, outcomes: AttemptOutcome[], own: object = {}) =>
  judgeAttempts({ ...sent, status, attempts, tried: tried(...outcomes), reply, ...own });

const byPerson = (verdict: string) => ({ reply: `resolved as ${verdict}; ${reply}` });

test.each<[string, string | undefined]>([
  ['sent at the first attempt', judgeAttempts(sent)],
  ['sent at the third', judged('sent', 3, ['deferred', 'in-doubt', 'sent'])],
  ['never tried', judged('pending', 0, [])],
  ['refused for good', judged('failed', 1, ['rejected'])],
  ['failed when validity ended', judged('failed', 2, ['deferred', 'deferred'], { reply: 'something later' })],
  ['failed without an attempt', judged('failed', 0, [])],
  ['under way for the second time', judged('sending', 2, ['deferred'])],
  ['in doubt, then put off, then closed', judged('in-doubt', 2, ['in-doubt', 'deferred'])],
  ['resolved as sent', judged('sent', 1, ['in-doubt'], byPerson('sent'))],
  ['given up', judged('failed', 1, ['in-doubt'], byPerson('give-up'))],
  ['denylisted between two attempts', judged('ignored', 1, ['deferred'])],
])('in order: %s', (_, fault) => expect(fault).toBeUndefined());

test.each<[string, string | undefined, RegExp]>([
  ['an attempt taken away', judged('failed', 2, ['rejected']), /^counts 2 attempts .* 1 stand/],
  ['all of them taken away', judged('failed', 1, []), /^counts 1 attempts .* 0 stand/],
  ['one added', judged('sent', 1, ['deferred', 'sent']), /^counts 1 attempts .* 2 stand/],
  ['more counted than made', judgeAttempts({ ...sent, attempts: 2 }), /^counts 2 attempts .* 0 stand/],
  [
    'one in the middle taken away',
    judged('sent', 2, [], { tried: tried('deferred', 'deferred', 'sent').toSpliced(1, 1) }),
    /^has attempt 3 where attempt 2 must stand/,
  ],
  ['another end', judged('sent', 2, ['deferred', 'rejected']), /^is "sent", and its last attempt came to "rejected"/],
  ['another reply', judged('sent', 2, ['deferred', 'sent'], { reply: '250 ok' }), /^has another reply/],
  ['resolved, and never in doubt', judged('sent', 1, [], byPerson('sent')), /^counts 1 attempts/],
])('told: %s', (_, fault, says) => expect(fault).toMatch(says));
