import { z } from 'zod';
import { canonicalJson } from '../delivery/canonical-json.js';
import type { FoundMessage } from './bundle-content.js';
import { readSigned, signText } from './signed-text.js';
import type { SystemKey } from './system-key.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const proofSchema = z.object({
  sealpostMessageProof: z.literal(1),
  delivery: z.string(),
  revision: hash,
  seal: hash,
  /** The leaf's place, from 0, among so many. */
  index: z.int().min(0),
  count: z.int().min(1),
  path: z.array(hash),
  /** SHA-256 of the schedule that the seal holds; absent where it holds none. */
  schedule: hash.exactOptional(),
  leaf: hash,
  seq: z.int(),
  messageId: z.string(),
  salt: z.string(),
  sender: z.string(),
  recipient: z.string(),
  archive: z.string().exactOptional(),
  exportedAt: z.iso.datetime(),
  sealpostVersion: z.string(),
});

/** What shows that one message is under the seal, and tells nothing of any other one. */
export type MessageProof = z.output<typeof proofSchema>;

const fileSchema = z.object({ proof: proofSchema, signature: z.string() });

/** @returns the text of the proof's file */
export async function signedProof(proof: MessageProof, key: SystemKey): Promise<string> {
  const signature = await signText(canonicalJson(proof), 'sealpost-message-proof', key);
  return `${JSON.stringify({ proof, signature }, null, 2)}\n`;
}

/** @returns the proof with the thumbprint of the key that signed it, or why it does not count, in words */
export async function readSignedProof(text: string): Promise<{ proof: MessageProof; thumbprint: string } | string> {
  const file = fileSchema.safeParse(jsonOf(text)).data;
  if (!file) return 'the file holds no proof of a message';
  const signed = await readSigned(file.signature, 'sealpost-message-proof');
  if (typeof signed === 'string') return signed;
  if (signed.text !== canonicalJson(file.proof)) return 'the proof is not the one that was signed';
  return { proof: file.proof, thumbprint: signed.thumbprint };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A row of a bundle as the proof of its message; undefined where the bundle is pseudonymised. */
export function proofOfRow(
  { row, path, ...place }: FoundMessage,
  about: Pick<MessageProof, 'delivery' | 'exportedAt' | 'sealpostVersion'>,
): MessageProof | undefined {
  const { seq, messageId, leaf, salt, sender, address: recipient } = row;
  if (leaf === null || salt === undefined || sender === undefined) return undefined;
  const hashes = path.map((beside) => beside.toString('hex'));
  return {
    sealpostMessageProof: 1,
    ...about,
    ...place,
    path: hashes,
    seq,
    messageId,
    leaf,
    salt,
    sender,
    recipient,
  };
}
