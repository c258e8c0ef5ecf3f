import { z } from 'zod';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import { keyIdIn, readDecision } from '../decision-signature.js';
import { faultsOf, type Check } from './check.js';

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
    judge: async ({ delivery, journal, operators }) => {
      const decided = journal.filter(({ kind }) => kind === 'decide');
      const given = new Set<string>();
      const faults: string[] = [];
      let [signed, claimed] = [0, 0];
      for (const entry of decided) {
        const decision = decisionSchema.safeParse(entry.data).data;
        if (!decision) {
          if (entry.data['accepted'] !== false) faults.push(`entry ${entry.n}: this decision cannot be read`);
          continue;
        }
        if (decision.signed || decision.signature !== undefined) signed += 1;
        else if (decision.accepted) claimed += 1;
        // What was refused proves nothing, and may well be refused for its signature.
        if (!decision.accepted) continue;
        const about = { ...analysisDecidedOn(journal, entry.n), delivery: delivery?.id };
        const fault = await faultOf({ ...decision, ...about, at: entry.at }, operators, given);
        if (fault !== undefined)
          faults.push(`entry ${entry.n} (${decision.verdict} by ${decision.operator}): ${fault}`);
      }
      return {
        faults: faultsOf('journal', faults),
        note: `${signed} signed${claimed > 0 ? `; ${claimed} that counted are unsigned: who gave them is claimed, not proven` : ''}`,
      };
    },
  },
];

function analysisDecidedOn(journal: readonly ChainedEntry[], n: number): { revision?: unknown; sealedAt?: unknown } {
  const sealed = journal.findLast((entry) => entry.kind === 'sealed' && entry.n < n);
  return { revision: sealed?.data['revision'], sealedAt: sealed?.at };
}

/** What must be in the signature as it is in the journal. */
const members = ['delivery', 'revision', 'seal', 'sealedAt', 'verdict', 'comment', 'breakGlass'] as const;

async function faultOf(
  decision: JournalledDecision & { at: string; revision?: unknown; sealedAt?: unknown; delivery: unknown },
  operators: readonly PartRow<'operators'>[],
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
  if (Date.parse(at) < Date.parse(key.addedAt)) return 'its key was added later';
  if (key.revokedAt !== undefined && Date.parse(at) >= Date.parse(key.revokedAt)) return 'its key had been revoked';
  return undefined;
}
