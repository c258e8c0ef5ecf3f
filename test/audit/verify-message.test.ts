import { computeSeal, MerkleTree } from '../../src/audit/merkle.js';
import { readSignedProof, signedProof, type MessageProof } from '../../src/audit/message-proof.js';
import { readMail } from '../../src/audit/received-mail.js';
import { verifyByProofFile, verifyMessage } from '../../src/audit/verify-message.js';
import { bundleRows, systemKey } from './one-bundle.js';

const { mails, messages, revisions } = await bundleRows(9);
const row = messages[3];
const mail = mails.get(4)?.bytes ?? Buffer.alloc(0);
const text = mail.toString('latin1');

function proof(): MessageProof {
  const tree = new MerkleTree();
  for (const { seq, leaf } of messages) {
    if (seq === row?.seq) tree.watchNext();
    tree.append(Buffer.from(leaf ?? '', 'hex'));
  }
  const { index = 0, path = [] } = tree.watched() ?? {};
  const revision = revisions[0]?.hash ?? '';
  return {
    sealpostMessageProof: 1,
    delivery: 'news',
    revision,
    seal: computeSeal({ revision, count: tree.count, root: tree.root() }),
    index,
    count: tree.count,
    path: path.map((hash) => hash.toString('hex')),
    leaf: row?.leaf ?? '',
    seq: 4,
    messageId: row?.messageId ?? '',
    salt: row?.salt ?? '',
    sender: row?.sender ?? '',
    recipient: row?.address ?? '',
    exportedAt: '2026-11-24T12:00:00.000Z',
    sealpostVersion: '0.1.0',
  };
}

const faultsOf = (arrived: string, change: Partial<MessageProof> = {}) =>
  verifyMessage(readMail(Buffer.from(arrived, 'latin1')), { ...proof(), ...change }).flatMap(({ name, faults }) =>
    faults.map(({ what }) => `${name}: ${what}`),
  );

test('the mail that was sent, with what servers put above it, is in order', () => {
  expect(faultsOf(`Received: by mx\r\nX-Spam: no\r\n${text}`)).toEqual([]);
});

test('under a schedule, its hash is a part of the way to the seal', () => {
  const { revision, count } = proof();
  const tree = new MerkleTree();
  for (const { leaf } of messages) tree.append(Buffer.from(leaf ?? '', 'hex'));
  const schedule = 'cd'.repeat(32);
  const seal = computeSeal({ revision, count, root: tree.root(), schedule });
  expect(faultsOf(text, { seal, schedule })).toEqual([]);
  expect(faultsOf(text, { seal })).toEqual([expect.stringMatching(/^inclusion: /)]);
});

test.each<[what: string, arrived: string, change: Partial<MessageProof>, says: RegExp]>([
  ['another word', text.replace('Dear', 'Dead'), {}, /^message: its headers, body and addresses do not give the leaf/],
  ['another message', text.replace(/Message-ID: <../, 'Message-ID: <zz'), {}, /^message: its Message-ID is/],
  ['a second subject above', `Subject: Other\r\n${text}`, {}, /^message: beside .* another subject/],
  ['an answer to somebody else', `Reply-To: <x@y.example>\r\n${text}`, {}, /^message: beside .* another reply-to/],
  ['another recipient in the proof', text, { recipient: 'other@mail.example' }, /^message: /],
  ['another place', text, { index: 4 }, /^inclusion: the path of message 5 of 9/],
  ['another count', text, { count: 10 }, /^inclusion: /],
  ['another seal', text, { seal: 'ab'.repeat(32) }, /^inclusion: /],
  ['a schedule that the seal does not hold', text, { schedule: 'ab'.repeat(32) }, /^inclusion: /],
  ['another path', text, { path: proof().path.toReversed() }, /^inclusion: /],
])('a mail with %s is not', (_, arrived, change, says) => {
  expect(faultsOf(arrived, change)).toEqual([expect.stringMatching(says)]);
});

test.each([
  [
    'that which DKIM signed',
    text.replace('Subject: ', 'Subject: x'),
    /the body is the one that was signed .*, so a header/,
  ],
  ['another one', text.replace('Dear', 'Dead'), /the body is not the one that was signed/],
])('where the body is %s, that is said', (_, arrived, says) => {
  const bodyHash = readMail(mail).bodyHash.toString('base64');
  expect(faultsOf(`DKIM-Signature: v=1; bh=${bodyHash}; b=x\r\n${arrived}`)).toEqual([expect.stringMatching(says)]);
});

test('a signed proof comes back as it was, and names its key', async () => {
  const signed = await signedProof(proof(), systemKey);
  expect(await readSignedProof(signed)).toEqual({ proof: proof(), thumbprint: systemKey.thumbprint });
  const states = async (trusted: string | undefined) =>
    (await verifyByProofFile(readMail(mail), signed, trusted)).map(({ name, state }) => `${name} ${state}`);
  expect(await states(systemKey.thumbprint)).toEqual(['signature ok', 'message ok', 'inclusion ok']);
  expect(await states('A'.repeat(43))).toEqual(['signature failed', 'message ok', 'inclusion ok']);
});

test.each([
  ['no JSON', () => 'Dear auditor'],
  ['something else', () => '{"proof":{},"signature":""}'],
  ['a changed proof', (signed: string) => signed.replace('"index": 3', '"index": 4')],
  [
    'a changed signature',
    (signed: string) => signed.replace(/"signature": ".{9}/, (found) => `${found.slice(0, -1)}!`),
  ],
])('%s is no proof, and that is said', async (_, change) => {
  expect(await readSignedProof(change(await signedProof(proof(), systemKey)))).toEqual(expect.any(String));
});
