import { decidersOf, refuseDecision, whyUnproven } from './approval-policy.js';
import type { ApprovalRules, Decision } from './approval-policy.js';
import type { Command, Verdict } from './command.js';
import type { ProofedContent } from './content-approval.js';
import type { ApprovalSettings } from './approval-settings.js';
import type { RequestsMade } from './decision-requests.js';
import type { SendingSettings } from './definition.js';
import { askDryRun, type AskedDryRun } from './dry-run.js';
import { unlimited } from './rate.js';
import type { Schedule } from './waves.js';
import type { FindingCounts } from './finding.js';
import type { JournalEntry } from './journal-entry.js';
import { enter, note } from './journal-notes.js';
import type { LargeParts } from './large-parts.js';
import { isFinal, isUnderWay } from './phase.js';
import type { Phase } from './phase.js';
import { approval, approvalRules, decisionRequest, review } from './process-approval.js';
import type { CheckedSignature } from './signed-statement.js';

/** What the parameters' check tells the process about the revision; no content, no addresses. */
export interface RevisionTerms {
  /** Absent where the definition names none: then the owner stays who it was. */
  owner?: string;
  approval: ApprovalSettings;
  sending: SendingSettings;
  /** The relay has retries of its own. */
  enhancedRelay?: boolean;
  /** Whether the definition names anybody who gets proofs. */
  hasProofRecipients: boolean;
  /** The check found errors: nothing is made of this revision, no proof either. */
  faulty?: boolean;
  /** The author's own key has signed for the revision. */
  authorSigned?: boolean;
}

/** What may leave: the ledger's control row, which every claim of messages looks at. */
export type Control = 'run' | 'pause' | 'stop';

/** The frozen result of an analysis, as far as the process needs it. */
export interface Sealed {
  seal: string;
  /** Messages under the seal. */
  count: number;
  findings: FindingCounts;
  /** Milliseconds since the epoch, both. */
  sealedAt?: number;
  expiresAt: number;
  /** The policy was satisfied: nothing is decided any more while that is recorded. */
  confirmed?: boolean;
  /** A confirmation was taken back before anything left. */
  withdrawn?: boolean;
  /** When which messages leave; absent where the definition names no schedule. */
  schedule?: Schedule;
  /** When the policy was satisfied, in milliseconds since the epoch. */
  acceptedAt?: number;
  /** It was confirmed once, and sending could only have begun too late. */
  late?: boolean;
}

/** Who started a delivery, and what its approval demands from then on. */
export interface Origin {
  /** Operator id. */
  operator: string;
  rules: ApprovalRules;
  /** By which the operator signed for the first revision. */
  signature?: string;
}

/** A revision, and the operator who submitted it to this delivery. */
export interface Submission {
  revision: string;
  author: string;
  /** By which the author signed for it, as it came; absent where nobody did. */
  signature?: string | undefined;
  /** Its number among what was signed for the delivery; absent of the first revision. */
  submitted?: number | undefined;
}

/** What its operator may have signed, and is verified before the policy looks at it. */
export type SignedCommand = Command & { name: 'decide' | 'reviewProof' };

/** A command that waits until its signature is checked. */
export interface UnverifiedCommand {
  /** Its number among what was signed for the delivery. */
  n: number;
  /** Milliseconds since the epoch. */
  arrivedAt: number;
  command: SignedCommand;
}

/** Everything that a delivery carries from one run to the next: plain JSON, no Map, no Date. */
export interface ProcessState extends Submission {
  origin: Origin;
  phase: Phase;
  /** Nothing leaves while this holds: no proof, no message. */
  paused: boolean;
  /** An accepted stop that the process has not acted on yet. */
  stopping: boolean;
  /** An accepted revision that the process has not acted on yet. */
  next?: Submission;
  terms?: RevisionTerms;
  /** The first batch that the analysis has not prepared yet, when a run ends within it. */
  target?: {
    firstSeq: number;
    lastSeq: number;
    nextBatch: number;
  } & LargeParts;
  /** The analysis keeps nothing of an earlier one. */
  anew?: boolean;
  sealed?: Sealed;
  /** What operators did to the analysis of the current revision. */
  analysis?: 'stopping' | 'stopped' | 'starting';
  /** The current revision was rejected once, and analysed again. */
  rejectedBefore?: boolean;
  /** On the current revision; the journal has those of older ones. */
  decisions: Decision[];
  /** Decisions and reviews in the order of their arrival, until their signatures are checked. */
  unverified?: UnverifiedCommand[];
  /** Number of the last thing that was signed for the delivery. */
  received?: number;
  /** Who was told that a decision is awaited, and who is told next. */
  requests?: RequestsMade;
  /** Number of the last proof. */
  proofs: number;
  proofsRequested: number;
  /** Who asked for those of them that an operator asked for, in order. */
  proofsAskedBy?: string[];
  /** The one that is under way. */
  dryRun?: AskedDryRun;
  /** Number of the last one that was asked for. */
  dryRuns?: number;
  /** Of the current revision, once a proof of it was begun. */
  content?: ProofedContent;
  /** Milliseconds since the epoch; set when sending starts. */
  validUntil?: number;
  /** What the ledger's control row was last told, once sending has started. */
  control?: Control;
  /** What an operator has set in place of the definition's rate. */
  rate?: string;
  /** The rate that the ledger was last told; without one it is unlimited. */
  rateInForce?: string;
  /** A pause whose last message has not been accounted for yet. */
  settling?: boolean;
  /** `sending` says that the canary has left and its wait is over; held, only a person's word sends the others. */
  canary?: 'due' | 'held';
  /** `sending` says that too much may have gone wrong lately; the ledger has not been asked yet. */
  breakerDue?: boolean;
  /** Why it has paused by itself, in numbers. */
  heldFor?: string;
  /** People who are to be told of it: how often it has paused by itself so far, and when it last did. */
  holds?: number;
  untoldHold?: { at: number; why: string };
  /** The workflow that copies our histories has been started. */
  keepingHistories?: boolean;
  /** `sending` says that it has ended; the ledger has not been asked yet. */
  sendingEnded?: boolean;
  /** What kept an entry out of the journal for good: nothing more is written there, and nothing more leaves. */
  journalLost?: string;
  /** Number of the last journal entry. */
  journalled: number;
  /** Number of the last entry that is in the journal. */
  recorded: number;
  /** Number of the last entry that was handed to be written: none of those up to it is changed any more. */
  offered?: number;
  /** Entries that are not in the journal yet. */
  unrecorded: JournalEntry[];
  /** Answers to the last commands that carried an id. */
  answered: [id: string, verdict: Verdict][];
}

type DecideCommand = Command & { name: 'decide' };

/** A bound on what a flood of commands can add to the state. */
const kept = { decisions: 200, answers: 100 } as const;

export function initialState(revision: string, origin: Origin): ProcessState {
  return {
    revision,
    author: origin.operator,
    ...(origin.signature !== undefined && { signature: origin.signature }),
    origin,
    phase: 'checking',
    paused: false,
    stopping: false,
    decisions: [],
    proofs: 0,
    proofsRequested: 0,
    journalled: 0,
    recorded: 0,
    unrecorded: [],
    answered: [],
  };
}

/**
 * Judges a command and, when it is accepted, changes the state by it. The one place that decides what a signal or an
 * Update does; it never waits, so commands take effect in the order of their arrival.
 *
 * @param now - milliseconds since the epoch, the workflow's clock
 * @param checked - of a decision or a review that is signed: what its signature says
 */
export function applyCommand(state: ProcessState, command: Command, now: number, checked?: CheckedSignature): Verdict {
  const known = command.id === undefined ? undefined : state.answered.find(([id]) => id === command.id);
  if (known) return known[1];
  const reason = carryOut(state, command, now, checked);
  const verdict: Verdict = reason === undefined ? { accepted: true } : { accepted: false, reason };
  note(state, now, {
    kind: command.name,
    operator: command.operator,
    ...verdict,
    ...(command.comment === undefined ? {} : { comment: command.comment }),
    ...(command.name === 'decide' ? decisionEntry(command, checked) : {}),
    ...(command.name === 'reviewProof' ? reviewEntry(command, checked) : {}),
    ...(command.name === 'revise' ? { revision: command.revision } : {}),
    ...(command.name === 'revise' && verdict.accepted ? submissionEntry(command) : {}),
    ...(command.name === 'setRate' ? { rate: command.rate } : {}),
  });
  if (command.id !== undefined) {
    state.answered.push([command.id, verdict]);
    if (state.answered.length > kept.answers) state.answered.shift();
  }
  return verdict;
}

function decisionEntry(command: DecideCommand, checked?: CheckedSignature) {
  const { verdict, seal, breakGlass } = command;
  return { verdict, seal, ...signatureEntry(command, checked), ...(breakGlass ? { breakGlass } : {}) };
}

function reviewEntry(command: SignedCommand & { name: 'reviewProof' }, checked?: CheckedSignature) {
  const { verdict, proof } = command;
  return { verdict, proof, ...signatureEntry(command, checked) };
}

/** Signed or not, and by whom, an auditor must see; what a signature was that did not hold, too. */
function signatureEntry({ signature }: SignedCommand, checked?: CheckedSignature) {
  return {
    signed: checked !== undefined && checked.reason === undefined,
    // One that nobody has looked at is not kept: a flood of them would be.
    ...(checked && signature !== undefined ? { signature } : {}),
    ...(checked?.as?.length ? { as: [...checked.as] } : {}),
  };
}

/** It is looked at by the check of the parameters, and stands here until then: what none came with is told at once. */
export function submissionEntry({
  signature,
}: Pick<Submission, 'signature'>): { signature: string } | { signed: false } {
  return signature === undefined ? { signed: false } : { signature };
}

/** @returns why it is refused */
function carryOut(
  state: ProcessState,
  command: Command,
  now: number,
  checked: CheckedSignature | undefined,
): string | undefined {
  if (command.name === 'decide') return decide(state, command, now, checked);
  if (command.name === 'reviewProof') return review(state, command, now, checked);
  return refuseOperator(state, command) ?? act(state, command);
}

/** A command whose shape is wrong: recorded, and of no effect. */
export function refuseMalformed(state: ProcessState, name: string, reason: string, now: number): Verdict {
  const told = `${name.slice(0, 50)}: ${reason}`.replaceAll('\0', '\uFFFD').toWellFormed();
  note(state, now, { kind: 'malformed', accepted: false, reason: told });
  return { accepted: false, reason };
}

/** All but decisions and reviews, which have their own rules, may be given by whoever has to do with the delivery. */
function refuseOperator({ origin, author, next, terms }: ProcessState, { operator }: Command): string | undefined {
  const people = [origin.operator, author, next?.author, terms?.owner, ...(terms?.approval.approvers ?? [])];
  if (people.includes(operator) || decidersOf(origin.rules).includes(operator)) return undefined;
  return `operator "${operator}" is neither the author nor the owner nor one of the approvers`;
}

function decide(
  state: ProcessState,
  command: DecideCommand,
  now: number,
  checked: CheckedSignature | undefined,
): string | undefined {
  const { operator, verdict, seal, comment, breakGlass, signature } = command;
  const reason =
    refuseDecisionInState(state, command, now, checked) ??
    (signature !== undefined && !checked ? 'its signature was not checked' : undefined);
  const decision: Decision = {
    operator,
    verdict,
    seal,
    ...(comment === undefined ? {} : { comment }),
    ...(breakGlass ? { breakGlass } : {}),
    ...(checked && reason === undefined ? { signed: true } : {}),
    ...(checked?.as?.length ? { as: checked.as } : {}),
    at: new Date(now).toISOString(),
    accepted: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
  if (reason === undefined && verdict === 'withdraw' && state.phase === 'scheduled' && state.sealed)
    state.sealed.withdrawn = true;
  state.decisions.push(decision);
  // A flood of refusals must not push out what counts.
  const excess = state.decisions.findIndex((one) => !one.accepted);
  if (state.decisions.length > kept.decisions && excess >= 0) state.decisions.splice(excess, 1);
  return reason;
}

/** Before its signature is checked, who decides is not judged: what is claimed may not be true. */
export function refuseDecisionInState(
  state: ProcessState,
  command: DecideCommand,
  now: number,
  checked: CheckedSignature | undefined,
): string | undefined {
  const request = decisionRequest(state);
  if (state.stopping || isFinal(state.phase)) return 'the delivery is stopped or has ended';
  if (state.next) return 'a new revision has been submitted; its analysis must be decided on';
  if (state.phase === 'awaiting-revision') return 'the delivery awaits a new revision';
  const waits = state.paused || now < contactAt(state);
  const takesBack = command.verdict === 'withdraw' && state.phase === 'scheduled' && waits;
  if (!request || (state.phase !== 'awaiting-decision' && !takesBack)) {
    return state.sealed ? 'the delivery has been decided on' : 'the analysis is not finished: there is no seal yet';
  }
  const decided = state.sealed?.confirmed || (approval(state, now) !== 'waiting' && now < request.expiresAt);
  if (decided && !takesBack) return 'the delivery has been decided on';
  if (command.signature !== undefined && !checked)
    return command.seal === request.seal ? undefined : 'it names another seal than that of the current analysis';
  return (
    checked?.reason ??
    refuseDecision(request, { ...command, as: checked?.as, signed: checked !== undefined }, state.decisions, now)
  );
}

function act(state: ProcessState, command: Exclude<Command, { name: 'decide' | 'reviewProof' }>): string | undefined {
  if (isFinal(state.phase)) return `the delivery is ${state.phase}`;
  if (state.stopping) return 'the delivery is being stopped';
  switch (command.name) {
    case 'pause':
      if (state.paused) return 'the delivery is paused already';
      state.paused = true;
      return undefined;
    case 'resume':
      if (!state.paused) return 'the delivery is not paused';
      state.paused = false;
      delete state.heldFor;
      return undefined;
    case 'stop':
      state.stopping = true;
      return undefined;
    case 'setRate':
      return setRate(state, command);
    case 'revise':
      return revise(state, command);
    case 'sendProof':
      if (state.terms?.faulty) return 'the parameters have errors: submit a new revision';
      if (state.terms && !state.terms.hasProofRecipients) return 'the definition names no proof recipients';
      if (isUnderWay(state.phase)) return 'sending has begun';
      if (state.proofsRequested >= 10) return '10 proofs wait to be sent already';
      state.proofsRequested += 1;
      (state.proofsAskedBy ??= []).push(command.operator);
      return undefined;
    case 'dryRun':
      return askDryRun(state, command.operator);
    case 'stopAnalysis':
      return stopAnalysis(state);
    case 'startAnalysis':
      return startAnalysis(state);
  }
}

function setRate(state: ProcessState, { rate }: Command & { name: 'setRate' }): string | undefined {
  if (!isUnderWay(state.phase)) return 'nothing is being sent: give sending.rate in the definition';
  if (rate === wantedRate(state)) return `its rate is ${rate} already`;
  state.rate = rate;
  return undefined;
}

function stopAnalysis(state: ProcessState): string | undefined {
  if (state.phase !== 'analysing') return 'no analysis is under way';
  if (state.analysis === 'stopping') return 'the analysis is being stopped';
  state.analysis = 'stopping';
  return undefined;
}

function startAnalysis(state: ProcessState): string | undefined {
  if (state.next) return 'a new revision has been submitted; its analysis starts by itself';
  if (state.phase !== 'awaiting-revision')
    return 'only an analysis that was stopped, or whose result was not confirmed, starts again';
  if (state.analysis === 'starting') return 'the analysis starts already';
  if (state.analysis !== 'stopped' && !state.sealed) return 'the parameters have errors: submit a new revision';
  state.analysis = 'starting';
  if (state.decisions.some((one) => one.accepted && one.verdict === 'reject')) state.rejectedBefore = true;
  forgetDecisions(state);
  return undefined;
}

function revise(
  state: ProcessState,
  { revision, operator, signature }: Command & { name: 'revise' },
): string | undefined {
  // One that waits for its contact date can be given another one.
  const waits = state.phase === 'scheduled' && state.sealed?.schedule?.startsAt !== undefined;
  if (isUnderWay(state.phase) && !waits) return 'sending has begun: stop the delivery and start another one';
  if (revision === (state.next ?? state).revision && !awaitsAuthor(state))
    return 'this is the current revision already';
  state.next = { revision, author: operator };
  if (signature !== undefined) {
    state.received = (state.received ?? 0) + 1;
    Object.assign(state.next, { signature, submitted: state.received });
  }
  forgetDecisions(state);
  delete state.content;
  return undefined;
}

/** Nothing comes of the current revision before it is submitted again, signed by its author. */
function awaitsAuthor(state: ProcessState): boolean {
  const { next, terms } = state;
  if (next || !terms || terms.authorSigned) return false;
  return terms.faulty === true || whyUnproven({ rules: approvalRules(state) }) !== undefined;
}

/** The same text analysed once more has the same seal: nothing said of it before may count again. */
function forgetDecisions(state: ProcessState): void {
  state.decisions = [];
  delete state.sealed;
}

/** Whether the step that is running has been overtaken by a stop, of its own or of all, or by a new revision. */
export function isInterrupted(state: ProcessState): boolean {
  return state.stopping || state.next !== undefined || state.analysis === 'stopping';
}

/** The end of a delivery that an operator stopped, or whose journal is not its own any more. */
export function stopNow(state: ProcessState, now: number): void {
  enter(state, state.journalLost === undefined ? 'stopped' : 'failed', now, state.journalLost);
}

/** It pauses by itself, until a person lets it go on. */
export function hold(state: ProcessState, why: string, now: number): void {
  state.paused = true;
  state.heldFor = why;
  state.holds = (state.holds ?? 0) + 1;
  state.untoldHold = { at: now, why };
  note(state, now, { kind: 'held', reason: why });
}

/** What the ledger's control row should say while sending. */
export function wantedControl(state: ProcessState): Control {
  if (state.stopping) return 'stop';
  return state.paused ? 'pause' : 'run';
}

/** The contact date that was sealed, in milliseconds since the epoch; long ago where there is none. */
export function contactAt({ sealed }: Pick<ProcessState, 'sealed'>): number {
  return sealed?.schedule?.startsAt === undefined ? -Infinity : Date.parse(sealed.schedule.startsAt);
}

/** How fast messages should leave while sending. */
export function wantedRate({ rate, terms }: ProcessState): string {
  return rate ?? terms?.sending.rate ?? unlimited;
}

/** Makes the submitted revision the current one; proofs, analysis and decisions of the old one count no more. */
export function takeRevision(state: ProcessState, now: number): void {
  if (!state.next) return;
  delete state.signature;
  delete state.submitted;
  Object.assign(state, state.next);
  delete state.next;
  delete state.terms;
  delete state.target;
  delete state.sealed;
  delete state.analysis;
  delete state.rejectedBefore;
  delete state.anew;
  delete state.rate;
  enter(state, 'checking', now, 'a new revision was submitted');
}
