import { z } from 'zod';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import { keyIdIn, readDecision } from '../decision-signature.js';
import { clocksMs, faultsOf, type Check } from './check.js';

const decisionSchema = z.object({
  operator: z.string(),
  verdict: z.string(),
  seal: z.string(),
  accepted: z.boolean(),
  signed: z.boolean().default(false),
  signature: z.string().optional(),
  comment: z.string().optional(),
  breakGlass: z.boolean().optional(),
});
type JournalledDecision = z.output<typeof decisionSchema>;

export const decisionChecks: readonly Check[] = [
  {
    name: 'decisions',
    title: 'signed decisions are by keys that were good then, for this delivery, revision, seal and verdict',
    judge: async ({ delivery, journal, operators, revisions }) => {
      const { faults, signed, claimed } = await judgeDecisions(delivery?.id, journal, { operators, revisions });
      return {
        faults: faultsOf('journal', faults),
        note: `${signed} signed${claimed > 0 ? `; ${claimed} that counted are unsigned: who gave them is claimed, not proven` : ''}`,
      };
    },
  },
];

interface Stored {
  operators: readonly Pick<PartRow<'operators'>, 'id' | 'keys'>[];
  revisions: readonly Pick<PartRow<'revisions'>, 'hash' | 'settings'>[];
}

/** Looks at the signatures of a journal's decisions. @returns sentences, each with the entry's number, and how many are signed */
export async function judgeDecisions(
  delivery: string | undefined,
  journal: readonly ChainedEntry[],
  { operators, revisions }: Stored,
): Promise<{ faults: string[]; signed: number; claimed: number }> {
  const given = new Set<string>();
  const faults: string[] = [];
  let [signed, claimed] = [0, 0];
  for (const entry of journal.filter(({ kind }) => kind === 'decide')) {
    const decision = decisionSchema.safeParse(entry.data).data;
    if (!decision) {
      if (entry.data['accepted'] !== false) faults.push(`entry ${entry.n}: this decision cannot be read`);
      continue;
    }
    if (decision.signed || decision.signature !== undefined) signed += 1;
    else if (decision.accepted) claimed += 1;
    // What was refused proves nothing, and may well be refused for its signature.
    if (!decision.accepted) continue;
    const about = { ...analysisDecidedOn(journal, entry.n, revisions), delivery };
    const fault = await faultOf({ ...decision, ...about, at: entry.at }, operators, given);
    if (fault !== undefined) faults.push(`entry ${entry.n} (${decision.verdict} by ${decision.operator}): ${fault}`);
  }
  return { faults, signed, claimed };
}

/** What was decided on, by what is stored of it. */
interface Analysis {
  revision?: unknown;
  sealedAt?: unknown;
  inDoubt?: unknown;
}

const sendingSchema = z.object({ sending: z.object({ inDoubt: z.string() }) });

function analysisDecidedOn(journal: readonly ChainedEntry[], n: number, revisions: Stored['revisions']): Analysis {
  const sealed = journal.findLast((entry) => entry.kind === 'sealed' && entry.n < n);
  const revision = sealed?.data['revision'];
  const settings = revisions.find(({ hash }) => hash === revision)?.settings;
  return { revision, sealedAt: sealed?.at, inDoubt: sendingSchema.safeParse(settings).data?.sending.inDoubt };
}

/** What must be in the signature as it is in journal and settings. */
const members = ['delivery', 'revision', 'seal', 'sealedAt', 'verdict', 'inDoubt', 'comment', 'breakGlass'] as const;

async function faultOf(
  decision: JournalledDecision & Analysis & { at: string; delivery: unknown },
  operators: Stored['operators'],
  given: Set<string>,
): Promise<string | undefined> {
  const { signature, signed, operator, at } = decision;
  if (signature === undefined) return signed ? 'it counts as signed, and its signature is missing' : undefined;
  const key = operators.find(({ id }) => id === operator)?.keys.find(({ kid }) => kid === keyIdIn(signature));
  if (!key) return 'its signature names a key that this operator never had';
  const payload = await readDecision(signature, key.publicKey);
  if (!payload) return 'its signature is forged: it does not match the decision or the key';
  if (given.has(payload.nonce)) return 'it was given before, and counts once';
  given.add(payload.nonce);
  const others = members.filter((name) => payload[name] !== decision[name]);
  if (others.length > 0) return `what was signed is of another ${others.join(', ')}`;
  if (Date.parse(at) < Date.parse(key.addedAt) - clocksMs) return 'its key was added later';
  if (key.revokedAt !== undefined && Date.parse(at) >= Date.parse(key.revokedAt) + clocksMs)
    return 'its key had been revoked';
  return undefined;
}
