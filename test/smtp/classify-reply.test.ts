import * as fc from 'fast-check';
import { reasons } from '../../src/delivery/message-status.js';
import { classifyReply, type Stage } from '../../src/smtp/classify-reply.js';

const stages: Stage[] = ['connect', 'mail', 'rcpt', 'data', 'body'];

describe('classifyReply to RCPT', () => {
  test.each([
    // Enhanced codes.
    ['550 5.1.1 no such user here', 'rejected', 'user-unknown'],
    [
      '550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 Try again',
      'rejected',
      'user-unknown',
    ],
    ['553 5.1.3 bad address syntax', 'rejected', 'user-unknown'],
    ['550 5.1.2 bad destination system', 'deferred', 'invalid-domain'],
    ['556 5.1.10 the domain has a null MX', 'rejected', 'invalid-domain'],
    ['550 5.4.4 unable to route', 'deferred', 'invalid-domain'],
    ['550 5.2.1 the account is disabled', 'rejected', 'account-disabled'],
    ['552 5.2.2 over quota', 'deferred', 'mailbox-full'],
    ['452 4.2.2 over quota', 'deferred', 'mailbox-full'],
    ['552 5.3.4 message too big', 'rejected', 'refused'],
    ['552 5.2.3 message too long', 'rejected', 'refused'],
    ['550 5.7.1 relaying denied', 'rejected', 'refused'],
    ['550 5.7.26 unauthenticated mail', 'rejected', 'refused'],
    ['421 4.7.0 our system has detected an unusual rate', 'deferred', 'refused'],
    ['451 4.7.1 greylisted', 'deferred', 'refused'],
    ['451 4.4.1 no answer from host', 'deferred', 'unreachable'],
    ['550 5.4.1 no answer from host', 'deferred', 'unreachable'],
    ['550 5.4.1 Recipient address rejected: Access denied', 'rejected', 'user-unknown'],
    ['452 4.3.1 insufficient system storage', 'deferred', 'unreachable'],
    // The code says more than the words.
    ['550 5.1.1 user unknown, or blocked as spam', 'rejected', 'user-unknown'],
    ['550 5.7.1 user unknown', 'rejected', 'refused'],
    // Texts, where codes say nothing exact.
    ['550 unknown user', 'rejected', 'user-unknown'],
    ['550 User unknown', 'rejected', 'user-unknown'],
    ['550 No such user here', 'rejected', 'user-unknown'],
    ['550 Requested action not taken: mailbox unavailable', 'rejected', 'user-unknown'],
    ['550 5.1.0 Address unknown', 'rejected', 'user-unknown'],
    ["554 delivery error: dd This user doesn't have an example.com account", 'rejected', 'user-unknown'],
    ['550 5.0.0 mailbox <x@y.example> does not exist', 'rejected', 'user-unknown'],
    ['550 mailbox full', 'deferred', 'mailbox-full'],
    ['554 5.0.0 The mailbox is full', 'deferred', 'mailbox-full'],
    ['550 quota exceeded', 'deferred', 'mailbox-full'],
    ['550 account has been suspended', 'rejected', 'account-disabled'],
    ['550 inactive user', 'rejected', 'account-disabled'],
    ['554 blocked by our spam policy', 'rejected', 'refused'],
    ['550 Domain not found', 'deferred', 'invalid-domain'],
    ['554 message too large', 'rejected', 'refused'],
    // Basic codes alone.
    ['421 closing', 'deferred', 'unreachable'],
    ['450 busy', 'deferred', 'refused'],
    ['452 no', 'deferred', 'unreachable'],
    ['551 elsewhere', 'rejected', 'user-unknown'],
    ['552 no', 'deferred', 'mailbox-full'],
    ['550 no', 'rejected', 'refused'],
    ['554', 'rejected', 'refused'],
    // An address has any words in it.
    ['550 5.0.0 <spam.blocked@mail.example>: unknown user', 'rejected', 'user-unknown'],
    ['550 quota-exceeded@mail.example: user unknown', 'rejected', 'user-unknown'],
  ])('%s → %s, %s', (reply, outcome, reason) => {
    expect(classifyReply(reply, 'rcpt')).toEqual({ outcome, reason });
  });
});

describe('classifyReply', () => {
  const reply = fc
    .tuple(
      fc.constantFrom('4', '5'),
      fc.integer({ min: 0, max: 99 }),
      fc.option(fc.tuple(fc.nat(9), fc.nat(40))),
      fc.oneof(
        fc.string(),
        fc.constantFrom('user unknown', 'account disabled', 'mailbox full', 'no such domain', 'spam'),
      ),
    )
    .map(([kind, rest, enhanced, text]) => {
      const code = `${kind}${String(rest).padStart(2, '0')}`;
      return enhanced ? `${code} ${kind}.${enhanced.join('.')} ${text}` : `${code} ${text}`;
    });

  test('a transient reply is never final and never proof against an address', () => {
    fc.assert(
      fc.property(reply, fc.constantFrom(...stages), (text, stage) => {
        const { outcome, reason } = classifyReply(text, stage);
        if (text.startsWith('4')) {
          expect(outcome).toBe('deferred');
          expect(reasons[reason].type).not.toBe('hard');
        }
      }),
    );
  });

  test('a permanent reply is final, but for what can mend', () => {
    fc.assert(
      fc.property(reply, fc.constantFrom(...stages), (text, stage) => {
        const { outcome, reason } = classifyReply(text, stage);
        if (text.startsWith('5') && outcome === 'deferred') {
          expect(['mailbox-full', 'invalid-domain', 'unreachable']).toContain(reason);
        }
      }),
    );
  });

  test('before RCPT nothing is wrong with the recipient', () => {
    fc.assert(
      fc.property(reply, fc.constantFrom<Stage>('connect', 'mail'), (text, stage) => {
        expect(['refused', 'unreachable']).toContain(classifyReply(text, stage).reason);
      }),
    );
  });

  test('what is no reply is never final', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...stages), (text, stage) => {
        fc.pre(!/^[45]\d\d/.test(text));
        expect(classifyReply(text, stage).outcome).toBe('deferred');
      }),
    );
  });
});
