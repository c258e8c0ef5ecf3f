import fc from 'fast-check';
import { evaluateApproval } from '../../src/delivery/approval-policy.js';
import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { enter } from '../../src/delivery/journal-notes.js';
import { applyCommand, initialState, takeRevision, type ProcessState } from '../../src/delivery/process.js';
import { concludeDecision, reopenDecision } from '../../src/delivery/process-approval.js';
import type { CheckedSignature } from '../../src/delivery/signed-statement.js';
import { receiveSigned } from '../../src/delivery/unverified-commands.js';

const hour = 3_600_000;
const people = ['author', 'owner', 'ann', 'ben', 'cleo', 'eve'] as const;
type Person = (typeof people)[number];

interface Policy {
  quorum: number;
  fourEyes: boolean;
  requireSignature: boolean;
  gated: boolean;
  validFor: boolean;
  /** The author has signed for the first revision. */
  startSigned: boolean;
}

/** Who may confirm at the last gate; cleo alone at the one before. */
const approvers: readonly Person[] = ['owner', 'author', 'ann', 'ben'];

/** `unchecked`: its signature is right, and nobody has looked at it. */
type Signed = 'no' | 'well' | 'badly' | 'unchecked';
type Event =
  | { do: 'decide'; who: Person; verdict: 'confirm' | 'reject' | 'withdraw'; seal: 'this' | 'other'; signed: Signed }
  | { do: 'verify' | 'goOn' | 'restart' | 'confirmationIsRecorded' }
  | { do: 'analysed'; errors: boolean }
  | { do: 'pause' | 'resume' | 'stop' | 'stopAnalysis' | 'startAnalysis' }
  | { do: 'revise'; to: number; signature?: string }
  | { do: 'pass'; hours: number }
  /** What people do in a row. */
  | { do: 'all'; events: Event[] };

const revisionOf = (n: number): string => String(n).repeat(64);
const sealOf = (revision: string): string => (revision === revisionOf(1) ? 'a' : 'b').repeat(64);

/** What an onlooker knows, who has only seen what people gave and when. */
interface Onlooker {
  /** Counts the analyses: what was said of one counts for no other. */
  analysis: number;
  /** Confirmations of this analysis that stand, in order. */
  confirmations: { who: Person; at: number }[];
  rejected: boolean;
  errors: boolean;
  expiresAt: number;
  author: Person;
  authorSigned: boolean;
}

/** What the check of the parameters takes for a signature of the author. */
const ofAuthor = 'well.signed.submission';

function maySend(seen: Onlooker, policy: Policy, now: number): boolean {
  const { confirmations, rejected, errors, author, authorSigned } = seen;
  if (rejected || errors || !isAuthorKnown(authorSigned, policy)) return false;
  const standing = confirmations.filter(({ at }) => !policy.validFor || now - at <= 2 * hour);
  const eligible = (named: readonly Person[]) =>
    standing.map(({ who }) => named.includes(who) && !(policy.fourEyes && who === author));
  const firstOfCleo = policy.gated ? eligible(['cleo']).indexOf(true) : -1;
  if (policy.gated && firstOfCleo < 0) return false;
  const last = eligible(approvers);
  return new Set(standing.flatMap(({ who }, i) => (last[i] && i > firstOfCleo ? [who] : []))).size >= policy.quorum;
}

const isAuthorKnown = (authorSigned: boolean, { fourEyes, requireSignature }: Policy): boolean =>
  authorSigned || !fourEyes || !requireSignature;

class Machine {
  state: ProcessState;
  now = Date.UTC(2026, 10, 24);
  /** The activity that records a confirmation is under way. */
  recording = false;
  /** What the onlooker thought when the process took it for confirmed. */
  wasSatisfied = false;
  seen: Onlooker;
  /** By the number of the decision: what a check of its signature will find, and when it was given. */
  private readonly given = new Map<number, Extract<Event, { do: 'decide' }> & { analysis: number }>();

  constructor(readonly policy: Policy) {
    const { approval, sending } = deliverySettingsSchema.parse({
      name: 'N',
      sender: { address: 'a@b.example' },
      subject: 'S',
      approval: {
        approvers: ['author', 'ann', 'ben'],
        quorum: policy.quorum,
        fourEyes: policy.fourEyes,
        requireSignature: policy.requireSignature,
        expiresAfter: '5h',
        ...(policy.gated && { gates: [{ name: 'first', approvers: ['cleo'] }] }),
        ...(policy.validFor && { confirmationValidFor: '2h' }),
      },
    });
    this.terms = { owner: 'owner', approval, sending, hasProofRecipients: false };
    const rules = { owner: 'owner', settings: approval };
    const { startSigned: authorSigned } = policy;
    const signature = authorSigned ? { signature: ofAuthor } : {};
    this.state = initialState(revisionOf(1), { operator: 'author', rules, ...signature });
    const nothing = { analysis: 0, confirmations: [], rejected: false, errors: false, expiresAt: 0 };
    this.seen = { ...nothing, author: 'author', authorSigned };
    this.submittedSigned = authorSigned;
  }

  private readonly terms: NonNullable<ProcessState['terms']>;
  /** Of the last revision that was accepted. */
  private submittedSigned: boolean;

  play(event: Event): void {
    switch (event.do) {
      case 'decide':
        return this.decide(event);
      case 'all':
        return event.events.forEach((one) => this.play(one));
      case 'verify':
        return this.verify();
      case 'goOn':
        return this.goOn();
      case 'confirmationIsRecorded':
        return this.record();
      case 'restart':
        this.state = JSON.parse(JSON.stringify(this.state)) as ProcessState;
        return;
      case 'analysed':
        return this.analysed(event.errors);
      case 'pass':
        this.now += event.hours * hour;
        return;
      case 'revise':
        return this.revise(event);
      case 'pause':
      case 'resume':
      case 'stop':
      case 'stopAnalysis':
      case 'startAnalysis':
        applyCommand(this.state, { name: event.do, operator: 'author' }, this.now);
    }
  }

  private revise({ to, signature }: Extract<Event, { do: 'revise' }>): void {
    const signed = signature !== undefined && { signature };
    const command = { name: 'revise' as const, operator: 'author', revision: revisionOf(to), ...signed };
    if (applyCommand(this.state, command, this.now).accepted) this.submittedSigned = signature === ofAuthor;
  }

  private decide(event: Extract<Event, { do: 'decide' }>): void {
    const { who, verdict, seal, signed } = event;
    const command = {
      name: 'decide' as const,
      operator: who,
      verdict,
      seal: seal === 'this' ? sealOf(this.state.revision) : 'f'.repeat(64),
      ...(signed === 'no' ? {} : { signature: 'a.b.c' }),
    };
    const isOpen = this.isOpen(verdict);
    const taken =
      signed === 'unchecked'
        ? applyCommand(this.state, command, this.now)
        : receiveSigned(this.state, command, this.now);
    if (typeof taken === 'number') this.given.set(taken, { ...event, analysis: this.seen.analysis });
    else if (taken.accepted) this.heard(event, isOpen);
  }

  /** One signature is checked; a forged one and one for an earlier analysis are found out. */
  private verify(): void {
    const one = this.state.unverified?.shift();
    const event = one && this.given.get(one.n);
    if (!one || !event || one.command.name !== 'decide') return;
    const holds = event.signed === 'well' && event.analysis === this.seen.analysis;
    const checked: CheckedSignature | undefined =
      event.signed === 'no' ? undefined : holds ? {} : { reason: 'it does not hold' };
    const isOpen = this.isOpen(event.verdict);
    const verdict = applyCommand(this.state, one.command, this.now, checked);
    if (verdict.accepted) this.heard(holds || event.signed === 'no' ? event : { ...event, signed: 'badly' }, isOpen);
  }

  /** Whether anything may be decided at all. */
  private isOpen(verdict: string): boolean {
    const { phase, next, stopping, sealed, paused } = this.state;
    if (next || stopping || this.recording) return false;
    if (phase === 'scheduled') return verdict === 'withdraw' && paused;
    // What was given can be taken back however late.
    const isInTime = verdict === 'withdraw' || this.now < this.seen.expiresAt;
    return phase === 'awaiting-decision' && sealed !== undefined && isInTime;
  }

  /** What the process has accepted. The onlooker believes no verdict, and judges by what was given. */
  private heard({ who, verdict, seal, signed }: Extract<Event, { do: 'decide' }>, isOpen: boolean): void {
    const { seen, policy } = this;
    expect({ isOpen, seal }).toEqual({ isOpen: true, seal: 'this' });
    expect(policy.requireSignature ? ['well'] : ['well', 'no']).toContain(signed);
    expect(policy.gated ? [...approvers, 'cleo'] : approvers).toContain(who);
    if (verdict === 'confirm') {
      expect([seen.errors, policy.fourEyes && who === seen.author]).toEqual([false, false]);
      expect(isAuthorKnown(seen.authorSigned, policy)).toBe(true);
    }
    if (verdict === 'withdraw') seen.confirmations = seen.confirmations.filter((one) => one.who !== who);
    else if (verdict === 'confirm') seen.confirmations.push({ who, at: this.now });
    else if (approvers.includes(who) || who === 'cleo') seen.rejected = true;
  }

  private analysed(errors: boolean): void {
    const { state, now } = this;
    if (state.phase !== 'analysing' || state.next || state.stopping) return;
    const expiresAt = now + 5 * hour;
    const findings = { info: 0, warning: 0, error: errors ? 1 : 0 };
    state.sealed = { seal: sealOf(state.revision), count: 3, findings, sealedAt: now, expiresAt };
    enter(state, errors ? 'awaiting-revision' : 'awaiting-decision', now);
    this.seen = {
      ...this.seen,
      analysis: this.seen.analysis + 1,
      confirmations: [],
      rejected: false,
      errors,
      expiresAt,
    };
  }

  /** One step of the process, as workflows/delivery.ts takes it. */
  private goOn(): void {
    const { state, now } = this;
    if (this.recording) return;
    if (state.stopping) return enter(state, 'stopped', now);
    if (state.next) {
      this.seen = { ...this.seen, confirmations: [], author: 'author', authorSigned: this.submittedSigned };
      return takeRevision(state, now);
    }
    if (state.analysis === 'stopping') {
      state.analysis = 'stopped';
      return enter(state, 'awaiting-revision', now);
    }
    if (state.phase === 'checking') {
      state.terms = { ...this.terms, ...(state.signature === ofAuthor && { authorSigned: true }) };
      return enter(state, 'analysing', now);
    }
    if (state.phase === 'awaiting-revision' && state.analysis === 'starting') {
      delete state.analysis;
      this.seen = { ...this.seen, confirmations: [] };
      return enter(state, 'analysing', now);
    }
    if (state.phase === 'awaiting-decision') {
      this.recording = concludeDecision(state, now) !== undefined;
      if (this.recording) this.wasSatisfied = maySend(this.seen, this.policy, now);
    }
    if (state.phase === 'scheduled') {
      if (state.sealed?.withdrawn) reopenDecision(state, now);
      else if (!state.paused) enter(state, 'sending', now);
    }
  }

  private record(): void {
    if (!this.recording) return;
    this.recording = false;
    if (!this.state.next && !this.state.stopping) enter(this.state, 'scheduled', this.now);
  }
}

const decide = fc.record({
  do: fc.constant('decide' as const),
  who: fc.constantFrom(...people, 'owner', 'ann', 'cleo'),
  verdict: fc.oneof(
    { weight: 8, arbitrary: fc.constant('confirm' as const) },
    { weight: 2, arbitrary: fc.constantFrom('reject', 'withdraw') },
  ),
  seal: fc.oneof({ weight: 9, arbitrary: fc.constant('this' as const) }, fc.constant('other' as const)),
  signed: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Signed>('well') },
    fc.constantFrom<Signed>('no', 'badly', 'unchecked'),
  ),
});
const onward = fc.constantFrom<Event>({ do: 'goOn' }, { do: 'verify' }, { do: 'confirmationIsRecorded' });
const goOn: Event = { do: 'goOn' };
const analysed: Event = { do: 'analysed', errors: false };
const inARow = (...events: Event[]): Event => ({ do: 'all', events });
const rows = fc.constantFrom(
  inARow(goOn, { do: 'confirmationIsRecorded' }, goOn),
  inARow({ do: 'pause' }, goOn, { do: 'confirmationIsRecorded' }),
  ...[1, 2].map((to) => inARow({ do: 'revise', to, signature: ofAuthor }, goOn, goOn, analysed)),
  inARow({ do: 'startAnalysis' }, goOn, analysed),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: rows },
  { weight: 8, arbitrary: decide.map((one) => inARow(one, { do: 'verify' })) },
  { weight: 6, arbitrary: decide },
  { weight: 16, arbitrary: onward },
  { weight: 4, arbitrary: fc.constant<Event>({ do: 'analysed', errors: false }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Event>(
      { do: 'analysed', errors: true },
      { do: 'restart' },
      { do: 'pause' },
      { do: 'resume' },
      { do: 'startAnalysis' },
      { do: 'stopAnalysis' },
      { do: 'stop' },
      { do: 'revise', to: 1 },
      { do: 'revise', to: 2, signature: 'badly.signed.submission' },
      { do: 'revise', to: 2, signature: ofAuthor },
      { do: 'pass', hours: 1 },
      { do: 'pass', hours: 3 },
    ),
  },
);
const policies = fc.record({
  quorum: fc.integer({ min: 1, max: 2 }),
  fourEyes: fc.boolean(),
  requireSignature: fc.boolean(),
  gated: fc.boolean(),
  validFor: fc.boolean(),
  startSigned: fc.constantFrom(true, true, true, false),
});

test('whatever decisions there are, they amount to a confirmation only where an onlooker would say so', () => {
  const seal = sealOf(revisionOf(1));
  const decisions = fc.array(
    fc.record({
      operator: fc.constantFrom(...people, 'owner', 'ann', 'cleo'),
      verdict: fc.constantFrom('confirm' as const, 'confirm' as const, 'confirm' as const, 'reject', 'withdraw'),
      seal: fc.constantFrom(seal, seal, seal, 'f'.repeat(64)),
      signed: fc.constantFrom(true, true, true, false),
      accepted: fc.constantFrom(true, true, true, false),
      at: fc.constant(new Date(0).toISOString()),
    }),
    { maxLength: 6 },
  );
  let confirmed = 0;
  fc.assert(
    fc.property(policies, decisions, fc.integer({ min: 0, max: 3 }), (policy, given, errors) => {
      const { state } = new Machine({ ...policy, validFor: false });
      const findings = { info: 0, warning: 0, error: Math.max(0, errors - 2) };
      const { rules } = state.origin;
      const { startSigned: authorSigned } = policy;
      const request = { rules: [rules], author: 'author', authorSigned, seal, count: 3, findings, expiresAt: hour };
      const standing = given.filter(
        (one) => one.accepted && one.seal === seal && (one.signed || !policy.requireSignature),
      );
      const seen: Onlooker = {
        analysis: 1,
        confirmations: [],
        rejected: standing.some(({ verdict }) => verdict === 'reject'),
        errors: findings.error > 0,
        expiresAt: hour,
        author: 'author',
        authorSigned,
      };
      for (const { operator: who, verdict } of standing) {
        if (verdict === 'confirm') seen.confirmations.push({ who, at: 0 });
        if (verdict === 'withdraw') seen.confirmations = seen.confirmations.filter((one) => one.who !== who);
      }
      const outcome = evaluateApproval(request, given, 0);
      expect(outcome === 'confirmed').toBe(maySend(seen, policy, 0));
      if (outcome === 'confirmed') confirmed += 1;
    }),
    { numRuns: 4_000 },
  );
  expect(confirmed).toBeGreaterThan(100);
});

test('no sequence of decisions, commands, restarts and hours lets messages leave unless the policy is satisfied for that seal', () => {
  let sent = 0;
  fc.assert(
    fc.property(policies, fc.array(event, { minLength: 20, maxLength: 80 }), (policy, events) => {
      const machine = new Machine(policy);
      machine.play({ do: 'goOn' });
      machine.play({ do: 'analysed', errors: false });
      for (const one of events) {
        const before = machine.state.phase;
        machine.play(one);
        if (machine.state.phase !== 'sending' || before === 'sending') continue;
        sent += 1;
        expect(machine.wasSatisfied).toBe(true);
        // Nor was anything taken back since; what has grown old meanwhile was young enough then.
        expect(maySend(machine.seen, { ...policy, validFor: false }, machine.now)).toBe(true);
        return;
      }
    }),
    { numRuns: 4_000 },
  );
  // Or nothing was shown.
  expect(sent).toBeGreaterThan(100);
});
