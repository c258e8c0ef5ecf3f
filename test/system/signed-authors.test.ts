import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CompactSign } from 'jose';
import { signStatement } from '../../src/audit/operator-signature.js';
import { keyIdOf, publicKeyOf } from '../../src/audit/public-key.js';
import type { Delivery } from '../../src/client/index.js';
import type { Statement } from '../../src/delivery/signed-statement.js';
import { commandUpdates } from '../../workflows/messages.js';
import { definition } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';
import { flipped, fresh, keyOf, now } from './operator-keys.js';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

/** As another type of token, with the signature of that key. */
async function signedAs(typ: string, payload: object, key: KeyObject): Promise<string> {
  const kid = await keyIdOf(publicKeyOf(key));
  const signing = new CompactSign(Buffer.from(JSON.stringify(payload)));
  return await signing.setProtectedHeader({ alg: 'EdDSA', kid, typ }).sign(key);
}

interface Submitted {
  delivery: Delivery;
  /** What an honest author would sign. */
  statement: Statement<'submission'>;
  /** By which the author has signed for the same revision before. */
  before: string;
}

/** What somebody submits by hand, and why nothing comes of it. */
const submissions: [string, (given: Submitted) => Promise<{ operator: string; signature?: string }>, RegExp][] = [
  ['the name of another, unsigned', () => Promise.resolve({ operator: 'owner' }), /"owner" has not signed for this/],
  ['their own name, unsigned', () => Promise.resolve({ operator: 'author' }), /"author" has not signed for this/],
  [
    "the name of another over one's own signature",
    async ({ statement }) => ({
      operator: 'owner',
      signature: await signStatement('submission', { ...statement, ...fresh(), author: 'owner' }, await own('author')),
    }),
    /it is signed by "author" and given as "owner"/,
  ],
  [
    'a signature under which another is the author',
    async ({ statement }) => ({
      operator: 'author',
      signature: await signStatement('submission', { ...statement, ...fresh(), author: 'owner' }, await own('author')),
    }),
    /signed for another author/,
  ],
  [
    'a key that nobody knows',
    async ({ statement }) => ({
      operator: 'author',
      signature: await signStatement('submission', statement, generateKeyPairSync('ed25519').privateKey),
    }),
    /no operator has/,
  ],
  [
    'a changed signature',
    async ({ statement }) => ({
      operator: 'author',
      signature: flipped(await signStatement('submission', { ...statement, ...fresh() }, await own('author'))),
    }),
    /forged or damaged/,
  ],
  [
    'a token of another type',
    async ({ statement }) => ({
      operator: 'author',
      signature: await signedAs('sealpost-review', statement, await own('author')),
    }),
    /none of a submission/,
  ],
  [
    'a payload that is no submission',
    async ({ delivery: { id: delivery } }) => ({
      operator: 'author',
      signature: await signedAs('sealpost-submission', { delivery }, await own('author')),
    }),
    /forged or damaged/,
  ],
  ...(
    [
      ['another revision', { revision: 'e'.repeat(64) }, /signed for another revision/],
      ['another delivery', { delivery: 'another' }, /signed for another delivery/],
      ['a time that is to come', { signedAt: new Date(Date.now() + 3_600_000).toISOString() }, /in the future/],
    ] satisfies [string, Partial<Statement<'submission'>>, RegExp][]
  ).map(([name, changed, reason]): (typeof submissions)[number] => [
    `a signature for ${name}`,
    async ({ statement }) => ({
      operator: 'author',
      signature: await signStatement('submission', { ...statement, ...fresh(), ...changed }, await own('author')),
    }),
    reason,
  ]),
  [
    'a signature that was given before',
    ({ before }) => Promise.resolve({ operator: 'author', signature: before }),
    /it was given before: sign it again/,
  ],
  [
    'a key that was revoked',
    async ({ statement }) => ({
      operator: 'first',
      signature: await signStatement('submission', { ...statement, ...fresh(), author: 'first' }, await own('first')),
    }),
    /signed with a key that was revoked/,
  ],
  [
    'the key of somebody who is disabled',
    async ({ statement }) => ({
      operator: 'second',
      signature: await signStatement('submission', { ...statement, ...fresh(), author: 'second' }, await own('second')),
    }),
    /"second" is disabled/,
  ],
];
const own = (operator: string) => keyOf(environment, operator);

const fourEyes = { approvers: ['approver', 'author', 'first', 'second'], fourEyes: true };

test('under four eyes nothing comes of a revision whose author is not proven, and its author can submit it again', async () => {
  const first = definition({ id: 'whose', approval: fourEyes });
  const delivery = await environment.sealpost.start(first, { operator: 'author' });
  const { revision, seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await environment.sealpost.operators.revokeKeys('first', {}, 'author');
  await environment.sealpost.operators.setActive('second', false, 'author');
  await delivery.revise(definition({ id: 'whose', subject: 'Other', approval: fourEyes }), { operator: 'author' });
  const shown = await eventually(
    () => delivery.show(),
    (seen) => seen.revision !== revision && seen.phase === 'awaiting-decision',
  );
  const before = shown.journal.find(({ kind }) => kind === 'started')?.signature ?? '';
  const handle = environment.temporal.workflow.getHandle(delivery.workflowId);
  const statement = { delivery: delivery.id, revision, author: 'author', ...now() };
  for (const [name, make, reason] of submissions) {
    const already = (await delivery.show()).journal.length;
    const input = { revision, ...(await make({ delivery, statement, before })) };
    expect([name, await handle.executeUpdate(commandUpdates.revise, { args: [input] })]).toEqual([
      name,
      { accepted: true },
    ]);
    const { findings, authorSigned } = await eventually(
      () => delivery.show(),
      ({ journal }) => journal.slice(already).some(({ phase }) => phase === 'awaiting-revision'),
    );
    expect([name, authorSigned, findings.filter(({ level }) => level === 'error')]).toEqual([
      name,
      false,
      [expect.objectContaining({ rule: 'author-unproven', sentence: expect.stringMatching(reason) })],
    ]);
    // Not even by who is no author of what is claimed.
    await expect(delivery.decide({ operator: 'approver', verdict: 'confirm', seal })).rejects.toThrow(/awaits a new/);
  }
  await delivery.revise(first, { operator: 'author' });
  const again = await inPhase(delivery, 'awaiting-decision');
  expect(again).toMatchObject({ revision, author: 'author', authorSigned: true });
  const confirm = (operator: string) => delivery.decide({ operator, verdict: 'confirm', seal: again.seal ?? '' });
  await expect(confirm('author')).rejects.toThrow(/four-eyes/);
  // What was signed before its key was revoked keeps its worth.
  await environment.sealpost.operators.revokeKeys('author', {}, 'owner');
  await confirm('approver');
  expect((await delivery.outcome()).outcome).toBe('finished');
});

test('without a key nothing is stored under four eyes; else an unsigned author is told as one', async () => {
  await rm(join(environment.env['SEALPOST_KEYS'] ?? '', 'stranger.pem'));
  const { sealpost } = environment;
  await expect(
    sealpost.start(definition({ id: 'keyless', approval: fourEyes }), { operator: 'stranger' }),
  ).rejects.toMatchObject({ code: 'KEY_UNUSABLE', message: expect.stringMatching(/"stranger" has no key/) });
  expect((await sealpost.list()).map(({ id }) => id)).not.toContain('keyless');

  const delivery = await sealpost.start(definition({ id: 'claimed' }), { operator: 'stranger' });
  const { seal = '', authorSigned } = await inPhase(delivery, 'awaiting-decision');
  expect(authorSigned).toBe(false);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  expect((await delivery.outcome()).outcome).toBe('finished');
  expect((await environment.cli(['show', 'claimed'])).stdout).toMatch(/revision +\w{12} by stranger, unsigned/);
  expect((await environment.cli(['show', 'claimed', '--report'])).stdout).toMatch(/\w{64} by stranger, unsigned/);
  expect((await environment.cli(['audit', 'show', 'claimed'])).stdout).toMatch(
    /stranger started it with revision \w{12}, unsigned/,
  );
});

interface Reviewed {
  statement: Statement<'review'>;
}

type Review = { operator: string; signature?: string; comment?: string };

/** What somebody says of a proof, and why it does not count. */
const reviews: [string, (given: Reviewed) => Promise<Review>, RegExp][] = [
  ['no signature', () => Promise.resolve({ operator: 'legal' }), /a review on this delivery must be signed/],
  [
    "another operator's key",
    async ({ statement }) => ({
      operator: 'legal',
      signature: await signStatement('review', statement, await own('approver')),
    }),
    /signed by "approver" and given as "legal"/,
  ],
  [
    'a key that nobody knows',
    async ({ statement }) => ({
      operator: 'legal',
      signature: await signStatement('review', statement, generateKeyPairSync('ed25519').privateKey),
    }),
    /no operator has/,
  ],
  [
    'a changed signature',
    async ({ statement }) => ({
      operator: 'legal',
      signature: flipped(await signStatement('review', { ...statement, ...fresh() }, await own('legal'))),
    }),
    /forged or damaged/,
  ],
  [
    'a decision in its place',
    async ({ statement }) => ({
      operator: 'legal',
      signature: await signedAs('sealpost-decision', statement, await own('legal')),
    }),
    /none of a review/,
  ],
  [
    'another comment',
    async ({ statement }) => ({
      operator: 'legal',
      comment: 'prices checked',
      signature: await signStatement('review', { ...statement, ...fresh() }, await own('legal')),
    }),
    /signed for another comment/,
  ],
  ...(
    [
      ['another delivery', { delivery: 'another' }],
      ['another revision', { revision: 'e'.repeat(64) }],
      ['another proof', { proof: 2 }],
      ['another verdict', { verdict: 'reject' }],
    ] satisfies [string, Partial<Statement<'review'>>][]
  ).map(([name, changed]): (typeof reviews)[number] => [
    name,
    async ({ statement }) => ({
      operator: 'legal',
      signature: await signStatement('review', { ...statement, ...fresh(), ...changed }, await own('legal')),
    }),
    new RegExp(`signed for ${name}`),
  ]),
];

test('a review counts only where its reviewer has signed it, for that proof, once; others are told with their reason', async () => {
  const contentApproval = { reviewers: ['legal'] };
  const proofs = { recipients: ['editor@reviewers.example'] };
  const delivery = await environment.sealpost.start(
    definition({ id: 'reviewed', proofs, approval: { approvers: ['approver'], contentApproval } }),
    { operator: 'publisher' },
  );
  const { revision, seal = '' } = await inPhase(delivery, 'awaiting-decision');
  const handle = environment.temporal.workflow.getHandle(delivery.workflowId);
  const give = async (review: Review, verdict: 'approve' | 'reject' = 'approve') =>
    await handle.executeUpdate(commandUpdates.reviewProof, { args: [{ proof: 1, verdict, ...review }] });
  const statement = { delivery: delivery.id, revision, proof: 1, verdict: 'approve' as const, ...now() };
  for (const [name, make, reason] of reviews) {
    const verdict = await give(await make({ statement }));
    expect([name, verdict]).toEqual([name, { accepted: false, reason: expect.stringMatching(reason) }]);
  }
  const confirm = () => delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  await expect(confirm()).rejects.toThrow(/1 more reviewer must approve/);
  const told = (await delivery.show()).reviews;
  expect(told.map(({ accepted, signed, reason }) => [accepted, signed, reason])).toEqual(
    reviews.map(([, , reason]) => [false, false, expect.stringMatching(reason)]),
  );

  const signature = await signStatement('review', { ...statement, ...fresh() }, await own('legal'));
  expect(await give({ operator: 'legal', signature })).toEqual({ accepted: true });
  // A reviewer who has changed their mind is not held to what they said before.
  await delivery.reviewProof({ operator: 'legal', verdict: 'reject', proof: 1, comment: 'a wrong price' });
  expect(await give({ operator: 'legal', signature })).toMatchObject({ reason: expect.stringMatching(/given before/) });
  await expect(confirm()).rejects.toThrow(/"legal" rejected what proof 1 shows/);
  const approve = await environment.cli(['proof', 'approve', 'reviewed', '1', '--operator', 'legal']);
  expect(approve).toMatchObject({ code: 0 });
  await confirm();
  expect((await delivery.outcome()).outcome).toBe('finished');
});
