import type { Decision, JournalEntry, ProofReview } from '../client/index.js';
import type { CommandName } from '../delivery/command.js';
import { unlimited } from '../delivery/rate.js';
import { phaseText } from './phase-text.js';
import { countsText, grouped, oneLine, plural, timeText } from './terminal-text.js';

/** What an operator did, or wanted to do where it was refused. */
type Act = Exclude<CommandName, 'decide' | 'reviewProof'>;

const acts: Record<Act, [done: string, wanted: string]> = {
  pause: ['paused it', 'pause it'],
  resume: ['resumed it', 'resume it'],
  stop: ['stopped it', 'stop it'],
  setRate: ['set its rate', 'set its rate'],
  revise: ['submitted revision', 'submit revision'],
  sendProof: ['asked for another proof', 'get another proof'],
  dryRun: ['asked for a dry run', 'get a dry run'],
  stopAnalysis: ['stopped its analysis', 'stop its analysis'],
  startAnalysis: ['started its analysis again', 'start its analysis again'],
};

/** What ends a delivery, by the name that the workflow gives it. */
const failures: Readonly<Record<string, string>> = {
  SealBroken: 'a message no longer matches what was sealed',
  SealMismatch: 'the ledger holds another seal than the one that was confirmed',
  SendingClosed: 'its sending was ended by hand in Temporal',
  RevisionMissing: 'the ledger lacks its revision',
  Internal: 'something unexpected went wrong; the worker’s log tells where',
};

/** An entry of the journal as a person reads it: who did what, or what happened by itself. */
export function journalLine(entry: JournalEntry): string {
  return oneLine(`  ${String(entry.n).padStart(3)}  ${timeText(entry.at)}  ${entryText(entry)}`);
}

/** The same without number and time. */
export function entryText(entry: JournalEntry): string {
  const { comment, times } = entry;
  const repeated = times === undefined ? '' : ` (${times} times)`;
  const words = comment === undefined ? '' : `; "${comment}"`;
  return `${happened(entry)}${repeated}${words}`;
}

function happened(entry: JournalEntry): string {
  const { kind, phase, reason, proof, seal = '', counts = {}, lastSentAt } = entry;
  const because = reason === undefined ? '' : ` (${Object.hasOwn(failures, reason) ? failures[reason] : reason})`;
  switch (kind) {
    case 'phase':
      return `${phase === undefined ? 'another phase' : phaseText(phase)}${because}`;
    case 'started':
      return `${entry.operator ?? 'somebody'} started it with revision ${(entry.revision ?? '').slice(0, 12)}${unsignedText(entry)}`;
    case 'proof':
      return `proof ${proof ?? ''}${entry.operator === undefined ? '' : `, for ${entry.operator},`} is out: ${countsText(counts) || 'no messages'}`;
    case 'dry-run':
      return `dry run, for ${entry.operator ?? 'somebody'}: ${countsText(counts) || 'no answers'}${because}; nothing was sent`;
    case 'sealed':
      return `${plural(counts['sealed'] ?? 0, 'message')} sealed: ${seal.slice(0, 8)}`;
    case 'requested':
      return requestText(entry);
    case 'malformed':
      return `a command of no known shape; refused${because}`;
    case 'sending-paused':
      return `no message is under way any more${lastSentAt === undefined ? '' : `; the last one left at ${timeText(lastSentAt)}`}`;
    case 'sending-resumed':
      return 'messages may leave again';
    case 'rate-set':
      return entry.rate === unlimited
        ? 'messages leave as fast as they are taken'
        : `messages leave at ${entry.rate ?? 'another rate'} at the most`;
    case 'late':
      return `what was confirmed counts no more${because}`;
    case 'held':
      return `it paused itself${because}`;
    case 'told':
      return toldText(entry, 'told', 'that it has paused itself');
    case 'ended':
      return `ended: ${countsText(counts) || 'no messages'}`;
    case 'in-doubt':
      return resolved(entry);
    case 'decide':
      return decisionText({
        operator: 'somebody',
        seal,
        accepted: true,
        ...entry,
        verdict: entry.verdict === 'reject' || entry.verdict === 'withdraw' ? entry.verdict : 'confirm',
      });
    case 'reviewProof':
      return reviewText({
        operator: 'somebody',
        accepted: true,
        ...entry,
        verdict: entry.verdict === 'reject' ? 'reject' : 'approve',
        proof: entry.proof ?? 0,
      });
    case 'pause':
    case 'resume':
    case 'stop':
    case 'setRate':
    case 'revise':
    case 'sendProof':
    case 'dryRun':
    case 'stopAnalysis':
    case 'startAnalysis':
      return commanded(entry, kind);
  }
}

const requestsDone: Readonly<Record<string, [done: string, about: string]>> = {
  request: ['asked', 'for the decision on'],
  reminder: ['reminded', 'of the decision on'],
  escalation: ['told', 'that nobody has decided yet on'],
};

const untoldBecause: Record<NonNullable<JournalEntry['untold']>, string> = {
  'no-sender': 'the worker’s SEALPOST_NOTICE_FROM is not set',
  nobody: 'the definition names nobody who is an operator here',
  overtaken: 'something else came before the relay had taken all mail',
  failed: 'the mail could not be made; the worker’s log tells why',
};

/** Who was told that a decision is awaited. */
function requestText(entry: JournalEntry): string {
  const { reason = '', seal = '' } = entry;
  const [done, about] = requestsDone[reason] ?? ['told', 'of'];
  return toldText(entry, done, `${about} seal ${seal.slice(0, 8)}`);
}

/** Who was told of something by e-mail, in numbers, and who was not. */
function toldText({ counts = {}, untold }: JournalEntry, done: string, what: string): string {
  const { told = 0, 'without-address': unaddressed = 0, refused = 0 } = counts;
  const few = untold === 'overtaken' ? 'not everybody' : told === 0 ? 'nobody' : '1 person';
  const whom = told > 1 ? `${grouped(told)} people` : few;
  const why = [
    ...(untold === undefined ? [] : [untoldBecause[untold]]),
    ...(unaddressed === 0 ? [] : [`${grouped(unaddressed)} without an address`]),
    ...(refused === 0 ? [] : [`${grouped(refused)} refused by the relay`]),
  ];
  return [`${whom} ${done} by e-mail ${what}`, ...why].join('; ');
}

/** What is marked in the journal, for it is claimed and not proven. */
const unsignedText = ({ signed }: { signed?: boolean | undefined }): string => (signed === false ? ', unsigned' : '');

const verdictsDone = { confirm: 'confirmed', reject: 'rejected', withdraw: 'withdrew' } as const;

/** A decision as a person reads it: whether it counts, else why not. */
export function decisionText(decision: Omit<Decision, 'at'>): string {
  const { operator, verdict, seal, accepted, reason, signed, breakGlass } = decision;
  const which = `${verdict === 'withdraw' ? 'the confirmation of ' : ''}seal ${seal.slice(0, 8)}`;
  const how = `${breakGlass ? ', in an emergency' : ''}${unsignedText({ signed })}`;
  if (accepted) return `${operator} ${verdictsDone[verdict]} ${which}${how}`;
  return `${operator} wanted to ${verdict} ${which}${breakGlass ? ' in an emergency' : ''}; refused: ${reason ?? 'no reason was given'}`;
}

/** A reviewer's word as a person reads it: whether it counts, else why not. */
export function reviewText({ operator, verdict, proof, accepted, reason, signed }: Omit<ProofReview, 'at'>): string {
  const done = verdict === 'approve' ? 'approved' : 'rejected';
  if (accepted) return `${operator} ${done} what proof ${proof} shows${unsignedText({ signed })}`;
  return `${operator} wanted to ${verdict} what proof ${proof} shows; refused: ${reason ?? 'no reason was given'}`;
}

function resolved({ operator = 'somebody', verdict, accepted, reason, counts = {} }: JournalEntry): string {
  const which = accepted ? plural(counts['messages'] ?? 0, 'message') : 'messages';
  if (accepted) return `${operator} resolved ${which} in doubt: ${verdict ?? ''}`;
  return `${operator} wanted to resolve ${which} in doubt: ${verdict ?? ''}; refused: ${reason ?? 'no reason was given'}`;
}

function commanded(entry: JournalEntry, kind: Act): string {
  const { operator = 'somebody', accepted, reason, revision, rate } = entry;
  const [done, wanted] = acts[kind];
  const named = [
    ...(revision === undefined ? [] : [` ${revision.slice(0, 12)}`]),
    ...(rate === undefined ? [] : [` to ${rate}`]),
  ].join('');
  if (accepted !== false)
    return `${operator} ${done}${named}${unsignedText(entry)}${reason === undefined ? '' : ` (${reason})`}`;
  return `${operator} wanted to ${wanted}${named}; refused: ${reason ?? 'no reason was given'}`;
}
