import {
  evaluateApproval,
  refuseDecision,
  type Decision,
  type DecisionRequest,
} from '../../src/delivery/approval-policy.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import type { ApprovalSettings } from '../../src/delivery/definition.js';

const seal = 'a'.repeat(64);
const now = 1_000;

function request(policy: Partial<ApprovalSettings> = {}, findings = {}): DecisionRequest {
  const { approval } = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    approval: { approvers: ['ann', 'ben'], ...policy },
  });
  return {
    policy: approval,
    people: { owner: 'owner', author: 'author' },
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
