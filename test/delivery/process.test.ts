import fc from 'fast-check';
import type { Command } from '../../src/delivery/command.js';
import { commandNames, parseCommand } from '../../src/delivery/command.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { isOvertaken } from '../../src/delivery/dry-run.js';
import { phases, type Phase } from '../../src/delivery/phase.js';
import { enter, note } from '../../src/delivery/journal-notes.js';
import {
  applyCommand,
  initialState,
  refuseMalformed,
  takeRevision,
  wantedControl,
  wantedRate,
  type ProcessState,
} from '../../src/delivery/process.js';
import {
  approval,
  concludeDecision,
  refuseLateStart,
  reopenDecision,
  reopenLate,
  withholdRelease,
} from '../../src/delivery/process-approval.js';
import { openRequest } from '../../src/delivery/process-requests.js';
import { beginProof, endProof } from '../../src/delivery/proof-progress.js';
import { receiveSigned } from '../../src/delivery/unverified-commands.js';

const now = Date.UTC(2026, 10, 24);
const seal = 'a'.repeat(64);
const revisions = { first: '1'.repeat(64), second: '2'.repeat(64) };

const settings = deliverySettingsSchema.parse({
  name: 'N',
  sender: { address: 'a@b.example' },
  subject: 'S',
  approval: { approvers: ['ann'], requireSignature: false },
});

const origin = { operator: 'author', rules: { owner: 'owner', settings: settings.approval } };

function stateIn(phase: Phase, own: Partial<ProcessState> = {}): ProcessState {
  const terms = {
    owner: 'owner',
    approval: settings.approval,
    sending: settings.sending,
    hasProofRecipients: true,
  };
  return { ...initialState(revisions.first, origin), phase, terms, ...own };
}

function awaitingDecision(): ProcessState {
  const findings = { info: 0, warning: 0, error: 0 };
  return stateIn('awaiting-decision', { sealed: { seal, count: 3, findings, expiresAt: now + 1_000 } });
}

const confirm: Command = { name: 'decide', operator: 'ann', verdict: 'confirm', seal };

test('a confirmation that the policy accepts makes the delivery confirmed', () => {
  const state = awaitingDecision();
  expect(applyCommand(state, confirm, now)).toEqual({ accepted: true });
  expect(approval(state, now)).toBe('confirmed');
});

describe('a decision is refused, recorded and changes nothing', () => {
  test.each<[string, ProcessState, Command, number, RegExp]>([
    ['before there is a seal', stateIn('analysing'), confirm, now, /there is no seal yet/],
    ['on another seal', awaitingDecision(), { ...confirm, seal: 'b'.repeat(64) }, now, /another seal/],
    ['by a stranger', awaitingDecision(), { ...confirm, operator: 'eve' }, now, /neither the owner/],
    ['after the request expired', awaitingDecision(), confirm, now + 1_000, /expired/],
    [
      'once a revision was submitted',
      { ...awaitingDecision(), next: { revision: revisions.second, author: 'author' } },
      confirm,
      now,
      /new revision/,
    ],
    ['once the delivery is being stopped', { ...awaitingDecision(), stopping: true }, confirm, now, /stopped/],
    [
      'while a revision is awaited',
      { ...awaitingDecision(), phase: 'awaiting-revision' },
      confirm,
      now,
      /awaits a new revision/,
    ],
    ['once sending has begun', { ...awaitingDecision(), phase: 'sending' }, confirm, now, /has been decided on/],
  ])('%s', (_, state, command, at, reason) => {
    const before = approval(state, now);
    const verdict = applyCommand(state, command, at);
    expect(verdict.accepted).toBe(false);
    expect(verdict.reason).toMatch(reason);
    expect(approval(state, now)).toBe(before);
    expect(state.decisions.at(-1)).toMatchObject({ accepted: false, reason: verdict.reason });
    expect(state.unrecorded.at(-1)).toMatchObject({ kind: 'decide', accepted: false });
  });
});

test('the same command under the same id counts once and gets the same answer', () => {
  const state = stateIn('sending');
  const command: Command = { name: 'pause', operator: 'owner', id: 'x' };
  expect(applyCommand(state, command, now)).toEqual({ accepted: true });
  expect(applyCommand(state, command, now)).toEqual({ accepted: true });
  expect(applyCommand(state, { ...command, id: 'y' }, now).accepted).toBe(false);
});

test('a revision voids the seal at once, and decisions on it', () => {
  const state = awaitingDecision();
  expect(applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.second }, now).accepted).toBe(
    true,
  );
  expect(state.sealed).toBeUndefined();
  expect(applyCommand(state, confirm, now).accepted).toBe(false);
  takeRevision(state, now);
  expect(state).toMatchObject({ revision: revisions.second, phase: 'checking' });
  expect(state.terms).toBeUndefined();
});

test('each proof has its own number and who asked for it, and counts for its revision alone', () => {
  const state = stateIn('awaiting-decision', { proofsRequested: 1, proofs: 3 });
  expect(beginProof(state)).toEqual({ proof: 4 });
  endProof(state, 4, { failed: 1 }, now);
  applyCommand(state, { name: 'sendProof', operator: 'ann' }, now);
  applyCommand(state, { name: 'sendProof', operator: 'owner' }, now);
  expect(beginProof(state)).toEqual({ proof: 5, operator: 'ann' });
  endProof(state, 5, { sent: 1, failed: 1 }, now);
  expect(state.content?.proofs).toEqual([
    { proof: 4, sent: false },
    { proof: 5, sent: true },
  ]);
  expect(beginProof(state)).toEqual({ proof: 6, operator: 'owner' });
  applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.second }, now);
  endProof(state, 6, { sent: 2 }, now);
  expect(state.content).toBeUndefined();
});

describe('a dry run', () => {
  const ask = (state: ProcessState, operator = 'owner') => applyCommand(state, { name: 'dryRun', operator }, now);

  test.each<[Phase, RegExp]>([
    ['sending', /sending has begun/],
    ['paused', /sending has begun/],
    ['finished', /the delivery is finished/],
  ])('is refused while the delivery is %s', (phase, reason) => {
    expect(ask({ ...awaitingDecision(), phase }).reason).toMatch(reason);
  });

  test.each<Phase>(['awaiting-decision', 'awaiting-revision', 'scheduled'])(
    'may be asked for while it is %s',
    (phase) => {
      expect(ask({ ...awaitingDecision(), phase })).toEqual({ accepted: true });
    },
  );

  test('needs a seal, and is one at a time; the next has a number of its own', () => {
    const state = awaitingDecision();
    const { sealed } = state;
    delete state.sealed;
    expect(ask(state).reason).toMatch(/no seal yet/);
    Object.assign(state, { sealed });
    expect(ask(state, 'eve').reason).toMatch(/neither the author/);
    expect(ask(state)).toEqual({ accepted: true });
    expect(ask(state).reason).toMatch(/under way already/);
    expect(state.dryRun).toEqual({ number: 1, operator: 'owner', seal: sealed?.seal });
    delete state.dryRun;
    ask(state, 'ann');
    expect(state.dryRun).toMatchObject({ number: 2, operator: 'ann' });
  });

  test.each<[string, (state: ProcessState) => void, boolean]>([
    ['nothing', () => undefined, false],
    ['a decision', (state) => (state.phase = 'scheduled'), false],
    ['a pause', (state) => (state.paused = true), false],
    ['the start of sending', (state) => (state.phase = 'sending'), true],
    ['a stop', (state) => (state.stopping = true), true],
    [
      'a new revision',
      (state) => applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.second }, now),
      true,
    ],
    ['another seal', (state) => Object.assign(state.sealed ?? {}, { seal: 'f'.repeat(64) }), true],
  ])('after %s is overtaken or not', (_, happen, overtaken) => {
    const state = awaitingDecision();
    ask(state);
    const asked = state.dryRun;
    happen(state);
    expect(asked && isOvertaken(state, asked)).toBe(overtaken);
  });
});

describe('who has nothing to do with the delivery', () => {
  const revise = { name: 'revise', revision: revisions.second } as const;
  const acts = [{ name: 'pause' }, { name: 'resume' }, { name: 'stop' }, { name: 'sendProof' }, revise] as const;
  test.each(acts)('cannot $name', (act) => {
    const state = { ...awaitingDecision(), paused: act.name === 'resume' };
    const before = JSON.stringify({ ...state, unrecorded: [], journalled: 0 });
    expect(applyCommand(state, { ...act, operator: 'eve' }, now).reason).toMatch(/"eve" is neither/);
    expect(JSON.stringify({ ...state, unrecorded: [], journalled: 0 })).toBe(before);
    expect(applyCommand(state, { ...act, operator: 'ann' }, now).accepted).toBe(true);
  });

  test('cannot while a new revision waits to be checked either', () => {
    const state = awaitingDecision();
    applyCommand(state, { ...revise, operator: 'author' }, now);
    takeRevision(state, now);
    expect(applyCommand(state, { name: 'stop', operator: 'eve' }, now).accepted).toBe(false);
    expect(applyCommand(state, { name: 'stop', operator: 'ann' }, now).accepted).toBe(true);
  });
});

test('who revises is the author from then on, whom four-eyes keeps from confirming', () => {
  const fourEyes = { ...settings.approval, fourEyes: true };
  const state = { ...awaitingDecision(), origin: { ...origin, rules: { owner: 'owner', settings: fourEyes } } };
  applyCommand(state, { name: 'revise', operator: 'ann', revision: revisions.second }, now);
  takeRevision(state, now);
  const { terms, sealed } = awaitingDecision();
  Object.assign(state, { phase: 'awaiting-decision', terms: { ...terms, approval: fourEyes }, sealed });
  expect(applyCommand(state, confirm, now).reason).toMatch(/four-eyes/);
  expect(applyCommand(state, { ...confirm, operator: 'owner' }, now).accepted).toBe(true);
});

test('a confirmation of a text that was revised and then submitted once more, under the same seal, counts no more', () => {
  const quorumOfTwo = { ...settings.approval, approvers: ['ann', 'ben'], quorum: 2 };
  const analysed = (): Partial<ProcessState> => {
    const { terms, ...state } = awaitingDecision();
    const { phase, sealed } = state;
    return { phase, ...(sealed && { sealed }), ...(terms && { terms: { ...terms, approval: quorumOfTwo } }) };
  };
  const rules = { owner: 'owner', settings: quorumOfTwo };
  const state: ProcessState = { ...awaitingDecision(), origin: { operator: 'author', rules }, ...analysed() };
  expect(applyCommand(state, confirm, now).accepted).toBe(true);
  for (const revision of [revisions.second, revisions.first]) {
    applyCommand(state, { name: 'revise', operator: 'author', revision }, now);
    takeRevision(state, now);
    Object.assign(state, analysed());
  }
  expect(applyCommand(state, { ...confirm, operator: 'ben' }, now).accepted).toBe(true);
  expect(approval(state, now)).toBe('waiting');
  expect(applyCommand(state, confirm, now).accepted).toBe(true);
  expect(approval(state, now)).toBe('confirmed');
});

test.each<Phase>(['scheduled', 'sending', 'paused'])('a revision is refused in %s', (phase) => {
  const state = stateIn(phase);
  const verdict = applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.second }, now);
  expect(verdict).toMatchObject({ accepted: false, reason: expect.stringContaining('sending has begun') });
});

const sealedBefore = { seal, count: 3, findings: { info: 0, warning: 0, error: 1 }, expiresAt: now + 1_000 };

describe('an analysis is stopped and started again', () => {
  test.each<[string, ProcessState, 'stopAnalysis' | 'startAnalysis', RegExp | undefined]>([
    ['stopped while it runs', stateIn('analysing'), 'stopAnalysis', undefined],
    ['stopped twice', stateIn('analysing', { analysis: 'stopping' }), 'stopAnalysis', /is being stopped/],
    ['stopped before it began', stateIn('proofing'), 'stopAnalysis', /no analysis is under way/],
    ['stopped when it is sealed', awaitingDecision(), 'stopAnalysis', /no analysis is under way/],
    ['started after a stop', stateIn('awaiting-revision', { analysis: 'stopped' }), 'startAnalysis', undefined],
    ['started twice', stateIn('awaiting-revision', { analysis: 'starting' }), 'startAnalysis', /starts already/],
    ['started after errors', stateIn('awaiting-revision', { sealed: sealedBefore }), 'startAnalysis', undefined],
    [
      'started where the parameters have errors',
      stateIn('awaiting-revision'),
      'startAnalysis',
      /parameters have errors/,
    ],
    ['started while it waits for a decision', awaitingDecision(), 'startAnalysis', /starts again/],
    ['started while sending', stateIn('sending', { sealed: sealedBefore }), 'startAnalysis', /starts again/],
    [
      'started beside a new revision',
      stateIn('awaiting-revision', { analysis: 'stopped', next: { revision: revisions.second, author: 'author' } }),
      'startAnalysis',
      /starts by itself/,
    ],
  ])('%s', (_, state, name, refusal) => {
    const verdict = applyCommand(state, { name, operator: 'owner' }, now);
    expect(verdict.accepted).toBe(refusal === undefined);
    if (refusal) expect(verdict.reason).toMatch(refusal);
    else expect(state.analysis).toBe(name === 'stopAnalysis' ? 'stopping' : 'starting');
  });

  test('what was decided on its seal counts no more', () => {
    const state = awaitingDecision();
    applyCommand(state, { ...confirm, verdict: 'reject' }, now);
    enter(state, 'awaiting-revision', now);
    applyCommand(state, { name: 'startAnalysis', operator: 'owner' }, now);
    expect([state.sealed, state.decisions]).toEqual([undefined, []]);
  });

  test('what was rejected once is confirmed by nobody but people from then on, whatever the mode', () => {
    const automatic = { ...settings.approval, mode: 'automatic' as const };
    const rules = { owner: 'owner', settings: automatic };
    const analysed = awaitingDecision();
    const terms = analysed.terms && { ...analysed.terms, approval: automatic };
    const state: ProcessState = { ...analysed, origin: { operator: 'author', rules }, ...(terms && { terms }) };
    // Held by something that is not there any more when it is analysed again.
    state.sealed = sealedBefore;
    expect(applyCommand(state, { ...confirm, verdict: 'reject' }, now).accepted).toBe(true);
    enter(state, 'awaiting-revision', now);
    applyCommand(state, { name: 'startAnalysis', operator: 'author' }, now);
    Object.assign(state, { phase: 'awaiting-decision', sealed: analysed.sealed });
    expect(approval(state, now)).toBe('waiting');
    applyCommand(state, confirm, now);
    expect(approval(state, now)).toBe('confirmed');
  });

  test('no proof leaves of a revision whose parameters have errors', () => {
    const { terms } = stateIn('awaiting-revision');
    const state = stateIn('awaiting-revision', terms && { terms: { ...terms, faulty: true } });
    expect(applyCommand(state, { name: 'sendProof', operator: 'owner' }, now).reason).toMatch(/parameters have errors/);
  });

  test('a new revision takes its place', () => {
    const state = stateIn('analysing', { analysis: 'stopping' });
    applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.second }, now);
    takeRevision(state, now);
    expect(state.analysis).toBeUndefined();
  });
});

test.each<Phase>(['finished', 'stopped', 'expired', 'failed'])('nothing is taken in %s', (phase) => {
  for (const name of ['pause', 'resume', 'stop', 'sendProof', 'stopAnalysis', 'startAnalysis'] as const) {
    expect(applyCommand(stateIn(phase), { name, operator: 'owner' }, now).accepted).toBe(false);
  }
});

test('a flood of refusals leaves few entries, which say how many there were', () => {
  const state = stateIn('checking');
  for (let i = 0; i < 10_000; i += 1) refuseMalformed(state, 'decide', 'operator: missing', now);
  expect(state.unrecorded).toHaveLength(1);
  expect(state.unrecorded[0]?.times).toBe(10_000);
});

test('what was handed to be written is counted into no more: it may stand in the journal as it was', () => {
  const state = awaitingDecision();
  state.unrecorded = [];
  const refused: Command = { name: 'resume', operator: 'owner' };
  applyCommand(state, refused, now);
  applyCommand(state, refused, now);
  // The next run has it again among what is not recorded: it cannot know whether it was written.
  state.offered = state.unrecorded.at(-1)?.n ?? 0;
  applyCommand(state, refused, now);
  applyCommand(state, refused, now);
  expect(state.unrecorded.map(({ times }) => times)).toEqual([2, 2]);
});

test('a flood of different refusals is bounded too, and pushes out no decision that counts', () => {
  const state = awaitingDecision();
  applyCommand(state, confirm, now);
  for (let i = 0; i < 3_000; i += 1) applyCommand(state, { ...confirm, operator: `eve${i}` }, now);
  expect(state.unrecorded.length).toBeLessThanOrEqual(501);
  expect(state.decisions.length).toBeLessThanOrEqual(200);
  expect(state.decisions.some((decision) => decision.accepted)).toBe(true);
});

test('journal entries are numbered without gaps', () => {
  const state = stateIn('checking');
  note(state, now, { kind: 'stop', operator: 'owner', accepted: true });
  enter(state, 'stopped', now);
  enter(state, 'stopped', now);
  expect(state.unrecorded.map(({ n }) => n)).toEqual([1, 2]);
});

test('the state survives JSON, whatever commands have been applied', () => {
  const operator = fc.constantFrom('ann', 'owner', 'eve');
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({
      name: fc.constantFrom('pause', 'resume', 'stop', 'revise', 'sendProof', 'stopAnalysis', 'startAnalysis'),
      operator,
      revision: fc.constantFrom(revisions.first, revisions.second),
    }),
    fc.record({
      name: fc.constant('decide' as const),
      operator,
      verdict: fc.constantFrom('confirm', 'reject'),
      seal: fc.constantFrom(seal, 'b'.repeat(64)),
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...phases), fc.array(command, { maxLength: 20 }), (phase, commands) => {
      const state = { ...awaitingDecision(), phase };
      for (const one of commands) applyCommand(state, one, now);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      // Without an accepted confirmation of this very seal nothing is confirmed.
      const confirmed = state.decisions.some((one) => one.accepted && one.verdict === 'confirm' && one.seal === seal);
      if (approval(state, now) === 'confirmed') expect(confirmed).toBe(true);
      if (state.stopping) expect(wantedControl(state)).toBe('stop');
    }),
  );
});

describe('the shape of a command', () => {
  test.each<[string, unknown, RegExp]>([
    ['selfDestruct', {}, /no such command/],
    ['__proto__', {}, /no such command/],
    ['decide', undefined, /input: /],
    ['decide', { operator: 'ann', verdict: 'maybe', seal }, /verdict/],
    ['decide', { operator: 'ann', verdict: 'confirm', seal: 'short' }, /64 hexadecimal digits/],
    ['decide', { operator: 'ann', verdict: 'confirm', seal, comment: 'x'.repeat(1_001) }, /comment is longer/],
    ['pause', { operator: 'ann@shop.example' }, /operator/],
    ['revise', { operator: 'ann', revision: 7 }, /revision/],
    ['reviewProof', { operator: 'ann', verdict: 'confirm', proof: 1 }, /verdict/],
    ['reviewProof', { operator: 'ann', verdict: 'approve', proof: 0 }, /proof/],
    ['reviewProof', { operator: 'ann', verdict: 'approve', proof: 1, comment: 'x'.repeat(1_001) }, /comment is longer/],
  ])('%s %j is refused with a sentence', (name, input, sentence) => {
    const parsed = parseCommand(name, input);
    expect('malformed' in parsed && parsed.malformed).toMatch(sentence);
  });

  test('anything at all is either a command or a sentence of at most 500 characters', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom<string>(...commandNames)), fc.anything(), (name, input) => {
        const parsed = parseCommand(name, input);
        expect('malformed' in parsed ? parsed.malformed.length <= 500 : parsed.command.name === name).toBe(true);
      }),
    );
  });
});

test('a confirmation that is withdrawn before anything left can be given again', () => {
  const state = awaitingDecision();
  applyCommand(state, confirm, now);
  expect(concludeDecision(state, now)).toBe(seal);
  enter(state, 'scheduled', now);
  const withdraw: Command = { ...confirm, verdict: 'withdraw' };
  // Unless it is paused, messages leave at the next moment.
  expect(applyCommand(state, withdraw, now)).toMatchObject({ accepted: false });
  applyCommand(state, { name: 'pause', operator: 'owner' }, now);
  expect(applyCommand(state, confirm, now)).toMatchObject({ accepted: false });
  expect(applyCommand(state, withdraw, now)).toEqual({ accepted: true });
  reopenDecision(state, now);
  expect([state.phase, approval(state, now)]).toEqual(['awaiting-decision', 'waiting']);
  expect(applyCommand(state, confirm, now)).toEqual({ accepted: true });
  expect(concludeDecision(state, now)).toBe(seal);
});

test('whoever confirms and withdraws in turns comes to an end: of what is kept, and of mail that asks others', () => {
  const asking = {
    ...settings.approval,
    quorum: 2,
    gates: [{ name: 'first', approvers: ['ann'], quorum: 1 }],
    requests: {},
  };
  const state = awaitingDecision();
  state.origin = { operator: 'author', rules: { owner: 'owner', settings: { ...asking } } };
  if (state.terms) state.terms = { ...state.terms, approval: asking };
  let asked = 0;
  let last = '';
  for (let turn = 0; turn < 1_000; turn += 1) {
    applyCommand(state, { ...confirm, verdict: turn % 2 === 0 ? 'confirm' : 'withdraw' }, now);
    const { gates = '' } = openRequest(state, now) ?? {};
    if (gates !== last) asked += 1;
    last = gates;
  }
  expect(state.decisions.filter(({ accepted }) => accepted)).toHaveLength(8);
  expect(state.decisions.length).toBeLessThanOrEqual(200);
  expect(asked).toBe(7);
});

test('nobody is asked for a decision that nobody could give, for the author has not signed', () => {
  const asking = { ...settings.approval, fourEyes: true, requireSignature: true, requests: {} };
  const state = awaitingDecision();
  state.origin = { operator: 'author', rules: { owner: 'owner', settings: asking } };
  Object.assign(state.terms ?? {}, { approval: asking });
  expect(openRequest(state, now)).toBeUndefined();
  Object.assign(state.terms ?? {}, { authorSigned: true });
  expect(openRequest(state, now)).toBeDefined();
});

test('a release that the worker refuses waits for a revision, with the reason, and is analysed again', () => {
  const state = awaitingDecision();
  applyCommand(state, confirm, now);
  concludeDecision(state, now);
  withholdRelease(state, 'entry 7: its signature is missing', now);
  expect(state.phase).toBe('awaiting-revision');
  expect(state.unrecorded.at(-1)).toMatchObject({
    reason: 'the release was refused: entry 7: its signature is missing',
  });
  expect(applyCommand(state, { name: 'startAnalysis', operator: 'owner' }, now)).toEqual({ accepted: true });
});

describe('while the contact date is awaited', () => {
  const hour = 3_600_000;
  /** Confirmed now, to be sent in two days. */
  function waiting(): ProcessState {
    const state = awaitingDecision();
    const startsAt = new Date(now + 48 * hour).toISOString();
    if (state.sealed) state.sealed.schedule = { startsAt, waves: [{ firstSeq: 1, lastSeq: 3, afterMs: 0 }] };
    applyCommand(state, confirm, now);
    concludeDecision(state, now);
    enter(state, 'scheduled', now);
    return state;
  }
  const revise: Command = { name: 'revise', operator: 'author', revision: revisions.second };

  test.each<[string, Command, number, boolean]>([
    ['a confirmation can be taken back', { ...confirm, verdict: 'withdraw' }, now + 47 * hour, true],
    ['not once it has come', { ...confirm, verdict: 'withdraw' }, now + 48 * hour, false],
    ['a new revision can come', revise, now + hour, true],
  ])('%s', (_, command, at, accepted) => {
    expect(applyCommand(waiting(), command, at).accepted).toBe(accepted);
  });

  test('without one, neither is possible between the decision and the first message', () => {
    const state = waiting();
    delete state.sealed?.schedule;
    for (const command of [{ ...confirm, verdict: 'withdraw' } as const, revise])
      expect(applyCommand(state, command, now).accepted).toBe(false);
  });

  test('a start that is too late is decided anew: nothing that was said before counts, and it does not expire at once', () => {
    const state = waiting();
    expect(refuseLateStart(state, now + 49 * hour)).toBeUndefined();
    const later = now + 50 * hour;
    reopenLate(state, later, refuseLateStart(state, later) ?? '');
    expect(state.phase).toBe('awaiting-decision');
    expect(approval(state, later)).toBe('waiting');
    expect(state.unrecorded.slice(-2)).toMatchObject([
      { kind: 'late', expiresAt: new Date(later + 7 * 24 * hour).toISOString() },
      { kind: 'phase', phase: 'awaiting-decision', reason: expect.stringContaining('later than sending.lateness') },
    ]);
    applyCommand(state, confirm, later);
    expect(concludeDecision(state, later)).toBe(seal);
    expect(refuseLateStart(state, later + hour)).toBeUndefined();
  });

  test('no mode confirms by itself what was too late once', () => {
    const state = waiting();
    const automatic = { ...settings.approval, mode: 'automatic' as const };
    state.origin = { operator: 'author', rules: { owner: 'owner', settings: automatic } };
    if (state.terms) state.terms.approval = automatic;
    reopenLate(state, now + 50 * hour, 'too late');
    expect(approval(state, now + 50 * hour)).toBe('waiting');
  });
});

describe('the rate', () => {
  const set = (rate: string): Command => ({ name: 'setRate', operator: 'owner', rate });

  test.each<[Phase, string, string | undefined]>([
    ['sending', '100/min', undefined],
    ['paused', 'unlimited', undefined],
    ['scheduled', '5/s', undefined],
    ['awaiting-decision', '5/s', 'nothing is being sent: give sending.rate in the definition'],
    ['sending', '50/min', 'its rate is 50/min already'],
  ])('in %s, %s', (phase, rate, reason) => {
    const state = awaitingDecision();
    state.phase = phase;
    if (state.terms) state.terms.sending = { ...state.terms.sending, rate: '50/min' };
    expect(applyCommand(state, set(rate), now).reason).toBe(reason);
    expect(wantedRate(state)).toBe(reason === undefined ? rate : '50/min');
    expect(state.unrecorded.at(-1)).toMatchObject({ kind: 'setRate', rate, accepted: reason === undefined });
  });
});

describe('a revision that nobody has signed for, where that is demanded', () => {
  const demanding = { ...settings.approval, fourEyes: true, requireSignature: true };
  const rules = { owner: 'owner', settings: demanding };
  const demanded = (own: Partial<NonNullable<ProcessState['terms']>>): ProcessState => {
    const { terms, ...state } = stateIn('awaiting-revision', { origin: { operator: 'author', rules } });
    return { ...state, ...(terms && { terms: { ...terms, approval: demanding, ...own } }) };
  };
  const again: Command = { name: 'revise', operator: 'ann', revision: revisions.first, signature: 'a.b.c' };

  test.each<[string, ProcessState, boolean]>([
    ['can be submitted again, signed', demanded({ faulty: true }), true],
    ['can be so where an earlier version let it pass', demanded({}), true],
    ['cannot once its author has signed', demanded({ authorSigned: true, faulty: true }), false],
    [
      'cannot while it waits to be checked',
      { ...demanded({ faulty: true }), next: { revision: revisions.first, author: 'ann' } },
      false,
    ],
    ['cannot where nobody demands it', stateIn('awaiting-revision'), false],
  ])('%s', (_, state, accepted) => {
    const verdict = applyCommand(state, again, now);
    expect(verdict.accepted).toBe(accepted);
    if (!accepted) return expect(verdict.reason).toMatch(/this is the current revision already/);
    expect(state.next).toEqual({ revision: revisions.first, author: 'ann', signature: 'a.b.c', submitted: 1 });
    return takeRevision(state, now);
  });

  test('is journalled with the signature that came, or as unsigned', () => {
    const state = stateIn('awaiting-revision');
    applyCommand(state, { ...again, revision: revisions.second }, now);
    takeRevision(state, now);
    expect(state).toMatchObject({ author: 'ann', signature: 'a.b.c', submitted: 1 });
    applyCommand(state, { name: 'revise', operator: 'author', revision: revisions.first }, now);
    takeRevision(state, now);
    expect([state.author, state.signature, state.submitted]).toEqual(['author', undefined, undefined]);
    const told = state.unrecorded.filter(({ kind }) => kind === 'revise');
    expect(told.map(({ signature, signed }) => [signature, signed])).toEqual([
      ['a.b.c', undefined],
      [undefined, false],
    ]);
  });
});

describe('a review whose signature is to be checked', () => {
  const contentApproval = { reviewers: ['rita'], quorum: 1 };
  const demanding = { ...settings.approval, contentApproval, requireSignature: true };
  const proofed = (approvalSettings = demanding): ProcessState => {
    const { terms, ...state } = awaitingDecision();
    const rules = { owner: 'owner', settings: approvalSettings };
    const content = { proofs: [{ proof: 1, sent: true }], reviews: [] };
    const own = terms && { terms: { ...terms, approval: approvalSettings } };
    return { ...state, origin: { operator: 'author', rules }, ...own, content, proofs: 1 };
  };
  const given: Command & { name: 'reviewProof' } = {
    name: 'reviewProof',
    operator: 'rita',
    verdict: 'approve',
    proof: 1,
    signature: 'a.b.c',
  };
  const { signature: _signature, ...unsigned } = given;

  test('waits for it, and counts once it holds', () => {
    const state = proofed();
    expect(receiveSigned(state, given, now)).toBe(1);
    expect(state.content?.reviews).toEqual([]);
    expect(applyCommand(state, given, now, {})).toEqual({ accepted: true });
    expect(state.content?.reviews).toEqual([{ operator: 'rita', verdict: 'approve', proof: 1, signed: true }]);
    expect(state.unrecorded.at(-1)).toMatchObject({ kind: 'reviewProof', signed: true, signature: 'a.b.c' });
  });

  test.each<[string, () => Command, Parameters<typeof applyCommand>[3], RegExp, string | undefined]>([
    ['that does not hold', () => given, { reason: 'it is forged' }, /^it is forged$/, 'a.b.c'],
    ['that nobody has checked', () => given, undefined, /was not checked/, undefined],
    ['that is missing', () => unsigned, undefined, /must be signed/, undefined],
  ])('is refused and told for a signature %s', (_, command, checked, reason, signature) => {
    const state = proofed();
    expect(applyCommand(state, command(), now, checked).reason).toMatch(reason);
    expect(state.content?.reviews).toEqual([]);
    const told = state.unrecorded.at(-1);
    expect([told?.accepted, told?.signed, told?.signature]).toEqual([false, false, signature]);
  });

  test('costs no look at its signature where it fails without one', () => {
    for (const one of [{ ...given, proof: 7 }, { ...given, operator: 'eve' }, unsigned]) {
      const state = proofed();
      expect(receiveSigned(state, one, now)).toMatchObject({ accepted: false });
      expect(state.unverified).toEqual([]);
    }
  });

  test('stands before what comes after it, be that unsigned', () => {
    const state = proofed({ ...demanding, requireSignature: false });
    const numbers = [given, { ...unsigned, verdict: 'reject' as const }].map((one) => receiveSigned(state, one, now));
    expect(numbers).toEqual([1, 2]);
  });
});
