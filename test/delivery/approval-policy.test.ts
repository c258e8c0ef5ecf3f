import fc from 'fast-check';
import {
  evaluateApproval,
  refuseDecision,
  rulesInForce,
  type ApprovalRules,
  type Decision,
  type DecisionRequest,
} from '../../src/delivery/approval-policy.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import type { ApprovalSettings } from '../../src/delivery/definition.js';

const seal = 'a'.repeat(64);
const now = 1_000;

function rules(policy: Partial<ApprovalSettings> = {}, owner = 'owner'): ApprovalRules {
  const { approval } = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    approval: { approvers: ['ann', 'ben'], ...policy },
  });
  return { owner, settings: approval };
}

function request(policy: Partial<ApprovalSettings> = {}, findings = {}): DecisionRequest {
  return {
    rules: [rules(policy)],
    author: 'author',
    seal,
    findings: { info: 0, warning: 0, error: 0, ...findings },
    expiresAt: 2_000,
  };
}

function by(operator: string, verdict: 'confirm' | 'reject' = 'confirm', own: Partial<Decision> = {}): Decision {
  return { operator, verdict, seal, at: '', accepted: true, ...own };
}

describe('what decisions amount to', () => {
  test.each<[string, DecisionRequest, Decision[], number, string]>([
    ['nothing yet', request(), [], now, 'waiting'],
    ['one confirmation', request(), [by('ann')], now, 'confirmed'],
    ['a refused confirmation', request(), [by('ann', 'confirm', { accepted: false })], now, 'waiting'],
    ['a confirmation of an older seal', request(), [by('ann', 'confirm', { seal: 'b' })], now, 'waiting'],
    ['one of two that are needed', request({ quorum: 2 }), [by('ann')], now, 'waiting'],
    ['two of two', request({ quorum: 2 }), [by('ann'), by('ben')], now, 'confirmed'],
    ['the same person twice', request({ quorum: 2 }), [by('ann'), by('ann')], now, 'waiting'],
    ['a rejection after a confirmation', request({ quorum: 2 }), [by('ann'), by('ben', 'reject')], now, 'rejected'],
    ['nobody in time', request(), [], 2_000, 'expired'],
    ['a confirmation in time, looked at late', request(), [by('ann')], 3_000, 'confirmed'],
    ['an error', request({ mode: 'automatic' }, { error: 1 }), [by('ann')], now, 'waiting'],
    ['automatic with warnings', request({ mode: 'automatic' }, { warning: 1 }), [], now, 'confirmed'],
    ['semi-automatic without warnings', request({ mode: 'semi-automatic' }), [], now, 'confirmed'],
    ['semi-automatic with warnings', request({ mode: 'semi-automatic' }, { warning: 1 }), [], now, 'waiting'],
    ['manual without warnings', request({ mode: 'manual' }), [], now, 'waiting'],
  ])('%s', (_, asked, decisions, at, outcome) => {
    expect(evaluateApproval(asked, decisions, at)).toBe(outcome);
  });
});

describe('who may decide', () => {
  test.each<[string, DecisionRequest, Decision, Decision[], RegExp | undefined]>([
    ['an approver', request(), by('ann'), [], undefined],
    ['the owner', request(), by('owner'), [], undefined],
    ['a stranger', request(), by('eve'), [], /neither/],
    ['an author who is approver, without four-eyes', request({ approvers: ['author'] }), by('author'), [], undefined],
    ['an author under four-eyes', request({ approvers: ['author'], fourEyes: true }), by('author'), [], /four-eyes/],
    [
      'an author who rejects',
      request({ approvers: ['author'], fourEyes: true }),
      by('author', 'reject'),
      [],
      undefined,
    ],
    ['somebody twice', request({ quorum: 2 }), by('ann'), [by('ann')], /already/],
    [
      'somebody whose first try was refused',
      request(),
      by('ann'),
      [by('ann', 'confirm', { accepted: false })],
      undefined,
    ],
    ['anybody, of an analysis with errors', request({}, { error: 1 }), by('ann'), [], /errors/],
    ['a rejection of an analysis with errors', request({}, { error: 1 }), by('ann', 'reject'), [], undefined],
  ])('%s', (_, asked, decision, earlier, reason) => {
    const refused = refuseDecision(asked, decision, earlier, now);
    if (reason) expect(refused).toMatch(reason);
    else expect(refused).toBeUndefined();
  });
});

describe('a revision that changes its own approval', () => {
  test.each<[string, ApprovalRules, Decision[], string]>([
    ['automatic does not do without the people named at the start', rules({ mode: 'automatic' }), [], 'waiting'],
    ['another owner alone is not enough', rules({}, 'eve'), [by('eve')], 'waiting'],
    ['nor is an approver of the new ones', rules({ approvers: ['eve'] }), [by('eve')], 'waiting'],
    ['both together are', rules({ approvers: ['eve'] }), [by('eve'), by('ann')], 'confirmed'],
    ['who stands in both is', rules({ approvers: ['ann'] }), [by('ann')], 'confirmed'],
    ['a higher quorum holds', rules({ quorum: 2 }), [by('ann')], 'waiting'],
    ['either side rejects', rules({ approvers: ['eve'] }), [by('ann'), by('eve', 'reject')], 'rejected'],
  ])('%s', (_, current, decisions, outcome) => {
    const asked = { ...request(), rules: rulesInForce(rules(), current) };
    expect(evaluateApproval(asked, decisions, now)).toBe(outcome);
  });

  test('never confirms what the first rules would not, whatever they say and whoever decides', () => {
    const operator = fc.constantFrom('owner', 'author', 'ann', 'ben', 'eve');
    const anyRules = fc
      .record({
        mode: fc.constantFrom('manual', 'semi-automatic', 'automatic'),
        approvers: fc.array(operator, { maxLength: 3 }),
        quorum: fc.integer({ min: 1, max: 3 }),
        fourEyes: fc.boolean(),
      })
      .chain((settings) => operator.map((owner) => rules(settings, owner)));
    const tried = fc.array(fc.tuple(operator, fc.constantFrom('confirm', 'reject')), { maxLength: 6 });
    fc.assert(
      fc.property(anyRules, anyRules, tried, (first, second, tries) => {
        const asked = { ...request(), rules: rulesInForce(first, second) };
        const decisions: Decision[] = [];
        for (const [who, verdict] of tries) {
          const accepted = refuseDecision(asked, by(who, verdict), decisions, now) === undefined;
          decisions.push(by(who, verdict, { accepted }));
        }
        if (evaluateApproval(asked, decisions, now) !== 'confirmed') return;
        for (const one of [first, second]) {
          expect(evaluateApproval({ ...asked, rules: [one] }, decisions, now)).toBe('confirmed');
        }
      }),
    );
  });
});
