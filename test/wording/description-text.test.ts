import { describe as describeDelivery, findingSummary, tallyLines } from '../../src/wording/description-text.js';
import type { DeliveryDescription } from '../../src/client/index.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { anyPending } from '../cli/any-report.js';

const approval = (settings: DeliverySettingsInput['approval']) =>
  deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'x', approval: settings })
    .approval;

const revision = 'ab'.repeat(32);
const description: DeliveryDescription = {
  id: 'news',
  name: 'Winter news',
  phase: 'awaiting-decision',
  createdAt: '2026-11-24T22:10:33.000Z',
  revision,
  author: 'publisher',
  authorSigned: true,
  settings: deliverySettingsSchema.parse({
    name: 'Winter news',
    sender: { name: 'Garden', address: 'a@b.example', replyTo: { address: 'c@b.example' } },
    subject: '{{ first_name }}, hello',
    proofs: { recipients: ['editor@b.example'] },
    bcc: 'archive@b.example',
  }),
  approvalRules: [
    { owner: 'publisher', settings: approval({ approvers: ['approver', 'second'], quorum: 2, fourEyes: true }) },
    { owner: 'publisher', settings: approval({ approvers: ['second'] }) },
  ],
  profiles: 1_000,
  seal: 'cd'.repeat(32),
  sealedCount: 988,
  sample: {
    row: 2,
    subject: 'Ann, hello',
    from: { name: 'Garden', address: 'a@b.example' },
    replyTo: { address: 'c@b.example' },
  },
  files: [{ name: 'Terms.pdf', bytes: 2_000_000 }],
  pendingDecision: anyPending({
    mayConfirm: ['second'],
    mayReject: ['publisher', 'approver', 'second'],
    confirmedBy: ['approver'],
  }),
  findings: [{ rule: 'subject-long', level: 'warning', sentence: 'The subject is long.', place: 'subject' }],
  excluded: { 'address-missing': 3, double: 9 },
  queries: [],
  heldUpBy: [{ reply: '451 4.7.1 later', messages: 3 }],
  counts: { pending: 988, ignored: 12 },
  copies: { sent: 20, failed: 3, 'in-doubt': 1 },
  decisions: [
    {
      operator: 'publisher',
      verdict: 'confirm',
      seal: 'cd'.repeat(32),
      at: '2026-11-24T22:11:00Z',
      accepted: false,
      reason: 'four-eyes',
    },
  ],
  proofs: [
    {
      proof: 1,
      at: '2026-11-24T22:10:40Z',
      revision: 'ef'.repeat(32),
      stale: true,
      counts: { sent: 2, ignored: 1 },
      leftOut: { denylisted: 1 },
    },
  ],
  reviews: [],
  revisions: [],
  journal: Array.from({ length: 20 }, (_, i) => ({
    n: i + 1,
    at: '2026-11-24T22:10:40Z',
    kind: 'pause' as const,
    operator: 'publisher',
    comment: 'line one\nline two \x1b[2J',
  })),
};

const textOf = (delivery: DeliveryDescription) =>
  describeDelivery(delivery, { page: 'http://ui/x' }).flatMap(({ title, lines }) => [
    ...(title === undefined ? [] : [title]),
    ...lines,
  ]);

describe('a delivery as show tells it', () => {
  const text = textOf(description);

  test.each([
    [/^phase +awaiting-decision: waits for a person/],
    [/^subject +Ann, hello {3}\(for example, to row 2\)$/],
    [/^its template +\{\{ first_name \}\}, hello$/],
    [/^from +Garden <a@b\.example>$/],
    [/^carries +Terms\.pdf \(1,954 KB\)$/],
    [/^answers to +c@b\.example$/],
    [/^in Temporal +http:\/\/ui\/x$/],
    [/^ +needed +2 confirmations from publisher, approver, second \(approval is manual\)$/],
    [/^ +and, by the revision +1 confirmation from publisher, second \(approval is manual\)$/],
    [/^ +confirmed by +approver$/],
    [/^ +may confirm +second$/],
    [/^ +may reject +publisher, approver, second$/],
    [/^ +four eyes +publisher submitted this revision and cannot confirm it$/],
    [/^ +expires +2026-12-01 22:10:33 UTC$/],
    [/^ +sealpost confirm news --operator second$/],
    [/^ +sealpost reject news --operator second --comment "why"$/],
    [/^proofed +no proof of this revision was sent yet; "sealpost proof news" sends one$/],
    [/^seal +(cd){32} over 988 messages$/],
    [/^ +to archive@b\.example: 20 sent, 3 failed, 1 in-doubt$/],
    [/^ +9 {2}double: the same address came before$/],
    [/^ +warning {2}subject: The subject is long\. \[subject-long\]$/],
    [/proof 1 .*2 sent, 1 ignored \(1 denylisted\); stale/],
    [/ publisher wanted to confirm seal cdcdcdcd; refused: four-eyes$/],
    [/^Journal: the last 12 of 20 entries \(--journal shows all\)$/],
  ])('has a line %s', (line) => {
    expect(text.filter((one) => line.test(one))).toHaveLength(1);
  });

  test('has the last journal entry on one line', () => {
    expect(text).toContainEqual(expect.stringMatching(/^ +20 .* publisher paused it; "line one line two \?\[2J"$/));
  });

  test('has the whole journal where it is asked for', () => {
    const journal = describeDelivery(description, { journalEntries: Infinity }).find(
      ({ title }) => title === 'Journal',
    );
    expect(journal?.lines).toHaveLength(20);
  });

  test('before the analysis, the subject is said to be a template', () => {
    const { sample: _, ...early } = description;
    expect(textOf(early)).toContainEqual(
      expect.stringMatching(/^subject +\{\{ first_name \}\}, hello {3}\(a template/),
    );
  });

  test.each([
    [
      'a proof that a relay took',
      { stale: false, counts: { sent: 1, failed: 1 } },
      /^proofed +proof 1 of this revision was sent$/,
    ],
    ['a proof that no relay took', { stale: false, counts: { failed: 2 } }, /^proofed +no proof of this revision/],
    ['a proof of another revision', { stale: true, counts: { sent: 1 } }, /^proofed +no proof of this revision/],
  ])('tells of %s', (_name, own, line) => {
    const proof = { proof: 1, at: '2026-11-24T22:10:40Z', revision, leftOut: {}, ...own };
    expect(textOf({ ...description, proofs: [proof] })).toContainEqual(expect.stringMatching(line));
  });

  test('tells what holds a confirmation, and who said what of proofs', () => {
    const review = {
      operator: 'rita',
      verdict: 'reject',
      proof: 1,
      comment: 'old price',
      at: '2026-11-24T22:12:00Z',
    } as const;
    const contentApproval = { reviewers: ['rita', 'rob'], quorum: 2 };
    const held = {
      ...description,
      approvalRules: [{ owner: 'publisher', settings: approval({ requireProof: true, contentApproval }) }],
      pendingDecision: anyPending({ mayConfirm: [], heldBy: 'no proof' }),
      reviews: [{ ...review, accepted: true }],
    };
    const lines = textOf(held);
    for (const line of [
      /^ +needed .*; before it, a proof; before it, 2 approvals of the content from rita, rob$/,
      /^ +may confirm +nobody yet: no proof$/,
      /^ +2026-11-24 22:12:00 UTC {2}rita rejected what proof 1 shows; "old price"$/,
      /^ +sealpost proof list news$/,
    ]) {
      expect(lines).toContainEqual(expect.stringMatching(line));
    }
    expect(lines.join()).not.toContain('sealpost confirm');
  });

  test('leaves out what there is nothing to say of', () => {
    const empty = { ...description, findings: [], proofs: [], decisions: [], excluded: {} };
    expect(describeDelivery(empty).map(({ title }) => title)).not.toContain('Findings');
  });
});

test('findings in few words', () => {
  expect(findingSummary([])).toBe('none');
  expect(findingSummary([{ level: 'info' }, { level: 'error' }, { level: 'error' }])).toBe(
    '2 errors, 1 for information',
  );
});

test('the tally ends with the total', () => {
  const tally = [
    { status: 'sent', reason: null, count: 988 },
    { status: 'ignored', reason: 'double', count: 12 },
  ];
  expect(tallyLines(tally)).toEqual([
    '  status   reason  messages',
    '  sent                  988',
    '  ignored  double        12',
    '  total               1,000',
  ]);
});
