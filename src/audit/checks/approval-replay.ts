import { z } from 'zod';
import {
  evaluateApproval,
  refuseDecision,
  rulesInForce,
  type ApprovalRules,
  type Decision,
  type DecisionRequest,
} from '../../delivery/approval-policy.js';
import { withReview, type ProofedContent } from '../../delivery/content-approval.js';
import { deliverySettingsSchema } from '../../delivery/definition.js';
import { durationMs } from '../../delivery/duration.js';
import { countFindings, type FindingCounts } from '../../delivery/finding.js';
import { tookAny } from '../../delivery/message-status.js';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';

/** What the journal's entries come to under the approval policy of this version. */
export interface ApprovalReplay {
  /** The instant in which the delivery was released for sending. */
  confirmation?: { n: number; at: string; seal: string; revision: string; submission: number };
  /** The last analysis on which nothing has put an end, and whether the decisions on it let it leave. */
  pending?: Pick<DecisionRequest, 'rules' | 'seal' | 'count' | 'findings'> & {
    revision: string;
    /** Number of the entry by which it was submitted. */
    submission: number;
    confirmed: boolean;
  };
  /** In words. */
  faults: string[];
}

const approvalSchema = deliverySettingsSchema.shape.approval;
const termsSchema = z.object({ owner: z.string().optional(), approval: approvalSchema });

const entrySchema = z.object({
  operator: z.string().default(''),
  signed: z.boolean().optional(),
  as: z.array(z.string()).default([]),
  breakGlass: z.boolean().default(false),
  comment: z.string().optional(),
  accepted: z.boolean().optional(),
  revision: z.string().default(''),
  seal: z.string().default(''),
  verdict: z.string().optional(),
  phase: z.string().optional(),
  proof: z.int().default(0),
  counts: z.record(z.string(), z.number()).default({}),
  findings: z.object({ error: z.int(), warning: z.int(), info: z.int() }).optional(),
  expiresAt: z.iso.datetime().optional(),
  rules: z.object({ owner: z.string(), settings: approvalSchema }).optional(),
});

type Entry = z.output<typeof entrySchema> & { n: number; at: string };

/** What the journal names, as it is stored. */
export interface StoredRevisions {
  revisions: readonly Pick<PartRow<'revisions'>, 'hash' | 'settings'>[];
  findings: readonly Pick<PartRow<'findings'>, 'revision' | 'level' | 'count'>[];
}

/**
 * Judges again, entry by entry, what was decided on a delivery.
 *
 * @param signed - numbers of the entries that count as signed by who submitted a revision, or reviewed, and do not say so
 *   themselves
 */
export function replayApproval(
  journal: readonly ChainedEntry[],
  stored: StoredRevisions,
  signed: ReadonlySet<number>,
): ApprovalReplay {
  const replay = new Replay(stored, signed);
  for (const { n, at, kind, data } of journal) {
    const entry = entrySchema.safeParse(data);
    if (entry.success) replay.take(kind, { ...entry.data, n, at });
    else replay.result.faults.push(`entry ${n} cannot be read`);
  }
  return replay.outcome();
}

/** A revision, who submitted it, and the number of the entry that tells so. */
interface Submitted {
  revision: string;
  author: string;
  n: number;
}

class Replay {
  readonly result: ApprovalReplay = { faults: [] };
  private origin: ApprovalRules | undefined;
  private current: Submitted = { revision: '', author: '', n: 0 };
  private next: Submitted | undefined;
  private sealed:
    { seal: string; count: number; findings: FindingCounts; expiresAt: number; late?: boolean } | undefined;
  private decisions: Decision[] = [];
  private content: ProofedContent | undefined;
  private rejectedBefore = false;
  private held = false;
  private lastSealedAt = '';

  constructor(
    private readonly stored: StoredRevisions,
    private readonly signed: ReadonlySet<number>,
  ) {}

  outcome(): ApprovalReplay {
    const request = this.request();
    if (!request) return this.result;
    const { rules, seal, count, findings } = request;
    const { revision, n: submission } = this.current;
    return { ...this.result, pending: { rules, seal, count, findings, revision, submission, confirmed: this.held } };
  }

  take(kind: string, entry: Entry): void {
    if (kind === 'started') this.start(entry);
    if (kind === 'proof') this.proof(entry);
    if (kind === 'sealed') this.seal(entry);
    if (kind === 'decide') this.decide(entry);
    if (kind === 'phase' && entry.phase === 'checking') this.takeRevision();
    if (kind === 'phase' && entry.phase === 'scheduled') this.release(entry);
    if (kind === 'late') this.reopen(entry);
    // Back there, a confirmation was withdrawn, or its start came too late.
    if (kind === 'phase' && entry.phase === 'awaiting-decision') delete this.result.confirmation;
    if (entry.accepted !== true) return;
    if (kind === 'revise') this.revise(entry);
    if (kind === 'startAnalysis') this.analyseAgain();
    if (kind === 'reviewProof') this.review(entry);
  }

  private start({ n, operator, revision, rules }: Entry): void {
    if (this.current.revision !== '') return void this.result.faults.push(`entry ${n}: a delivery starts once`);
    this.current = { revision, author: operator, n };
    const terms = this.termsOf(revision);
    const stored = terms && { owner: terms.owner ?? operator, settings: terms.approval };
    // Whoever starts a workflow by hand can give it any rules; a revision's name holds its own.
    this.origin = stored ?? rules;
    if (!stored || (rules && rulesInForce(stored, rules).length > 1))
      this.result.faults.push(`entry ${n}: it was started under other approval rules than those of its revision`);
  }

  private termsOf(hash: string): z.output<typeof termsSchema> | undefined {
    return termsSchema.safeParse(this.stored.revisions.find((one) => one.hash === hash)?.settings).data;
  }

  private request(): DecisionRequest | undefined {
    const { sealed, origin, content, rejectedBefore } = this;
    const { revision, author, n } = this.current;
    const terms = this.termsOf(revision);
    if (!sealed || !origin || !terms) return undefined;
    const rules = rulesInForce(origin, { owner: terms.owner ?? origin.owner, settings: terms.approval });
    return { rules, author, authorSigned: this.signed.has(n), ...sealed, content, rejectedBefore };
  }

  private seal({ n, at, seal, counts, findings, expiresAt }: Entry): void {
    // Or a decision on an earlier analysis, which nobody let count then, could be passed off as one on this.
    if (at < this.lastSealedAt) this.result.faults.push(`entry ${n}: it was sealed before an earlier analysis`);
    this.lastSealedAt = at;
    const { revision } = this.current;
    const terms = this.termsOf(revision);
    const counted = this.stored.findings
      .filter((one) => one.revision === revision)
      .flatMap(({ level, count }) => Array.from({ length: count }, () => ({ level })));
    const expiry = expiresAt ?? Date.parse(at) + (terms ? durationMs(terms.approval.expiresAfter) : 0);
    const count = counts['sealed'] ?? 0;
    this.sealed = { seal, count, findings: findings ?? countFindings(counted), expiresAt: new Date(expiry).getTime() };
    this.hold(at);
  }

  /** A mode, or what the content's reviewers say, may let it leave without a decision. */
  private hold(at: string): void {
    const request = this.request();
    this.held ||= request !== undefined && evaluateApproval(request, this.decisions, Date.parse(at)) === 'confirmed';
  }

  private decide(entry: Entry): void {
    const { n, at, operator, verdict, seal, accepted = false, signed = false, as, breakGlass, comment } = entry;
    if (verdict !== 'confirm' && verdict !== 'reject' && verdict !== 'withdraw') return;
    const why = comment === undefined ? {} : { comment };
    const decision: Decision = { operator, verdict, seal, at, accepted, signed, as, breakGlass, ...why };
    const request = this.request();
    const refused = request
      ? refuseDecision(request, decision, this.decisions, Date.parse(at))
      : 'there was nothing to decide on';
    if (accepted && refused !== undefined) {
      this.result.faults.push(`entry ${n}: this ${verdict} counted, and must not have: ${refused}`);
    }
    this.decisions.push(decision);
    this.held = false;
    this.hold(at);
  }

  private release({ n, at }: Entry): void {
    const request = this.request();
    // It counted when it was given: what grew old while that was recorded is as good.
    const now = request ? evaluateApproval(request, this.decisions, Date.parse(at)) : 'without a seal';
    const outcome = this.held ? 'confirmed' : now;
    if (outcome !== 'confirmed') {
      this.result.faults.push(`entry ${n}: the delivery was released, but by the entries before it stood ${outcome}`);
    }
    const { revision, n: submission } = this.current;
    this.result.confirmation = { n, at, seal: this.sealed?.seal ?? '', revision, submission };
  }

  /** What was decided before a start that came too late counts no more. */
  private reopen({ at, expiresAt = at }: Entry): void {
    if (this.sealed) this.sealed = { ...this.sealed, late: true, expiresAt: Date.parse(expiresAt) };
    this.decisions = [];
    this.held = false;
  }

  private proof({ at, proof, counts, revision }: Entry): void {
    if (revision !== this.current.revision || this.next) return;
    const request = this.request();
    const late = request && evaluateApproval(request, this.decisions, Date.parse(at)) === 'expired';
    this.content ??= { proofs: [], reviews: [] };
    this.content.proofs.push({ proof, sent: !late && tookAny(counts) });
    this.hold(at);
  }

  private review({ n, at, operator, verdict, proof, signed = this.signed.has(n) }: Entry): void {
    if (!this.content || (verdict !== 'approve' && verdict !== 'reject')) return;
    this.content.reviews = withReview(this.content.reviews, { operator, verdict, proof, signed });
    this.hold(at);
  }

  private revise({ n, revision, operator }: Entry): void {
    this.next = { revision, author: operator, n };
    this.forget();
    this.content = undefined;
  }

  private takeRevision(): void {
    if (!this.next) return;
    // It may have been confirmed already, and waited for its contact date.
    delete this.result.confirmation;
    this.current = this.next;
    this.next = undefined;
    this.content = undefined;
    this.rejectedBefore = false;
    this.forget();
  }

  private analyseAgain(): void {
    this.rejectedBefore ||= this.decisions.some((one) => one.accepted && one.verdict === 'reject');
    this.forget();
  }

  private forget(): void {
    this.decisions = [];
    this.held = false;
    this.sealed = undefined;
  }
}
