import { checkResult, judgeKey, type CheckResult } from './check-result.js';
import { computeSeal, rootOfPath } from './merkle.js';
import { proofOfRow, readSignedProof, type MessageProof } from './message-proof.js';
import type { ReceivedMail } from './received-mail.js';
import { matchLeaf } from './sealed-mail.js';
import type { BundleVerdict } from './verify-bundle.js';

const messageCheck = { name: 'message', title: 'the mail is the message that was sealed, to this recipient' };
const inclusionCheck = { name: 'inclusion', title: 'the message is one of those under the seal' };

/** Looks at a mail beside the bundle in which its row was looked for. */
export function verifyInBundle(mail: ReceivedMail, { manifest, found }: BundleVerdict): CheckResult[] {
  if (!manifest || !found) {
    const what = `no row under the seal has its Message-ID, ${mail.messageId ?? 'for it has none'}`;
    return [checkResult(messageCheck, { faults: [{ part: 'message', what }] })];
  }
  const proof = proofOfRow(found, manifest);
  if (proof) return verifyMessage(mail, proof);
  const skipped = 'a pseudonymised bundle leaves out what opens a message: ask for its proof';
  return [checkResult(messageCheck, { faults: [], skipped })];
}

/** Looks at a mail beside a proof of its own. */
export async function verifyByProofFile(
  mail: ReceivedMail,
  text: string,
  trusted: string | undefined,
): Promise<CheckResult[]> {
  const signed = await readSignedProof(text);
  const check = { name: 'signature', title: "the proof is signed by the system's key" };
  if (typeof signed === 'string') return [checkResult(check, { faults: [{ part: 'signature', what: signed }] })];
  return [checkResult(check, judgeKey(signed.thumbprint, trusted)), ...verifyMessage(mail, signed.proof)];
}

/** Whether a mail, as it arrived, is the message that was sealed. */
export function verifyMessage(mail: ReceivedMail, proof: MessageProof): CheckResult[] {
  return [checkResult(messageCheck, judgeLeaf(mail, proof)), checkResult(inclusionCheck, judgePlace(proof))];
}

function judgeLeaf(mail: ReceivedMail, proof: MessageProof) {
  if (mail.messageId !== proof.messageId) {
    const what = `its Message-ID is ${mail.messageId ?? 'missing'}, and the proof is of ${proof.messageId}`;
    return { faults: [{ part: 'message', what }] };
  }
  const match = matchLeaf(mail, proof, Buffer.from(proof.leaf, 'hex'));
  if (!match) return { faults: [{ part: 'message', what: whyNoMatch(mail) }] };
  const misleading = match.added.filter((name) => match.sealed.includes(name) || readByPrograms.has(name));
  if (misleading.length > 0) {
    const what = `beside the sealed headers stands another ${misleading.join(', ')}, which readers' programs may go by`;
    return { faults: [{ part: 'message', what }] };
  }
  const added = match.added.length > 0 ? `; beside them stand ${[...new Set(match.added)].join(', ')}` : '';
  return { faults: [], note: `sealed headers: ${match.sealed.join(', ')}${added}` };
}

/** Where the seal has none of these, one that was added changes what readers do with the message. */
const readByPrograms = new Set([
  'reply-to',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'content-type',
  'content-transfer-encoding',
]);

function whyNoMatch({ bodyHash, signedBodyHashes }: ReceivedMail): string {
  const what = 'its headers, body and addresses do not give the leaf';
  if (signedBodyHashes.length === 0) return `${what}: the mail was changed, or is another one`;
  return signedBodyHashes.includes(bodyHash.toString('base64'))
    ? `${what}: the body is the one that was signed (bh=), so a header or an address differs`
    : `${what}: the body is not the one that was signed (bh=)`;
}

function judgePlace({ leaf, index, count, path, revision, seal, schedule }: MessageProof) {
  const root = rootOfPath(Buffer.from(leaf, 'hex'), {
    index,
    count,
    path: path.map((beside) => Buffer.from(beside, 'hex')),
  });
  const leads = root !== undefined && computeSeal({ revision, count, root, schedule }) === seal;
  const what = `the path of message ${index + 1} of ${count} does not lead to the seal`;
  return leads
    ? {
        faults: [],
        note: `message ${index + 1} of ${count}, ${path.length} hashes lead to the seal ${seal.slice(0, 12)}…`,
      }
    : { faults: [{ part: 'message', what }] };
}
