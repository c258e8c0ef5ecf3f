import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PartRow } from '../../src/audit/bundle-format.js';
import { refuseRelease } from '../../src/audit/refuse-release.js';
import {
  askedRelease,
  at,
  bundleRows,
  bundleText,
  failures,
  flipped,
  historyOf,
  rechained,
  reviewedProof,
  signedReview,
  signedSubmission,
  systemKey,
  verified,
  type BundleRows,
} from './one-bundle.js';

// Authors and reviewers, as the journal has them: an auditor judges by the bundle, and a worker that is asked to let messages
// go by Postgres. Whoever attacks has the system's key, writes journal and histories anew, and has the keys of nobody else.

const folder = mkdtempSync(join(tmpdir(), 'sealpost-signed-'));
const file = join(folder, 'bundle.ndjson');
afterAll(() => rmSync(folder, { recursive: true }));

/** Four eyes, and somebody who must have approved the content; `approver` reviews here, and confirms as well. */
const approval = { approvers: ['approver'], fourEyes: true, contentApproval: { reviewers: ['approver'] } };

async function reviewed(own: object = {}): Promise<BundleRows> {
  const rows = await bundleRows(20, { approval, ...own });
  const { proofs, entries } = await reviewedProof(rows);
  rows.proofs = proofs;
  changeJournal(rows, (journal) => journal.toSpliced(1, 0, ...entries.map((entry) => ({ ...entry, n: 0, hash: '' }))));
  return rows;
}

function changeJournal(rows: BundleRows, change: (journal: BundleRows['journal']) => BundleRows['journal']): void {
  rows.journal = rechained(change(rows.journal));
  rows.histories = historyOf(rows.journal);
}

const told = (rows: BundleRows, kind: string, change: object): void =>
  changeJournal(rows, (journal) =>
    journal.map((entry) => (entry.kind === kind ? { ...entry, data: { ...entry.data, ...change } } : entry)),
  );

/** Has the same revision submitted once more before it is analysed. */
const submittedAgain = (rows: BundleRows, own: object): void =>
  changeJournal(rows, ([started, ...others]) => {
    if (!started) return others;
    const again = { ...started, n: 0, hash: '', kind: 'revise', data: { ...started.data, accepted: true, ...own } };
    const checking = { n: 0, at: at(1), kind: 'phase', data: { phase: 'checking' }, hash: '' };
    const failed = { n: 0, at: at(1), kind: 'phase', data: { phase: 'awaiting-revision' }, hash: '' };
    return [started, failed, again, checking, ...others];
  });

const revisionOf = ({ revisions: [one] }: BundleRows): string => one?.hash ?? '';
const dataOf = ({ journal }: BundleRows, kind: string) => journal.find((entry) => entry.kind === kind)?.data ?? {};
const signatureIn = (rows: BundleRows, kind: string): string => String(dataOf(rows, kind)['signature']);
const keyOf = ({ operators }: BundleRows, id: string): Partial<PartRow<'operators'>['keys'][number]> =>
  operators.find((one) => one.id === id)?.keys[0] ?? {};

test('an author and a reviewer who signed pass, and are told', async () => {
  const rows = await reviewed();
  const { release, record } = askedRelease(rows);
  expect(await refuseRelease(release, record)).toBeUndefined();
  const verdict = await verified(file, await bundleText(rows));
  expect(failures(verdict)).toEqual({});
  const note = (name: string) => verdict.checks.find((check) => check.name === name)?.note;
  expect([note('authors'), note('reviews')]).toEqual(['signed by "author"', '1 signed']);
});

type Change = (rows: BundleRows) => void | Promise<void>;

test.each<[what: string, change: Change, check: string, says: RegExp]>([
  [
    'an author who has not signed, under four eyes',
    (rows) => told(rows, 'started', { signature: undefined, signed: false }),
    'approval',
    /four-eyes: nobody has signed for this revision/,
  ],
  [
    'an author who only says so',
    (rows) => told(rows, 'started', { signature: undefined, signed: true }),
    'authors',
    /entry 1 \(submitted by author\): it counts as signed, and its signature is missing/,
  ],
  [
    'the name of another author over a signature',
    (rows) => told(rows, 'started', { operator: 'owner' }),
    'authors',
    /entry 1 \(submitted by owner\): its signature names a key that this operator never had/,
  ],
  [
    'the approver as the author, by a claim of the other',
    async (rows) =>
      told(rows, 'started', { signature: await signedSubmission({ revision: revisionOf(rows) }, 'approver') }),
    'authors',
    /names a key that this operator never had/,
  ],
  [
    "an author's thumbprint over the signature of another key",
    async (rows) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const signature = await signedSubmission({ revision: revisionOf(rows) }, 'author', privateKey);
      told(rows, 'started', { signature });
    },
    'authors',
    /forged/,
  ],
  [
    "a changed byte in an author's signature",
    (rows) => told(rows, 'started', { signature: flipped(signatureIn(rows, 'started')) }),
    'authors',
    /forged/,
  ],
  [
    "an author's signature for another revision",
    async (rows) => told(rows, 'started', { signature: await signedSubmission({ revision: 'e'.repeat(64) }) }),
    'authors',
    /of another revision/,
  ],
  [
    "an author's signature for another delivery",
    async (rows) =>
      told(rows, 'started', {
        signature: await signedSubmission({ revision: revisionOf(rows), delivery: 'another' }),
      }),
    'authors',
    /of another delivery/,
  ],
  [
    'a signature under which another is the author',
    async (rows) =>
      told(rows, 'started', { signature: await signedSubmission({ revision: revisionOf(rows), author: 'owner' }) }),
    'authors',
    /of another author/,
  ],
  [
    "a decision's signature in the place of an author's",
    (rows) => told(rows, 'started', { signature: signatureIn(rows, 'decide') }),
    'authors',
    /names a key that this operator never had/,
  ],
  [
    "an author's signature that was given before",
    (rows) => submittedAgain(rows, {}),
    'authors',
    /entry 3 \(submitted by author\): it was given before, and counts once/,
  ],
  [
    "an author's key that had been revoked",
    (rows) => void Object.assign(keyOf(rows, 'author'), { revokedAt: '2026-11-24T11:59:00.000Z' }),
    'authors',
    /its key had been revoked/,
  ],
  [
    "an author's key that was added later",
    (rows) => void Object.assign(keyOf(rows, 'author'), { addedAt: '2026-11-24T13:00:00.000Z' }),
    'authors',
    /its key was added later/,
  ],
  [
    "an author's key that nobody gave",
    (rows) => void rows['operator-events'].splice(3, 1),
    'claims',
    /entry 1: nobody gave "author" the key/,
  ],
  [
    'an author who was disabled',
    (rows) => {
      const disabled = { n: 5, at: '2026-11-24T11:59:00.000Z', operator: 'author', kind: 'disabled', by: 'owner' };
      rows['operator-events'].unshift(disabled);
    },
    'claims',
    /entry 1: "author" was disabled then/,
  ],
  [
    'a review that nobody signed',
    (rows) => told(rows, 'reviewProof', { signature: undefined, signed: false }),
    'approval',
    /1 more reviewer must approve the content/,
  ],
  [
    'a review that only says it is signed',
    (rows) => told(rows, 'reviewProof', { signature: undefined }),
    'reviews',
    /entry 3 \(approve by approver\): it counts as signed, and its signature is missing/,
  ],
  [
    "a changed byte in a reviewer's signature",
    (rows) => told(rows, 'reviewProof', { signature: flipped(signatureIn(rows, 'reviewProof')) }),
    'reviews',
    /forged/,
  ],
  [
    'a review of another proof',
    async (rows) =>
      told(rows, 'reviewProof', { signature: await signedReview({ revision: revisionOf(rows), proof: 2 }) }),
    'reviews',
    /of another proof/,
  ],
  [
    'a rejection as an approval',
    async (rows) => {
      const about = { revision: revisionOf(rows), proof: 1, verdict: 'reject' };
      told(rows, 'reviewProof', { signature: await signedReview(about) });
    },
    'reviews',
    /of another verdict/,
  ],
  [
    'a review of another revision',
    async (rows) =>
      told(rows, 'reviewProof', { signature: await signedReview({ revision: 'e'.repeat(64), proof: 1 }) }),
    'reviews',
    /of another revision/,
  ],
  [
    'a review of which another comment was signed',
    (rows) => told(rows, 'reviewProof', { comment: 'prices checked' }),
    'reviews',
    /of another comment/,
  ],
  [
    'a review that is there twice',
    (rows) =>
      changeJournal(rows, (journal) =>
        journal.flatMap((entry) => (entry.kind === 'reviewProof' ? [entry, entry] : [entry])),
      ),
    'reviews',
    /entry 4 .*: it was given before, and counts once/,
  ],
])('%s is told to the auditor, and lets nothing go', async (_, change, check, says) => {
  const rows = await reviewed();
  await change(rows);
  const verdict = await verified(file, await bundleText(rows), { trusted: systemKey.thumbprint });
  expect(failures(verdict)[check] ?? failures(verdict)).toMatch(says);
  const { release, record } = askedRelease(rows);
  expect(await refuseRelease(release, record)).toMatch(says);
});

test.each<[what: string, change: (rows: BundleRows) => void]>([
  ['a changed leaf of a proof', ({ proofs: [one] }) => void Object.assign(one ?? {}, { leaf: 'ab'.repeat(32) })],
  ['a leaf of a proof that was taken away', ({ proofs: [one] }) => void Object.assign(one ?? {}, { leaf: null })],
  [
    'leaves of a proof that changed places',
    ({ proofs: [one, two] }) => {
      if (one && two) [one.leaf, two.leaf] = [two.leaf, one.leaf];
    },
  ],
])('%s is told to the auditor', async (_, change) => {
  const rows = await reviewed();
  change(rows);
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({
    proofs: expect.stringMatching(/^journal: entry 2: proof 1 has other messages than were sent/),
  });
});

test('a proof of which the journal tells no root is judged by its counts, as before', async () => {
  const rows = await reviewed();
  told(rows, 'proof', { root: undefined });
  for (const proof of rows.proofs) proof.leaf = null;
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
});

test('what was signed while its key was good keeps its worth', async () => {
  const rows = await reviewed();
  Object.assign(keyOf(rows, 'author'), { revokedAt: at(30) });
  rows['operator-events'].push({ n: 5, at: at(30), operator: 'author', kind: 'disabled', by: 'owner' });
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
  const { release, record } = askedRelease(rows);
  expect(await refuseRelease(release, record)).toBeUndefined();
});

test('a submission that came to nothing may hold any signature; the last one counts', async () => {
  const rows = await reviewed();
  const nonce = '3'.repeat(32);
  submittedAgain(rows, { signature: await signedSubmission({ revision: revisionOf(rows), nonce }) });
  told(rows, 'started', { signature: flipped(signatureIn(rows, 'started')) });
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
  const { release, record } = askedRelease(rows);
  expect(await refuseRelease(release, record)).toBeUndefined();
});

const authors = async (rows: BundleRows) =>
  (await verified(file, await bundleText(rows))).checks.find(({ name }) => name === 'authors');

test('without four eyes an unsigned author stays allowed, and is told as claimed', async () => {
  const rows = await bundleRows(20, { approval: { approvers: ['approver'] } });
  told(rows, 'started', { signature: undefined, signed: false });
  expect(await authors(rows)).toMatchObject({
    state: 'ok',
    note: 'unsigned: that "author" submitted it is claimed, not proven',
  });
  const { release, record } = askedRelease(rows);
  expect(await refuseRelease(release, record)).toBeUndefined();
});

test('a bundle from before authors and reviewers signed is read, and says so; a delivery from then is not let go', async () => {
  const rows = await reviewed();
  told(rows, 'started', { signature: undefined });
  told(rows, 'reviewProof', { signature: undefined, signed: undefined });
  expect(failures(await verified(file, await bundleText(rows)))).toEqual({});
  expect(await authors(rows)).toMatchObject({
    state: 'skipped',
    note: 'in that version nobody signed: that "author" submitted it is claimed, not proven',
  });
  const released = async () => {
    const { release, record } = askedRelease(rows);
    return await refuseRelease(release, record);
  };
  expect(await released()).toMatch(/four-eyes: nobody has signed/);
  told(rows, 'started', { signature: await signedSubmission({ revision: revisionOf(rows) }) });
  expect(await released()).toMatch(/1 more reviewer must approve/);
});
