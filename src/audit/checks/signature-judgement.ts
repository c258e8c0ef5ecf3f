import { z } from 'zod';
import { membersThatDiffer, type StatementKind } from '../../delivery/signed-statement.js';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import { keyIdIn, readStatement } from '../operator-signature.js';
import { clocksMs } from './check.js';

/** What the signatures of one kind of entries come to. */
export interface SignatureTally {
  /** Sentences, each with the entry's number. */
  faults: string[];
  signed: number;
  /** Of those that counted: who gave them is claimed. */
  claimed: number;
}

/** What the signatures in a journal come to, all of them or those that counted. */
export interface SignatureJudgement {
  decisions: SignatureTally;
  reviews: SignatureTally;
  /** Entries by which somebody submitted a revision, and why their signature does not hold, where one came. */
  submissions: ReadonlyMap<number, { operator: string; signed: boolean; fault?: string }>;
  /** Of those, whose author has signed. */
  proven: ReadonlySet<number>;
  /** Submissions and reviews from before they were signed. */
  early: ReadonlySet<number>;
}

/** What is stored of keys and revisions. */
interface Stored {
  operators: readonly Pick<PartRow<'operators'>, 'id' | 'keys'>[];
  revisions: readonly Pick<PartRow<'revisions'>, 'hash' | 'settings'>[];
}

const entrySchema = z.looseObject({
  operator: z.string(),
  accepted: z.boolean().optional(),
  signed: z.boolean().optional(),
  signature: z.string().optional(),
});
type Signed = z.output<typeof entrySchema>;

/** Which entries are signed as what. */
export const signedAs: Readonly<Record<string, StatementKind>> = {
  started: 'submission',
  revise: 'submission',
  decide: 'decision',
  reviewProof: 'review',
};

/** Looks at the signatures in a journal. What was refused proves nothing, and may well be refused for its signature. */
export async function judgeSignatures(
  delivery: string | undefined,
  journal: readonly ChainedEntry[],
  stored: Stored,
): Promise<SignatureJudgement> {
  const judge = new SignatureJudge(delivery, journal, stored);
  for (const entry of journal) await judge.take(entry);
  return judge;
}

const tally = (): SignatureTally => ({ faults: [], signed: 0, claimed: 0 });

class SignatureJudge implements SignatureJudgement {
  readonly decisions = tally();
  readonly reviews = tally();
  readonly submissions = new Map<number, { operator: string; signed: boolean; fault?: string }>();
  readonly proven = new Set<number>();
  readonly early = new Set<number>();
  private readonly given = new Set<string>();

  constructor(
    private readonly delivery: string | undefined,
    private readonly journal: readonly ChainedEntry[],
    private readonly stored: Stored,
  ) {}

  async take(entry: ChainedEntry): Promise<void> {
    const kind = Object.hasOwn(signedAs, entry.kind) ? signedAs[entry.kind] : undefined;
    if (!kind) return;
    const told = entrySchema.safeParse(entry.data).data;
    if (kind === 'submission') await this.takeSubmission(entry, told);
    else await this.takeWord(kind, entry, told);
  }

  private async takeWord(kind: 'decision' | 'review', entry: ChainedEntry, told: Signed | undefined): Promise<void> {
    const sum = kind === 'decision' ? this.decisions : this.reviews;
    if (!told) {
      if (entry.data['accepted'] !== false) sum.faults.push(`entry ${entry.n}: this ${kind} cannot be read`);
      return;
    }
    const { operator, accepted, signed, signature } = told;
    if (signed || signature !== undefined) sum.signed += 1;
    else if (accepted) sum.claimed += 1;
    if (kind === 'review' && signed === undefined && signature === undefined) this.early.add(entry.n);
    if (!accepted) return;
    const fault = await this.faultOf(kind, entry, told);
    if (fault !== undefined)
      sum.faults.push(`entry ${entry.n} (${String(entry.data['verdict'])} by ${operator}): ${fault}`);
  }

  private async takeSubmission(entry: ChainedEntry, told: Signed | undefined): Promise<void> {
    if (!told || (entry.kind === 'revise' && !told.accepted)) return;
    const { operator, signed, signature } = told;
    if (signature === undefined && signed === undefined) this.early.add(entry.n);
    const fault = await this.faultOf('submission', entry, told);
    const isSigned = signature !== undefined;
    if (isSigned && fault === undefined) this.proven.add(entry.n);
    this.submissions.set(entry.n, { operator, signed: isSigned, ...(fault !== undefined && { fault }) });
  }

  /** @returns why the signature of an entry does not stand for what the entry says */
  private async faultOf(
    kind: StatementKind,
    { n, at, data }: ChainedEntry,
    { operator, signed, signature }: Signed,
  ): Promise<string | undefined> {
    if (signature === undefined) return signed ? 'it counts as signed, and its signature is missing' : undefined;
    const keys = this.stored.operators.find(({ id }) => id === operator)?.keys;
    const key = keys?.find(({ kid }) => kid === keyIdIn(kind, signature));
    if (!key) return 'its signature names a key that this operator never had';
    const statement = await readStatement(kind, signature, key.publicKey);
    if (!statement) return `its signature is forged: it does not match the ${kind} or the key`;
    if (this.given.has(statement.nonce)) return 'it was given before, and counts once';
    this.given.add(statement.nonce);
    const about = { ...data, ...this.aboutOf(kind, n, data), delivery: this.delivery };
    const others = membersThatDiffer(kind, statement, about);
    if (others.length > 0) return `what was signed is of another ${others.join(', ')}`;
    if (Date.parse(at) < Date.parse(key.addedAt) - clocksMs) return 'its key was added later';
    if (key.revokedAt !== undefined && Date.parse(at) >= Date.parse(key.revokedAt) + clocksMs)
      return 'its key had been revoked';
    return undefined;
  }

  /** What an entry is about beside what it says itself. */
  private aboutOf(kind: StatementKind, n: number, data: ChainedEntry['data']): object {
    if (kind === 'submission') return { author: data['operator'] };
    const before = (wanted: string) => (entry: ChainedEntry) => entry.kind === wanted && entry.n < n;
    if (kind === 'review') {
      const ofThis = before('proof');
      const shown = this.journal.findLast((entry) => ofThis(entry) && entry.data['proof'] === data['proof']);
      return { revision: shown?.data['revision'] };
    }
    const sealed = this.journal.findLast(before('sealed'));
    const revision = sealed?.data['revision'];
    const settings = this.stored.revisions.find(({ hash }) => hash === revision)?.settings;
    const inDoubt = sendingSchema.safeParse(settings).data?.sending.inDoubt;
    return { revision, sealedAt: sealed?.at, inDoubt };
  }
}

const sendingSchema = z.object({ sending: z.object({ inDoubt: z.string() }) });
