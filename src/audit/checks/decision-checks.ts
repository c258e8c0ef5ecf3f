import { compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import { keyOf } from '../signed-text.js';
import { faultsOf, type Check } from './check.js';

const decisionSchema = z.object({
  operator: z.string(),
  verdict: z.string(),
  seal: z.string(),
  accepted: z.boolean(),
  signed: z.boolean().default(false),
  signature: z.string().optional(),
});
type SignedDecision = z.output<typeof decisionSchema>;

const payloadSchema = z.object({
  delivery: z.string(),
  revision: z.string(),
  seal: z.string(),
  verdict: z.string(),
  signedAt: z.iso.datetime({ offset: true }),
});

export const decisionChecks: readonly Check[] = [
  {
    name: 'decisions',
    title: 'signed decisions are by keys that were good then, for this delivery, revision, seal and verdict',
    judge: async ({ delivery, journal, operators }) => {
      const given = journal.filter(({ kind }) => kind === 'decide');
      const faults: string[] = [];
      let [signed, claimed] = [0, 0];
      for (const entry of given) {
        const decision = decisionSchema.safeParse(entry.data).data;
        if (!decision) continue;
        if (decision.signed || decision.signature !== undefined) signed += 1;
        else if (decision.accepted) claimed += 1;
        // What was refused proves nothing, and may well be refused for its signature.
        if (!decision.accepted) continue;
        const revision = revisionDecidedOn(journal, entry.n);
        const fault = await faultOf({ ...decision, at: entry.at, revision, delivery: delivery?.id ?? '' }, operators);
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

function revisionDecidedOn(journal: readonly ChainedEntry[], n: number): unknown {
  const sealed = journal.findLast((entry) => entry.kind === 'sealed' && entry.n < n);
  return sealed?.data['revision'];
}

async function faultOf(
  decision: SignedDecision & { at: string; revision: unknown; delivery: string },
  operators: readonly PartRow<'operators'>[],
): Promise<string | undefined> {
  const { signature, signed, operator, at } = decision;
  if (signature === undefined) return signed ? 'it counts as signed, and its signature is missing' : undefined;
  const key = operators.find(({ id }) => id === operator)?.keys.find(({ kid }) => kid === headerOf(signature)?.kid);
  if (!key) return 'its signature names a key that this operator never had';
  const payload = await signedPayload(signature, key);
  if (!payload) return 'its signature is forged: it does not match the decision or the key';
  const others = (['delivery', 'revision', 'seal', 'verdict'] as const).filter(
    (name) => payload[name] !== decision[name],
  );
  if (others.length > 0) return `what was signed is of another ${others.join(', ')}`;
  if (Date.parse(at) < Date.parse(key.addedAt)) return 'its key was added later';
  if (key.revokedAt !== undefined && Date.parse(at) >= Date.parse(key.revokedAt)) return 'its key had been revoked';
  return undefined;
}

function headerOf(signature: string): { kid?: string | undefined } | undefined {
  try {
    return decodeProtectedHeader(signature);
  } catch {
    return undefined;
  }
}

async function signedPayload(
  signature: string,
  { publicKey }: PartRow<'operators'>['keys'][number],
): Promise<z.output<typeof payloadSchema> | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(signature, keyOf(publicKey), { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== 'sealpost-decision') return undefined;
    return payloadSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')));
  } catch {
    return undefined;
  }
}
