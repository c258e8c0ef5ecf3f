import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { CompactSign } from 'jose';
import type { PartName, PartRow } from '../../src/audit/bundle-format.js';
import { chainHash, chainStart, type ChainedEntry } from '../../src/audit/journal-chain.js';
import { computeSeal, MerkleTree, scheduleHash } from '../../src/audit/merkle.js';
import { hexSha256, revisionHash } from '../../src/audit/revision-hash.js';
import { keyIdOf, publicKeyOf } from '../../src/audit/public-key.js';
import type { Release, ReleaseRecord } from '../../src/audit/refuse-release.js';
import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { verifyBundle, type BundleVerdict, type VerifyOptions } from '../../src/audit/verify-bundle.js';
import { writeBundle, type Part } from '../../src/audit/write-bundle.js';
import { compileRevision, type RenderedMessage } from '../../src/mime/compile-revision.js';
import { messageIdentities } from '../../src/mime/sealed-hash.js';
import type { Schedule } from '../../src/delivery/waves.js';
import { revisionWith } from '../mime/one-revision.js';

export const deliveryId = 'news';
export const systemKey = await parseSystemKey(makeSystemKey());

/** A key of the operator "approver", and one of the operator "author". */
const keys = { approver: generateKeyPairSync('ed25519'), author: generateKeyPairSync('ed25519') };
type KeyOwner = keyof typeof keys;
export const approverJwk = publicKeyOf(keys.approver.publicKey);
const authorJwk = publicKeyOf(keys.author.publicKey);
const kids: Record<KeyOwner, string> = { approver: await keyIdOf(approverJwk), author: await keyIdOf(authorJwk) };

type Rows = { [Name in PartName]: PartRow<Name>[] };

/** All rows of a bundle, to be changed before it is signed: what whoever has the system's key could do. */
export interface BundleRows extends Rows {
  /** The messages as they were sent, by sequence number. */
  mails: Map<number, RenderedMessage>;
}

/** Seconds after twelve; sending begins in the 12th, and messages are taken up in the 20th. */
export const at = (second: number): string => new Date(Date.UTC(2026, 10, 24, 12, 0, second)).toISOString();
const approval = { approvers: ['approver'], fourEyes: true };
const secret = Buffer.alloc(32, 7);

/** A delivery of so many messages that was confirmed and sent; each tenth recipient was left out by the analysis. */
export async function bundleRows(
  count: number,
  own: object = {},
  schedule: Schedule | null = null,
): Promise<BundleRows> {
  const sources = { 'content.txt': 'Dear {{ first_name }}, what is new in the garden\n' };
  const settings = { name: 'News', owner: 'owner', sender: { address: 'news@shop.example' }, approval, ...own };
  const shape = revisionWith(settings, { text: sources['content.txt'], sources });
  const target = hexSha256('target');
  const hash = revisionHash({ settings: shape.settings, sources, target });
  const render = compileRevision({ ...shape, hash });
  const identify = messageIdentities({ secret, hash, domain: 'shop.example' });
  const mails = new Map<number, RenderedMessage>();
  const tree = new MerkleTree();
  const messages = Array.from({ length: count }, (_, n) => {
    const [seq, address] = [n + 1, `person${n + 1}@mail.example`];
    const { messageId, envelopeSalt } = identify({ proof: 0, seq });
    const row = { ...emptyRow, seq, row: seq, messageId, address };
    if (seq % 10 === 0) return { ...row, status: 'ignored' as const, reason: 'double' };
    const mail = render({ proof: 0, seq, address, fields: { first_name: `Name ${seq}` }, date: new Date(at(20)) });
    mails.set(seq, mail);
    tree.append(mail.leaf);
    const leaf = mail.leaf.toString('hex');
    const sent = { status: 'sent' as const, attempts: 1, firstClaimedAt: at(20), settledAt: at(21), reply: '250 ok' };
    return { ...row, ...sent, leaf, salt: envelopeSalt, sender: mail.envelope.sender };
  });
  const bound = schedule ? { schedule: scheduleHash(schedule) } : {};
  const seal = computeSeal({ revision: hash, count: tree.count, root: tree.root(), ...bound });
  const journal = await journalOf({ hash, seal, messages });
  return {
    mails,
    delivery: [
      {
        id: deliveryId,
        key: 1,
        createdAt: at(0),
        control: 'stop',
        approvedSeal: seal,
        analysedRevision: hash,
        brokenSeq: null,
      },
    ],
    revisions: [
      {
        hash,
        author: 'author',
        createdAt: at(0),
        settings: shape.settings,
        sources,
        target,
        sourceHashes: { 'content.txt': hexSha256(sources['content.txt']) },
        files: [],
        excludedAddresses: 0,
        queries: [],
        profiles: count,
        drawSeed: null,
        seal,
        sealedCount: tree.count,
        sealedIcu: '77.1',
        schedule,
      },
    ],
    findings: [{ revision: hash, rule: 'text-only', level: 'info', count: 1 }],
    operators: [
      {
        id: 'approver',
        name: 'Ann Approver',
        email: 'ann@shop.example',
        roles: [],
        groups: [],
        active: true,
        keys: [{ kid: kids.approver, publicKey: approverJwk, label: 'laptop', addedAt: at(0) }],
      },
      {
        id: 'author',
        roles: [],
        groups: [],
        active: true,
        keys: [{ kid: kids.author, publicKey: authorJwk, label: 'server', addedAt: at(0) }],
      },
    ],
    'operator-events': [
      { n: 1, at: at(0), operator: 'approver', kind: 'added', by: 'author', data: { roles: [], groups: [] } },
      {
        n: 2,
        at: at(0),
        operator: 'approver',
        kind: 'key-added',
        by: 'author',
        data: { kid: kids.approver, label: 'laptop' },
      },
      { n: 3, at: at(0), operator: 'author', kind: 'added', by: 'author', data: { roles: [], groups: [] } },
      { n: 4, at: at(0), operator: 'author', kind: 'key-added', by: 'author', data: { kid: kids.author } },
    ],
    journal,
    histories: historyOf(journal),
    messages,
    proofs: [],
    copies: [],
  };
}

const emptyRow = {
  proof: 0,
  seed: null,
  status: 'pending' as const,
  reason: null,
  leaf: null,
  attempts: 0,
  firstClaimedAt: null,
  settledAt: null,
  nextAttemptAt: null,
  possibleDuplicate: false,
  reply: null,
};

async function journalOf(of: {
  hash: string;
  seal: string;
  messages: readonly { status: string }[];
}): Promise<ChainedEntry[]> {
  const { hash: revision, seal } = of;
  const count = (status: string) => of.messages.filter((one) => one.status === status).length;
  const counts = { ...(count('ignored') > 0 && { ignored: count('ignored') }), sent: count('sent') };
  const about = { delivery: deliveryId, revision, seal, sealedAt: at(5), verdict: 'confirm', inDoubt: 'hold' };
  const decision = { ...about, signedAt: at(10), nonce: '0f'.repeat(16) };
  const told: [number, string, Record<string, unknown>][] = [
    [1, 'started', { operator: 'author', revision, signature: await signedSubmission({ revision }) }],
    [5, 'sealed', { seal, revision, counts: { sealed: count('sent') }, findings: { error: 0, warning: 0, info: 1 } }],
    [5, 'phase', { phase: 'awaiting-decision' }],
    [
      11,
      'decide',
      {
        operator: 'approver',
        verdict: 'confirm',
        seal,
        accepted: true,
        signed: true,
        signature: await signedDecision(decision),
      },
    ],
    [12, 'phase', { phase: 'scheduled' }],
    [12, 'phase', { phase: 'sending' }],
    [30, 'phase', { phase: 'finished' }],
    [31, 'ended', { counts }],
  ];
  return rechained(told.map(([second, kind, data], n) => ({ n: n + 1, at: at(second), kind, data })));
}

/** A decision as the approver's own device signs it. */
export async function signedDecision(payload: object, key = keys.approver.privateKey): Promise<string> {
  return await signed('sealpost-decision', { nonce: '0'.repeat(32), ...payload }, 'approver', key);
}

/** The author's word that a revision is theirs. */
export async function signedSubmission(payload: object, by: KeyOwner = 'author', key?: KeyObject): Promise<string> {
  const about = { delivery: deliveryId, author: 'author', signedAt: at(0), nonce: '1'.repeat(32) };
  return await signed('sealpost-submission', { ...about, ...payload }, by, key);
}

/** The approver's word on a proof. */
export async function signedReview(payload: object, typ = 'sealpost-review'): Promise<string> {
  const about = { delivery: deliveryId, verdict: 'approve', signedAt: at(3), nonce: '2'.repeat(32) };
  return await signed(typ, { ...about, ...payload }, 'approver');
}

async function signed(typ: string, payload: object, by: KeyOwner, key = keys[by].privateKey): Promise<string> {
  return await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', kid: kids[by], typ })
    .sign(key);
}

/** Another character of a signature's last part. */
export const flipped = (signature: string, from = signature.length - 10): string =>
  `${signature.slice(0, from)}${signature[from] === 'A' ? 'B' : 'A'}${signature.slice(from + 1)}`;

/** Entries of a proof of two messages and of the approver's word on it. */
export async function reviewedProof(
  { revisions: [revision], messages }: BundleRows,
  review: Record<string, unknown> = {},
): Promise<{ proofs: PartRow<'proofs'>[]; entries: Omit<ChainedEntry, 'n' | 'hash'>[] }> {
  const { hash = '' } = revision ?? {};
  const proofs = messages
    .slice(0, 2)
    .map(({ salt: _salt, sender: _sender, ...row }) => ({ ...row, proof: 1, revision: hash }));
  const tree = new MerkleTree();
  for (const { leaf } of proofs) tree.append(Buffer.from(leaf ?? '', 'hex'));
  const told = { proof: 1, revision: hash, counts: { sent: 2 }, root: tree.root().toString('hex') };
  const signature = await signedReview({ revision: hash, proof: 1 });
  const word = { operator: 'approver', verdict: 'approve', proof: 1, accepted: true, signed: true, signature };
  return {
    proofs,
    entries: [
      { at: at(2), kind: 'proof', data: told },
      { at: at(4), kind: 'reviewProof', data: { ...word, ...review } },
    ],
  };
}

/** Entries with numbers and hashes that fit. */
export function rechained(entries: readonly Omit<ChainedEntry, 'hash'>[]): ChainedEntry[] {
  let previous = chainStart;
  return entries.map(({ at: when, kind, data }, index) => {
    const entry = { n: index + 1, at: when, kind, data };
    previous = chainHash(previous, deliveryId, entry);
    return { ...entry, hash: previous.toString('hex') };
  });
}

const payload = (value: unknown) => ({ payloads: [{ data: Buffer.from(JSON.stringify(value)).toString('base64') }] });

/** Histories that gave the journal what stands in it. */
export function historyOf(journal: readonly ChainedEntry[]): PartRow<'histories'>[] {
  const entries = journal.map(({ n, at: when, kind, data }) => ({ n, at: when, kind, ...data }));
  const ended = journal.findLast(({ kind }) => kind === 'ended')?.data;
  return [
    { run: { workflowId: `delivery:${deliveryId}`, runId: 'run-1', startedAt: at(1) } },
    event(1, 'STARTED', { workflowExecutionStartedEventAttributes: {} }),
    event(2, 'ACTIVITY', {
      activityTaskScheduledEventAttributes: {
        activityType: { name: 'recordJournal' },
        input: payload({ deliveryId, entries }),
      },
    }),
    event(3, 'ACTIVITY', { activityTaskCompletedEventAttributes: { scheduledEventId: '2' } }),
    event(4, 'COMPLETED', {
      workflowExecutionCompletedEventAttributes: {
        result: payload({ outcome: 'finished', counts: ended?.['counts'] }),
      },
    }),
    { run: { workflowId: `sending:${deliveryId}`, runId: 'run-2', startedAt: at(12) } },
    event(1, 'STARTED', { workflowExecutionStartedEventAttributes: {} }),
    event(2, 'COMPLETED', { workflowExecutionCompletedEventAttributes: {} }),
  ];
}

/** The history of a decision on messages in doubt. */
export function historyOfDecision(command: string): PartRow<'histories'>[] {
  const input = payload({ id: command });
  return [
    { run: { workflowId: `in-doubt:${deliveryId}`, runId: `run-of-${command}`, startedAt: at(40) } },
    event(1, 'STARTED', { workflowExecutionStartedEventAttributes: { input } }),
    event(2, 'COMPLETED', { workflowExecutionCompletedEventAttributes: {} }),
  ];
}

const event = (id: number, type: string, attributes: object): PartRow<'histories'> => ({
  event: { eventId: String(id), eventTime: at(1), eventType: `EVENT_TYPE_WORKFLOW_EXECUTION_${type}`, ...attributes },
});

/** The rows as a bundle of their own, signed. */
export async function bundleText({ mails: _mails, ...rows }: BundleRows, pseudonymised = false): Promise<string> {
  const parts = Object.entries(rows).map(([name, given]) => ({ name, rows: each(given as object[]) }) as Part);
  const about = { delivery: deliveryId, exportedAt: at(60), sealpostVersion: '0.1.0', pseudonymised };
  let text = '';
  for await (const line of writeBundle(parts, about, systemKey)) text += line;
  return text;
}

async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** What is asked at the instant in which an honest workflow asks it, of a delivery with those rows. */
export function askedRelease(rows: BundleRows): { release: Release; record: ReleaseRecord } {
  const [revision] = rows.revisions;
  const { hash = '', seal, sealedCount: count = null } = revision ?? {};
  const findings = { error: 0, warning: 0, info: 1 };
  const ended = ['scheduled', 'sending', 'finished'];
  const journal = rows.journal.filter(({ kind, data }) => kind !== 'ended' && !ended.includes(String(data['phase'])));
  return {
    release: { deliveryId, revision: hash, seal: seal ?? '', count, findings },
    record: {
      journal,
      revisions: rows.revisions,
      findings: [],
      operators: rows.operators,
      operatorEvents: rows['operator-events'],
    },
  };
}

/** Verifies what the file holds, without a replay. */
export async function verified(file: string, bytes: string | Buffer, own: Partial<VerifyOptions> = {}) {
  writeFileSync(file, bytes);
  return await verifyBundle(file, { version: '0.1.0', replay: () => Promise.resolve(undefined), ...own });
}

/** Names of the checks that failed, each with its first fault. */
export function failures({ checks }: BundleVerdict): Record<string, string> {
  const failed = checks.filter(({ state }) => state === 'failed');
  return Object.fromEntries(failed.map(({ name, faults: [first] }) => [name, `${first?.part}: ${first?.what}`]));
}
