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
import type { ApprovalSettings } from '../../src/delivery/approval-settings.js';

const seal = 'a'.repeat(64);
const now = 1_000;

function rules(policy: Partial<ApprovalSettings> = {}, owner = 'owner'): ApprovalRules {
  const { approval } = deliverySettingsSchema.parse({
    name: 'N',
    sender: { address: 'a@b.example' },
    subject: 'S',
    approval: { approvers: ['ann', 'ben'], requireSignature: false, ...policy },
  });
  return { owner, settings: approval };
}

function request(policy: Partial<ApprovalSettings> = {}, findings = {}): DecisionRequest {
  return {
    rules: [rules(policy)],
    author: 'author',
    seal,
    count: 10,
    findings: { info: 0, warning: 0, error: 0, ...findings },
    expiresAt: 2_000,
  };
}

const urgent = { breakGlass: true, comment: 'the shop is on fire' };

function by(operator: string, verdict: Decision['verdict'] = 'confirm', own: Partial<Decision> = {}): Decision {
  return { operator, verdict, seal, at: '', accepted: true, ...own };
}

/** Four eyes and signatures are demanded, one by the start and the other by the revision. */
const proven = (own: Partial<DecisionRequest>): DecisionRequest => ({
  ...request(),
  rules: [rules({ fourEyes: true, breakGlass: ['otto'] }), rules({ requireSignature: true, breakGlass: ['otto'] })],
  ...own,
});
const signed = (operator: string, own: Partial<Decision> = {}) => by(operator, 'confirm', { signed: true, ...own });
const automatic = rules({ mode: 'automatic', fourEyes: true, requireSignature: true });

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
    ['automatic, where nobody has signed as the author', proven({ rules: [automatic] }), [], now, 'waiting'],
    ['automatic, where the author has', proven({ rules: [automatic], authorSigned: true }), [], now, 'confirmed'],
    ['a confirmation, where nobody has', proven({}), [signed('ann')], now, 'waiting'],
    ['an emergency, where nobody has', proven({}), [signed('otto', urgent)], now, 'waiting'],
    ['a confirmation, where the author has', proven({ authorSigned: true }), [signed('ann')], now, 'confirmed'],
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
    [
      'anybody, where nobody has signed as the author',
      proven({}),
      signed('ann'),
      [],
      /nobody has signed for this revision/,
    ],
    ['anybody, where the author has signed', proven({ authorSigned: true }), signed('ann'), [], undefined],
    [
      'anybody in an emergency, where nobody has signed as the author',
      proven({}),
      signed('otto', urgent),
      [],
      /nobody has/,
    ],
    [
      'somebody who rejects what nobody has signed for',
      proven({}),
      { ...signed('ann'), verdict: 'reject' },
      [],
      undefined,
    ],
    ['anybody, unsigned as the author too', request({ fourEyes: true }), by('ann'), [], undefined],
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

  test('how long the request stands, and who is reminded, are no demands: the first rules hold alone', () => {
    const current = rules({ expiresAfter: '1d', requests: { remindEvery: '1h' } });
    expect(rulesInForce(rules(), current)).toEqual([rules()]);
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

describe('the gates', () => {
  const gates = [
    { name: 'content', approvers: ['cleo'], quorum: 1 },
    { name: 'budget', approvers: ['role:finance', 'cleo'], quorum: 2 },
  ];
  const fin = (operator: string) => by(operator, 'confirm', { as: ['role:finance'] });
  const through = [by('cleo'), fin('fred'), fin('fay')];

  test.each<[string, Partial<ApprovalSettings>, Decision[], string]>([
    ['the last alone is not enough', { gates }, [by('ann')], 'waiting'],
    ['one after the other are', { gates }, [...through, by('ann')], 'confirmed'],
    ['another order is not', { gates }, [by('ann'), ...through], 'waiting'],
    ['one person counts once at a gate', { gates }, [by('cleo'), fin('fred'), fin('fred'), by('ann')], 'waiting'],
    ['and may count at the next again', { gates }, [by('cleo'), by('cleo'), fin('fay'), by('ann')], 'confirmed'],
    ['no mode does without those before the last', { gates, mode: 'automatic' }, [], 'waiting'],
    ['the last may be a mode', { gates, mode: 'automatic' }, through, 'confirmed'],
    ['a role that is only claimed opens none', { gates }, [by('cleo'), by('fred'), by('fay'), by('ann')], 'waiting'],
    ['more people for more messages', { thresholds: [{ over: 9, quorum: 2 }] }, [by('ann')], 'waiting'],
    ['not for fewer', { thresholds: [{ over: 10, quorum: 2 }] }, [by('ann')], 'confirmed'],
    ['a group', { approvers: ['group:ops'] }, [by('eve', 'confirm', { as: ['group:ops'] })], 'confirmed'],
    ['who decides for an approver', {}, [by('eve', 'confirm', { as: ['for:ann'] })], 'confirmed'],
    [
      'an approver and a delegate of the same approver',
      { quorum: 2 },
      [by('ann'), by('eve', 'confirm', { as: ['for:ann'] })],
      'waiting',
    ],
    [
      'two delegates of one approver',
      { quorum: 2 },
      [by('eve', 'confirm', { as: ['for:ann'] }), by('fay', 'confirm', { as: ['for:ann'] })],
      'waiting',
    ],
    [
      'delegates of two approvers',
      { quorum: 2 },
      [by('eve', 'confirm', { as: ['for:ann'] }), by('fay', 'confirm', { as: ['for:ann', 'for:ben'] })],
      'confirmed',
    ],
    [
      'an emergency by a delegate of the author, under four-eyes',
      { breakGlass: ['author'], fourEyes: true, quorum: 2 },
      [by('eve', 'confirm', { ...urgent, as: ['for:author'] })],
      'waiting',
    ],
    [
      'not for the author under four-eyes',
      { approvers: ['author'], fourEyes: true },
      [by('eve', 'confirm', { as: ['for:author'] })],
      'waiting',
    ],
    ['a confirmation that was withdrawn', { quorum: 2 }, [by('ann'), by('ann', 'withdraw'), by('ben')], 'waiting'],
    ['one that was given again', {}, [by('ann'), by('ann', 'withdraw'), by('ann')], 'confirmed'],
    [
      'one person for all in an emergency',
      { gates, breakGlass: ['otto'] },
      [by('otto', 'confirm', urgent)],
      'confirmed',
    ],
    ['nobody else in an emergency', { gates, breakGlass: ['otto'] }, [by('ann', 'confirm', urgent)], 'waiting'],
    ['an unsigned one where signatures are wanted', { requireSignature: true }, [by('ann')], 'waiting'],
    ['a signed one', { requireSignature: true }, [by('ann', 'confirm', { signed: true })], 'confirmed'],
  ])('%s', (_, policy, decisions, outcome) => {
    expect(evaluateApproval(request(policy), decisions, now)).toBe(outcome);
  });

  test('an old confirmation counts no more where the rules say so', () => {
    const asked = request({ quorum: 2, confirmationValidFor: '1h' });
    const hour = 3_600_000;
    const given = (operator: string, at: number) => by(operator, 'confirm', { at: new Date(at).toISOString() });
    const late = { ...asked, expiresAt: 3 * hour };
    expect(evaluateApproval(late, [given('ann', 0), given('ben', hour)], hour)).toBe('confirmed');
    expect(evaluateApproval(late, [given('ann', 0), given('ben', hour + 1)], hour + 1)).toBe('waiting');
  });

  const inTurns = (times: number): Decision[] =>
    Array.from({ length: times }, () => [by('ann'), by('ann', 'withdraw')]).flat();

  test.each<[string, Partial<ApprovalSettings>, Decision, Decision[], RegExp | undefined]>([
    ['before its gate is open', { gates }, by('ann'), [], /the gate "content" comes first: cleo/],
    ['at the open gate', { gates }, by('cleo'), [], undefined],
    ['twice at a gate', { gates, quorum: 2 }, by('ann'), [...through, by('ann')], /already/],
    ['what was not given', {}, by('ann', 'withdraw'), [], /no confirmation of this seal to withdraw/],
    ['what was given', { quorum: 2 }, by('ann', 'withdraw'), [by('ann')], undefined],
    [
      'what was taken back three times',
      { quorum: 2 },
      by('ann', 'withdraw'),
      [...inTurns(3), by('ann')],
      /"ann" has withdrawn 3 confirmations of this seal already: reject it, or stop/,
    ],
    [
      'what somebody else took back three times',
      { quorum: 2 },
      by('ben', 'withdraw'),
      [...inTurns(3), by('ben')],
      undefined,
    ],
    [
      'what was taken back three times of another seal',
      { quorum: 2 },
      by('ann', 'withdraw'),
      [...inTurns(3).map((one) => ({ ...one, seal: 'f'.repeat(64) })), by('ann')],
      undefined,
    ],
    [
      'an emergency without a reason',
      { breakGlass: ['ann'] },
      by('ann', 'confirm', { breakGlass: true }),
      [],
      /reason/,
    ],
    ['an emergency of somebody else', { breakGlass: ['otto'] }, by('ann', 'confirm', urgent), [], /emergency/],
    [
      'an emergency of the author',
      { breakGlass: ['author'], fourEyes: true },
      by('author', 'confirm', urgent),
      [],
      /four-eyes/,
    ],
    [
      'the taking back of what has grown old',
      { confirmationValidFor: '1m' },
      by('ann', 'withdraw'),
      [by('ann', 'confirm', { at: new Date(-3_600_000).toISOString() })],
      undefined,
    ],
    ['without a signature', { requireSignature: true }, by('ann'), [], /must be signed/],
  ])('refuse a decision: %s', (_, policy, decision, earlier, reason) => {
    const refused = refuseDecision(request(policy), decision, earlier, now);
    if (reason) expect(refused).toMatch(reason);
    else expect(refused).toBeUndefined();
  });
});
