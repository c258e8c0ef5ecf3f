import fc from 'fast-check';
import type { Command } from '../../src/delivery/command.js';
import {
  refuseReview,
  whyHeld,
  withReview,
  type ContentRequest,
  type ContentReview,
  type ProofedContent,
} from '../../src/delivery/content-approval.js';
import type { ApprovalSettings } from '../../src/delivery/approval-settings.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { applyCommand, initialState, takeRevision, type ProcessState } from '../../src/delivery/process.js';
import { approval } from '../../src/delivery/process-approval.js';
import { beginProof, endProof } from '../../src/delivery/proof-progress.js';

const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
const approvalWith = (own: Partial<ApprovalSettings>): ApprovalSettings => ({
  ...settings.approval,
  requireSignature: false,
  ...own,
});

const reviewers = { reviewers: ['rita', 'rob'], quorum: 1 };
const gated: Partial<ApprovalSettings> = { contentApproval: reviewers };

const sent = (...proofs: number[]) => proofs.map((proof) => ({ proof, sent: true }));
const approve = (operator: string, proof = 2): ContentReview => ({ operator, verdict: 'approve', proof });
const reject = (operator: string, proof = 2): ContentReview => ({ operator, verdict: 'reject', proof });

function request(rules: Partial<ApprovalSettings>[], content?: Partial<ProofedContent>): ContentRequest {
  return {
    rules: rules.map((own) => ({ settings: approvalWith(own) })),
    author: 'author',
    ...(content && { content: { proofs: [], reviews: [], ...content } }),
  };
}

describe('a review', () => {
  const content = { proofs: [...sent(2), { proof: 3, sent: false }] };
  const fourEyes = { fourEyes: true, contentApproval: { reviewers: ['author', 'rita'], quorum: 1 } };
  test.each<[string, ContentReview, Partial<ApprovalSettings>[], RegExp | undefined]>([
    ['of a proof of this revision counts', approve('rita'), [gated], undefined],
    ['that rejects counts too', reject('rob'), [gated], undefined],
    ['by a stranger', approve('eve'), [gated], /"eve" is none of the reviewers/],
    ['where nobody asked for one', approve('rita'), [{}], /names no reviewers/],
    ['of an older revision', approve('rita', 1), [gated], /proof 1 is stale/],
    ['of a proof that is not there', approve('rita', 5), [gated], /there is no proof 5/],
    ['of a proof that no relay took', approve('rita', 3), [gated], /no relay has taken a message of proof 3/],
    ['by who was named at the start alone', approve('rita'), [gated, {}], undefined],
    ['by the author under four-eyes', approve('author'), [fourEyes], /four-eyes/],
    ['by the author under four-eyes, who rejects', reject('author'), [fourEyes], undefined],
    ['that nobody signed', approve('rita'), [{ ...gated, requireSignature: true }], /must be signed/],
    ['that nobody signed, as the start demands', reject('rita'), [{ requireSignature: true }, gated], /must be signed/],
    ['that is signed', { ...approve('rita'), signed: true }, [{ ...gated, requireSignature: true }], undefined],
    ['by the author without four-eyes', approve('author'), [{ ...fourEyes, fourEyes: false }], undefined],
  ])('%s', (_name, review, rules, reason) => {
    const refused = refuseReview(request(rules, content), review, 4);
    if (reason) expect(refused).toMatch(reason);
    else expect(refused).toBeUndefined();
  });
});

describe('a confirmation', () => {
  const two = { contentApproval: { ...reviewers, quorum: 2 } };
  test.each<[string, ContentRequest, RegExp | undefined]>([
    ['is not held where nothing is demanded', request([{}]), undefined],
    ['awaits a proof', request([{ requireProof: true }]), /no proof of the current revision was sent/],
    [
      'awaits a proof that a relay took',
      request([{ requireProof: true }], { proofs: [{ proof: 1, sent: false }] }),
      /no proof of the current revision was sent/,
    ],
    ['has its proof', request([{ requireProof: true }], { proofs: sent(1) }), undefined],
    ['awaits a reviewer', request([gated], { proofs: sent(2) }), /1 more reviewer must approve/],
    ['has its reviewer', request([gated], { reviews: [approve('rita')] }), undefined],
    ['awaits the second of two', request([two], { reviews: [approve('rita')] }), /1 more reviewer must/],
    ['awaits two', request([two]), /2 more reviewers must approve/],
    ['has both', request([two], { reviews: [approve('rita'), approve('rob')] }), undefined],
    [
      'does not count what nobody signed',
      request([gated, { requireSignature: true }], { reviews: [approve('rita')] }),
      /1 more reviewer must/,
    ],
    [
      'counts what is signed',
      request([gated, { requireSignature: true }], { reviews: [{ ...approve('rita'), signed: true }] }),
      undefined,
    ],
    [
      'is held by one who rejects, whoever approves',
      request([gated], { reviews: [approve('rita'), reject('rob', 3)] }),
      /"rob" rejected what proof 3 shows/,
    ],
    [
      'awaits reviewers of both rules',
      request([gated, { contentApproval: { reviewers: ['ann'], quorum: 1 } }], { reviews: [approve('rita')] }),
      /1 more/,
    ],
    [
      'does not count the author under four-eyes',
      request([{ fourEyes: true, contentApproval: { reviewers: ['author'], quorum: 1 } }], {
        reviews: [approve('author')],
      }),
      /1 more/,
    ],
  ])('%s', (_name, asked, reason) => {
    const held = whyHeld(asked);
    if (reason) expect(held).toMatch(reason);
    else expect(held).toBeUndefined();
  });
});

test('the last word of a reviewer stands in place of the earlier one', () => {
  expect([reject('rita'), approve('rob'), approve('rita', 3)].reduce<ContentReview[]>(withReview, [])).toEqual([
    approve('rob'),
    approve('rita', 3),
  ]);
});

describe('no sequence of commands', () => {
  const now = Date.UTC(2026, 10, 24);
  const revisions = ['1'.repeat(64), '2'.repeat(64)];

  /** What a test knows by itself of the deliveries' proofs and of what was said of them. */
  interface Known {
    /** Grows with each accepted revision. */
    generation: number;
    proofs: Map<number, { generation: number; sent: boolean }>;
    /** Of this generation. */
    words: Map<string, ContentReview>;
  }
  type Step = (state: ProcessState, known: Known) => void;

  const people = fc.constantFrom('rita', 'rob', 'author', 'ann', 'owner');
  const command = (given: fc.Arbitrary<Command>): fc.Arbitrary<Step> =>
    given.map((one) => (state, known) => {
      const { accepted } = applyCommand(state, one, now);
      if (!accepted) return;
      if (one.name === 'revise') Object.assign(known, { generation: known.generation + 1, words: new Map() });
      if (one.name !== 'reviewProof') return;
      expect(known.proofs.get(one.proof)).toEqual({ generation: known.generation, sent: true });
      known.words.set(one.operator, one);
    });
  const steps: fc.Arbitrary<Step> = fc.oneof(
    command(
      fc.record({
        name: fc.constant('reviewProof' as const),
        operator: people,
        verdict: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
        proof: fc.integer({ min: 1, max: 3 }),
      }),
    ),
    command(
      fc.record({
        name: fc.constant('decide' as const),
        operator: people,
        verdict: fc.constantFrom('confirm' as const, 'reject' as const),
        seal: fc.constantFrom(...revisions),
      }),
    ),
    command(
      fc.record({ name: fc.constant('revise' as const), operator: people, revision: fc.constantFrom(...revisions) }),
    ),
    command(fc.record({ name: fc.constant('sendProof' as const), operator: people })),
    fc.boolean().map((taken): Step => (state, known) => {
      if (state.proofsRequested === 0 || state.next) return;
      const { proof } = beginProof(state);
      known.proofs.set(proof, { generation: known.generation, sent: taken });
      endProof(state, proof, taken ? { sent: 1, failed: 1 } : { failed: 2 }, now);
    }),
    // One that a revision overtakes: it was begun before, and ends after.
    people.map((operator): Step => (state, known) => {
      if (state.proofsRequested === 0 || state.next) return;
      const { proof } = beginProof(state);
      known.proofs.set(proof, { generation: known.generation, sent: true });
      const revision = revisions.find((one) => one !== state.revision) ?? '';
      if (applyCommand(state, { name: 'revise', operator, revision }, now).accepted)
        Object.assign(known, { generation: known.generation + 1, words: new Map() });
      endProof(state, proof, { sent: 1 }, now);
    }),
    fc.constant((state: ProcessState) => {
      takeRevision(state, now);
      const terms = { owner: 'owner', sending: settings.sending, hasProofRecipients: true };
      const sealed = {
        seal: state.revision,
        count: 1,
        findings: { info: 0, warning: 0, error: 0 },
        expiresAt: now + 1,
      };
      Object.assign(state, {
        terms: { ...terms, approval: state.origin.rules.settings },
        sealed,
        phase: 'awaiting-decision',
      });
    }),
  );

  test('confirms, or has a confirmation counted, without what the gate demands of the current revision', () => {
    let confirmed = 0;
    const anyApproval = fc.record({
      mode: fc.constantFrom('manual' as const, 'automatic' as const),
      approvers: fc.constant<string[]>(['ann', 'author']),
      fourEyes: fc.boolean(),
      requireProof: fc.boolean(),
      contentApproval: fc.record({
        reviewers: fc.constantFrom<string[][]>(['rita', 'rob'], ['rita', 'author']),
        quorum: fc.integer({ min: 1, max: 2 }),
      }),
    });
    fc.assert(
      fc.property(anyApproval, fc.array(steps, { minLength: 4, maxLength: 40 }), (own, all) => {
        const rules = { owner: 'owner', settings: approvalWith(own) };
        const state = initialState(revisions[0] ?? '', { operator: 'author', rules });
        state.proofsRequested = 2;
        const known: Known = { generation: 0, proofs: new Map(), words: new Map() };
        const confirmations = () => state.decisions.filter((one) => one.accepted && one.verdict === 'confirm').length;
        for (const step of all) {
          const before = confirmations();
          step(state, known);
          const isConfirmed = approval(state, now) === 'confirmed';
          if (!isConfirmed && confirmations() <= before) continue;
          if (isConfirmed) confirmed += 1;
          const { generation, proofs, words } = known;
          expect([...proofs.values()].some((one) => one.generation === generation && one.sent)).toBe(true);
          const counting = [...words.values()].filter(({ operator }) =>
            own.contentApproval.reviewers.includes(operator),
          );
          expect(counting.filter(({ verdict }) => verdict === 'reject')).toEqual([]);
          const approving = counting.filter(({ operator }) => !own.fourEyes || operator !== state.author);
          expect(approving.length).toBeGreaterThanOrEqual(own.contentApproval.quorum);
        }
      }),
      { numRuns: 2_000 },
    );
    // Or the property would say nothing.
    expect(confirmed).toBeGreaterThan(20);
  });

  test('leaves the state other than JSON carries it', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (all) => {
        const rules = { owner: 'owner', settings: approvalWith(gated) };
        const state = initialState(revisions[0] ?? '', { operator: 'author', rules });
        const known: Known = { generation: 0, proofs: new Map(), words: new Map() };
        for (const step of all) step(state, known);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });
});

describe('after the request has expired', () => {
  const now = 1_000;
  const expired = (own: Partial<ApprovalSettings>): ProcessState => {
    const approvalSettings = approvalWith({ mode: 'automatic', ...own });
    const state = initialState('1'.repeat(64), {
      operator: 'author',
      rules: { owner: 'owner', settings: approvalSettings },
    });
    return Object.assign(state, {
      phase: 'awaiting-decision' as const,
      proofsRequested: 1,
      terms: { approval: approvalSettings, sending: settings.sending, hasProofRecipients: true },
      sealed: { seal: 'a'.repeat(64), count: 1, findings: { info: 0, warning: 0, error: 0 }, expiresAt: now },
    });
  };

  test('a review is refused', () => {
    const state = expired(gated);
    state.content = { proofs: sent(1), reviews: [] };
    state.proofs = 1;
    const command = { name: 'reviewProof', operator: 'rita', verdict: 'approve', proof: 1 } as const;
    expect(applyCommand(state, command, now).reason).toMatch(/has expired/);
    expect(approval(state, now)).toBe('expired');
    expect(applyCommand(state, command, now - 1)).toEqual({ accepted: true });
  });

  test('a proof that was under way fulfils nothing', () => {
    const state = expired({ requireProof: true });
    endProof(state, beginProof(state).proof, { sent: 1 }, now);
    expect(approval(state, now)).toBe('expired');
  });
});
