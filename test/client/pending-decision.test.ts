import { pendingDecisionOf } from '../../src/client/pending-decision.js';
import type { Decision, JournalEntry } from '../../src/client/index.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';

const seal = 'cd'.repeat(32);
const hash = 'ab'.repeat(32);
const journal: JournalEntry[] = [
  { n: 1, at: '2026-11-20T00:00:00.000Z', kind: 'sealed', seal: 'ef'.repeat(32), revision: 'of another one' },
  { n: 2, at: '2026-11-24T22:10:33.000Z', kind: 'sealed', seal, revision: hash },
  { n: 3, at: '2026-11-25T00:00:00.000Z', kind: 'sealed', seal: 'ef'.repeat(32), revision: 'of another one' },
];

function pending(
  approval: DeliverySettingsInput['approval'],
  decisions: Decision[] = [],
  entries = journal,
  authorSigned = false,
) {
  const sender = { address: 'a@b.example' };
  const unsigned = { requireSignature: false, ...approval };
  const settings = deliverySettingsSchema.parse({
    name: 'N',
    owner: 'owner',
    sender,
    subject: 'x',
    approval: unsigned,
  });
  return pendingDecisionOf({
    revision: { hash, seal, settings },
    author: 'author',
    authorSigned,
    rules: [{ owner: 'owner', settings: settings.approval }],
    findings: [],
    decisions,
    journal: entries,
    operators: [],
    delegations: [],
  });
}

const confirmed = (operator: string, accepted = true): Decision => ({
  operator,
  verdict: 'confirm',
  seal,
  at: '2026-11-24T23:00:00.000Z',
  accepted,
});

test('owner and approvers may decide, each once in the list', () => {
  expect(pending({ approvers: ['approver', 'owner'] })).toMatchObject({
    mayConfirm: ['owner', 'approver'],
    mayReject: ['owner', 'approver'],
    confirmedBy: [],
  });
});

test('four eyes keep the author from confirming, not from rejecting', () => {
  expect(pending({ approvers: ['author'], fourEyes: true })).toMatchObject({
    mayConfirm: ['owner'],
    mayReject: ['owner', 'author'],
  });
});

test('nobody may confirm under four eyes what nobody has signed for as its author, and that is told', () => {
  const approval = { approvers: ['ann'], fourEyes: true, requireSignature: true };
  const held = {
    mayConfirm: [],
    mayReject: ['owner', 'ann'],
    heldBy: expect.stringMatching(/^four-eyes: nobody has signed/),
  };
  expect(pending(approval)).toMatchObject(held);
  const proven = pending(approval, [], journal, true);
  expect(proven).toMatchObject({ mayConfirm: ['owner', 'ann'] });
  expect(proven).not.toHaveProperty('heldBy');
});

test('whoever has confirmed is told apart from whoever was refused', () => {
  const decisions = [confirmed('approver'), confirmed('stranger', false)];
  expect(pending({ approvers: ['approver'], quorum: 2 }, decisions)).toMatchObject({
    mayConfirm: ['owner'],
    confirmedBy: ['approver'],
  });
});

test('nobody may confirm while a proof or its approval is missing, and why is told', () => {
  const approval = { requireProof: true, contentApproval: { reviewers: ['rita'] } };
  const proof: JournalEntry = {
    n: 4,
    at: '2026-11-24T22:11:00.000Z',
    kind: 'proof',
    proof: 1,
    revision: hash,
    counts: { sent: 1 },
  };
  const word = (verdict: 'approve' | 'reject'): JournalEntry => ({
    n: 5,
    at: '2026-11-24T22:12:00.000Z',
    kind: 'reviewProof',
    operator: 'rita',
    verdict,
    proof: 1,
    accepted: true,
  });
  const revised: JournalEntry = { n: 6, at: '2026-11-24T22:13:00.000Z', kind: 'phase', phase: 'checking' };
  const held = (...entries: JournalEntry[]) => pending(approval, [], [...journal, ...entries]);
  expect(held()).toMatchObject({ mayConfirm: [], mayReject: ['owner'], heldBy: expect.stringMatching(/^no proof/) });
  expect(held(proof)).toMatchObject({ mayConfirm: [], heldBy: expect.stringMatching(/^1 more reviewer/) });
  expect(held(proof, word('reject'))).toMatchObject({ heldBy: expect.stringMatching(/^reviewer "rita" rejected/) });
  expect(held(proof, { ...word('approve'), accepted: false })).toMatchObject({ mayConfirm: [] });
  expect(held(proof, word('approve'))).toMatchObject({ mayConfirm: ['owner'] });
  expect(held(proof, word('approve'))).not.toHaveProperty('heldBy');
  expect(held(proof, word('approve'), revised)).toMatchObject({ heldBy: expect.stringMatching(/^no proof/) });
});

test('the request expires as long after the seal of this revision as the definition says', () => {
  expect(pending({ expiresAfter: '2d' })?.expiresAt).toBe('2026-11-26T22:10:33.000Z');
});

test('without an entry of the seal there is nothing to decide on yet', () => {
  expect(pending({}, [], [])).toBeUndefined();
});
