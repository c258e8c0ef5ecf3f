import { journalLine } from '../../src/wording/journal-text.js';
import type { JournalEntry } from '../../src/client/index.js';

const seal = '3f9c2a71'.repeat(8);
const by = { operator: 'approver', accepted: true };
const refused = { operator: 'stranger', accepted: false, reason: 'no approver' };

test.each<[Omit<JournalEntry, 'n' | 'at'>, string]>([
  [{ kind: 'decide', ...by, verdict: 'confirm', seal, signed: true }, 'approver confirmed seal 3f9c2a71'],
  [{ kind: 'decide', ...by, verdict: 'confirm', seal, signed: false }, 'approver confirmed seal 3f9c2a71, unsigned'],
  [
    { kind: 'decide', ...by, verdict: 'confirm', seal, signed: true, breakGlass: true, comment: 'fire' },
    'approver confirmed seal 3f9c2a71, in an emergency; "fire"',
  ],
  [
    { kind: 'decide', ...by, verdict: 'withdraw', seal, signed: true },
    'approver withdrew the confirmation of seal 3f9c2a71',
  ],
  [{ kind: 'decide', ...by, verdict: 'reject', seal, comment: 'typo' }, 'approver rejected seal 3f9c2a71; "typo"'],
  [
    { kind: 'decide', ...refused, verdict: 'confirm', seal },
    'stranger wanted to confirm seal 3f9c2a71; refused: no approver',
  ],
  [{ kind: 'started', operator: 'author', revision: 'ab'.repeat(32) }, 'author started it with revision abababababab'],
  [
    { kind: 'started', operator: 'author', revision: 'ab'.repeat(32), signed: false },
    'author started it with revision abababababab, unsigned',
  ],
  [
    { kind: 'started', operator: 'author', revision: 'ab'.repeat(32), signature: 'a.b.c' },
    'author started it with revision abababababab',
  ],
  [
    { kind: 'revise', ...by, revision: 'ab'.repeat(32), signed: false, comment: 'typo' },
    'approver submitted revision abababababab, unsigned; "typo"',
  ],
  [
    { kind: 'reviewProof', ...by, verdict: 'approve', proof: 2, signed: false },
    'approver approved what proof 2 shows, unsigned',
  ],
  [{ kind: 'pause', ...by }, 'approver paused it'],
  [{ kind: 'pause', ...refused, times: 7 }, 'stranger wanted to pause it; refused: no approver (7 times)'],
  [{ kind: 'resume', ...by }, 'approver resumed it'],
  [
    { kind: 'stop', accepted: true, reason: 'the workflow was cancelled' },
    'somebody stopped it (the workflow was cancelled)',
  ],
  [{ kind: 'revise', ...by, revision: 'ab'.repeat(32) }, 'approver submitted revision abababababab'],
  [{ kind: 'sendProof', ...by }, 'approver asked for another proof'],
  [{ kind: 'dryRun', ...by }, 'approver asked for a dry run'],
  [{ kind: 'dryRun', ...refused }, 'stranger wanted to get a dry run; refused: no approver'],
  [
    { kind: 'dry-run', operator: 'ann', counts: { accepted: 900, rejected: 2 } },
    'dry run, for ann: 900 accepted, 2 rejected; nothing was sent',
  ],
  [
    { kind: 'dry-run', operator: 'ann', counts: {}, reason: 'the relay did not answer to the end' },
    'dry run, for ann: no answers (the relay did not answer to the end); nothing was sent',
  ],
  [{ kind: 'stopAnalysis', ...by }, 'approver stopped its analysis'],
  [{ kind: 'startAnalysis', ...by }, 'approver started its analysis again'],
  [
    { kind: 'malformed', accepted: false, reason: 'decide: seal' },
    'a command of no known shape; refused (decide: seal)',
  ],
  [{ kind: 'phase', phase: 'sending' }, 'sending: messages are leaving'],
  [
    { kind: 'phase', phase: 'failed', reason: 'SealBroken' },
    'failed: it cannot go on (a message no longer matches what was sealed)',
  ],
  [{ kind: 'proof', proof: 2, counts: { sent: 2, failed: 1 } }, 'proof 2 is out: 2 sent, 1 failed'],
  [{ kind: 'proof', operator: 'ann', proof: 2, counts: { sent: 2 } }, 'proof 2, for ann, is out: 2 sent'],
  [
    { kind: 'reviewProof', ...by, verdict: 'approve', proof: 2, comment: 'fine' },
    'approver approved what proof 2 shows; "fine"',
  ],
  [
    { kind: 'reviewProof', ...refused, verdict: 'reject', proof: 2 },
    'stranger wanted to reject what proof 2 shows; refused: no approver',
  ],
  [{ kind: 'sealed', seal, counts: { sealed: 1 } }, '1 message sealed: 3f9c2a71'],
  [
    { kind: 'requested', reason: 'request', seal, counts: { told: 2, 'without-address': 1 } },
    '2 people asked by e-mail for the decision on seal 3f9c2a71; 1 without an address',
  ],
  [
    { kind: 'requested', reason: 'reminder', seal, counts: { told: 1, refused: 1 } },
    '1 person reminded by e-mail of the decision on seal 3f9c2a71; 1 refused by the relay',
  ],
  [
    { kind: 'requested', reason: 'escalation', seal, counts: {}, untold: 'no-sender' },
    'nobody told by e-mail that nobody has decided yet on seal 3f9c2a71; the worker’s SEALPOST_NOTICE_FROM is not set',
  ],
  [
    { kind: 'requested', reason: 'reminder', seal, counts: {}, untold: 'overtaken' },
    'not everybody reminded by e-mail of the decision on seal 3f9c2a71; something else came before the relay had taken all mail',
  ],
  [{ kind: 'sending-paused' }, 'no message is under way any more'],
  [
    { kind: 'sending-paused', lastSentAt: '2026-11-24T22:09:59.123Z' },
    'no message is under way any more; the last one left at 2026-11-24 22:09:59 UTC',
  ],
  [{ kind: 'sending-resumed' }, 'messages may leave again'],
  [{ kind: 'rate-set', rate: '100/min' }, 'messages leave at 100/min at the most'],
  [{ kind: 'rate-set', rate: 'unlimited' }, 'messages leave as fast as they are taken'],
  [{ kind: 'setRate', operator: 'ann', rate: '5/s' }, 'ann set its rate to 5/s'],
  [{ kind: 'held', reason: '1 of 3 failed' }, 'it paused itself (1 of 3 failed)'],
  [{ kind: 'late', reason: 'too late' }, 'what was confirmed counts no more (too late)'],
  [{ kind: 'ended', counts: { sent: 1_000 } }, 'ended: 1,000 sent'],
])('%j reads as "%s"', (entry, words) => {
  expect(journalLine({ n: 3, at: '2026-11-24T22:10:33.000Z', ...entry })).toBe(
    `    3  2026-11-24 22:10:33 UTC  ${words}`,
  );
});
