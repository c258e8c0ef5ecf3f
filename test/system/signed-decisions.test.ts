import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign, SignJWT } from 'jose';
import { signStatement } from '../../src/audit/operator-signature.js';
import { keyIdOf, publicKeyOf } from '../../src/audit/public-key.js';
import type { Delivery } from '../../src/client/index.js';
import type { Statement } from '../../src/delivery/signed-statement.js';
import { commandUpdates } from '../../workflows/messages.js';
import { definition, type Values } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type TestEnvironment } from './environment.js';
import { flipped, fresh, keyOf as keyOfOperator, now } from './operator-keys.js';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

const keyOf = (operator: string): Promise<KeyObject> => keyOfOperator(environment, operator);

interface Held {
  delivery: Delivery;
  /** What an honest approver would sign. */
  decision: Statement<'decision'>;
}

async function held(own: Partial<Values> & { id: string }): Promise<Held> {
  const delivery = await environment.sealpost.start(definition(own), { operator: 'author' });
  await inPhase(delivery, 'awaiting-decision');
  return { delivery, decision: await honest(delivery) };
}

async function honest(delivery: Delivery): Promise<Statement<'decision'>> {
  const {
    seal = '',
    revision,
    journal,
  } = await eventually(
    () => delivery.show(),
    ({ journal }) => journal.some(({ kind }) => kind === 'sealed'),
  );
  return {
    delivery: delivery.id,
    revision,
    seal,
    sealedAt: journal.findLast(({ kind }) => kind === 'sealed')?.at ?? '',
    verdict: 'confirm',
    inDoubt: 'hold',
    ...now(),
  };
}

/** What is sent, whatever the signature says. */
type Sent = { operator: string; verdict: 'confirm' | 'reject' | 'withdraw'; seal: string } & Record<string, unknown>;

async function send({ delivery }: Held, input: Sent) {
  const handle = environment.temporal.workflow.getHandle(delivery.workflowId);
  return await handle.executeUpdate(commandUpdates.decide, { args: [input as never] });
}

/** What an attacker makes of an honest decision, and why it must not count. */
const attacks: [string, (held: Held) => Promise<Partial<Sent>>, RegExp][] = [
  ['no signature', () => Promise.resolve({}), /must be signed/],
  ['the signature of nobody', () => Promise.resolve({ signature: 'a.b.c' }), /none of a decision/],
  [
    'a key that nobody knows',
    async ({ decision }) => ({
      signature: await signStatement('decision', decision, generateKeyPairSync('ed25519').privateKey),
    }),
    /no operator has/,
  ],
  [
    "another operator's key",
    async ({ decision }) => ({ signature: await signStatement('decision', decision, await keyOf('stranger')) }),
    /signed by "stranger" and given as "approver"/,
  ],
  [
    "a stranger's own key and name",
    async ({ decision }) => ({
      operator: 'stranger',
      signature: await signStatement('decision', decision, await keyOf('stranger')),
    }),
    /neither the owner nor one of the approvers/,
  ],
  [
    "an approver's thumbprint over a stranger's signature",
    async ({ decision }) => {
      const kid = await keyIdOf(publicKeyOf(await keyOf('approver')));
      const signing = new CompactSign(Buffer.from(JSON.stringify(decision)));
      signing.setProtectedHeader({ alg: 'EdDSA', kid, typ: 'sealpost-decision' });
      return { signature: await signing.sign(await keyOf('stranger')) };
    },
    /forged or damaged/,
  ],
  [
    'a changed payload',
    async ({ decision }) => {
      const [header, , signature] = (await signStatement('decision', decision, await keyOf('approver'))).split('.');
      const payload = Buffer.from(JSON.stringify({ ...decision, comment: 'changed' })).toString('base64url');
      return { comment: 'changed', signature: [header, payload, signature].join('.') };
    },
    /forged or damaged/,
  ],
  [
    'a changed signature',
    async ({ decision }) => {
      const signature = await signStatement('decision', decision, await keyOf('approver'));
      return { signature: flipped(signature) };
    },
    /forged or damaged/,
  ],
  [
    'the algorithm "none"',
    async ({ decision }) => {
      const kid = await keyIdOf(publicKeyOf(await keyOf('approver')));
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return { signature: `${part({ alg: 'none', kid, typ: 'sealpost-decision' })}.${part(decision)}.AA` };
    },
    /none of a decision/,
  ],
  [
    'an HMAC under the public key',
    async ({ decision }) => {
      const publicKey = publicKeyOf(await keyOf('approver'));
      const jwt = new SignJWT({ ...decision }).setProtectedHeader({
        alg: 'HS256',
        kid: await keyIdOf(publicKey),
        typ: 'sealpost-decision',
      });
      return { signature: await jwt.sign(Buffer.from(publicKey.x, 'base64url')) };
    },
    /none of a decision/,
  ],
  [
    'a token of another type',
    async ({ decision }) => {
      const kid = await keyIdOf(publicKeyOf(await keyOf('approver')));
      const signing = new CompactSign(Buffer.from(JSON.stringify(decision)));
      return {
        signature: await signing.setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' }).sign(await keyOf('approver')),
      };
    },
    /none of a decision/,
  ],
  [
    'a payload that is no decision',
    async () => {
      const kid = await keyIdOf(publicKeyOf(await keyOf('approver')));
      const signing = new CompactSign(Buffer.from('{"confirm":true}'));
      signing.setProtectedHeader({ alg: 'EdDSA', kid, typ: 'sealpost-decision' });
      return { signature: await signing.sign(await keyOf('approver')) };
    },
    /forged or damaged/,
  ],
  ...(
    [
      ['another delivery', { delivery: 'another' }, /signed for another delivery/],
      ['another revision', { revision: 'e'.repeat(64) }, /signed for another revision/],
      ['another seal, under the name of this one', { seal: 'e'.repeat(64) }, /signed for another seal/],
      ['an earlier analysis of the same seal', { sealedAt: '2020-01-01T00:00:00.000Z' }, /an earlier analysis/],
      ['a rejection, given as a confirmation', { verdict: 'reject' }, /signed for another verdict/],
      ['another policy for messages in doubt', { inDoubt: 'resend' }, /another policy for messages in doubt/],
      ['another comment', { comment: 'only the first thousand' }, /signed for another comment/],
      ['an emergency that was not signed as none', { breakGlass: true }, /signed for another urgency/],
      ['a time that is to come', { signedAt: new Date(Date.now() + 3_600_000).toISOString() }, /in the future/],
    ] satisfies [string, Partial<Statement<'decision'>>, RegExp][]
  ).map(([name, changed, reason]): (typeof attacks)[number] => [
    name,
    async ({ decision }) => ({
      signature: await signStatement('decision', { ...decision, ...changed, ...fresh() }, await keyOf('approver')),
    }),
    reason,
  ]),
  [
    'an emergency whose signature says nothing of one',
    async ({ decision }) => ({
      breakGlass: true,
      comment: 'now',
      signature: await signStatement('decision', { ...decision, comment: 'now' }, await keyOf('approver')),
    }),
    /signed for another urgency/,
  ],
  [
    'an emergency of somebody who may declare none',
    async ({ decision }) => ({
      breakGlass: true,
      comment: 'now',
      signature: await signStatement(
        'decision',
        { ...decision, ...fresh(), comment: 'now', breakGlass: true },
        await keyOf('approver'),
      ),
    }),
    /not among those who may confirm in an emergency/,
  ],
  [
    'the author, under four eyes',
    async ({ decision }) => ({
      operator: 'author',
      signature: await signStatement('decision', { ...decision, ...fresh() }, await keyOf('author')),
    }),
    /four-eyes/,
  ],
];

test('no forged, borrowed or old decision counts; each is recorded, and an honest one counts afterwards', async () => {
  const approval = { approvers: ['approver', 'author'], fourEyes: true };
  const attacked = await held({ id: 'attacked', approval });
  const { delivery, decision } = attacked;
  for (const [name, make, reason] of attacks) {
    const input: Sent = { operator: 'approver', verdict: 'confirm', seal: decision.seal, ...(await make(attacked)) };
    const verdict = await send(attacked, input);
    expect([name, verdict]).toEqual([name, { accepted: false, reason: expect.stringMatching(reason) }]);
  }
  const { decisions, phase } = await delivery.show();
  expect(phase).toBe('awaiting-decision');
  expect(decisions.map(({ accepted, reason }) => [accepted, reason])).toEqual(
    attacks.map(([, , reason]) => [false, expect.stringMatching(reason)]),
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: decision.seal });
  expect(await delivery.outcome()).toMatchObject({ outcome: 'finished', counts: { sent: 5 } });
});

test('a decision counts once: not again, not after a rejection, not for another delivery', async () => {
  const first = await held({ id: 'replayed', approval: { approvers: ['approver'], quorum: 2 } });
  const { delivery, decision } = first;
  const signature = await signStatement('decision', decision, await keyOf('approver'));
  const given = { operator: 'approver', verdict: 'confirm' as const, seal: decision.seal, signature };
  expect(await send(first, given)).toEqual({ accepted: true });
  expect(await send(first, given)).toMatchObject({ reason: expect.stringMatching(/given before/) });

  const withheld = await signStatement('decision', { ...decision, ...fresh() }, await keyOf('approver'));
  await delivery.decide({ operator: 'owner', verdict: 'reject', seal: decision.seal });
  await inPhase(delivery, 'awaiting-revision');
  expect(await send(first, { ...given, signature: withheld })).toMatchObject({ accepted: false });
  await delivery.startAnalysis({ operator: 'owner' });
  // The same text, analysed again, has the same seal; what was signed for the first one is not for the second.
  expect((await inPhase(delivery, 'awaiting-decision')).seal).toBe(decision.seal);
  for (const old of [signature, withheld])
    expect(await send(first, { ...given, signature: old })).toMatchObject({
      reason: expect.stringMatching(/an earlier analysis/),
    });

  const second = await held({ id: 'replayed-elsewhere', approval: { approvers: ['approver'] } });
  expect(await send(second, { ...given, seal: second.decision.seal })).toMatchObject({
    reason: expect.stringMatching(/another delivery/),
  });
  for (const one of [first, second]) await one.delivery.stop({ operator: 'owner' });
});

test('keys, roles and people count as they are when a decision arrives', async () => {
  const { operators } = environment.sealpost;
  const late = await held({ id: 'roles', approval: { approvers: ['role:approver', 'group:board'], quorum: 3 } });
  const { decision } = late;
  const give = async (operator: string) => {
    const signature = await signStatement('decision', { ...decision, ...fresh() }, await keyOf(operator));
    return await send(late, { operator, verdict: 'confirm', seal: decision.seal, signature });
  };
  const refused = (reason: RegExp) => ({ accepted: false, reason: expect.stringMatching(reason) });
  expect(await give('otto')).toEqual(refused(/neither the owner/));
  await operators.put({ id: 'otto', name: 'Otto', roles: ['approver'] }, 'author');
  await operators.put({ id: 'olga', name: 'Olga', groups: ['board'] }, 'author');
  const earlier = await signStatement('decision', { ...decision, ...fresh() }, await keyOf('otto'));
  await operators.put({ id: 'otto', name: 'Otto', roles: [] }, 'author');
  expect(await send(late, { operator: 'otto', verdict: 'confirm', seal: decision.seal, signature: earlier })).toEqual(
    refused(/neither the owner/),
  );
  await operators.setActive('olga', false, 'author');
  expect(await give('olga')).toEqual(refused(/disabled/));
  await operators.setActive('olga', true, 'author');
  expect(await give('olga')).toEqual({ accepted: true });

  await operators.delegate('owner', { to: 'legal', until: new Date(Date.now() + 60_000), reason: 'on leave' }, 'owner');
  expect(await give('legal')).toEqual({ accepted: true });
  await operators.endDelegations('owner', 'owner');

  await operators.revokeKeys('owner', {}, 'author');
  expect(await give('owner')).toEqual(refused(/revoked/));
  const { decisions } = await late.delivery.show();
  expect(decisions.filter(({ accepted }) => accepted)).toMatchObject([
    { operator: 'olga', signed: true, as: ['group:board'] },
    { operator: 'legal', signed: true, as: ['for:owner'] },
  ]);
  await late.delivery.stop({ operator: 'author' });
});

test('two decisions at once are judged in the order in which they came', async () => {
  for (const order of [
    ['confirm', 'reject'],
    ['reject', 'confirm'],
  ] as const) {
    const both = await held({ id: `both-${order[0]}`, approval: { approvers: ['approver', 'otto'] } });
    const handle = environment.temporal.workflow.getHandle(both.delivery.workflowId);
    const { seal } = both.decision;
    for (const [index, verdict] of order.entries()) {
      const operator = ['approver', 'otto'][index] ?? '';
      const signature = await signStatement(
        'decision',
        { ...both.decision, ...fresh(), verdict },
        await keyOf(operator),
      );
      await handle.signal('decide', { operator, verdict, seal, signature });
    }
    const { decisions } = await eventually(
      () => both.delivery.show(),
      ({ decisions }) => decisions.length === 2,
    );
    expect(decisions.map(({ verdict, accepted }) => [verdict, accepted])).toEqual([
      [order[0], true],
      [order[1], false],
    ]);
    if (order[0] === 'confirm') expect((await both.delivery.outcome()).outcome).toBe('finished');
    else await inPhase(both.delivery, 'awaiting-revision');
  }
});

test('gates open one after the other, a withdrawal closes one, and an emergency is told as one', async () => {
  const approval = {
    approvers: ['approver'],
    quorum: 2,
    gates: [{ name: 'content', approvers: ['legal'] }],
    breakGlass: ['otto'],
  };
  const { delivery, decision } = await held({ id: 'gates', approval });
  const decide = (operator: string, own: object = {}) =>
    delivery.decide({ operator, verdict: 'confirm', seal: decision.seal, ...own });
  await expect(decide('approver')).rejects.toThrow(/the gate "content" comes first: legal/);
  await decide('legal');
  await decide('approver');
  const withdrawn = await environment.cli(['withdraw', delivery.id, '--operator', 'approver', '--json']);
  expect(JSON.parse(withdrawn.stdout)).toMatchObject({ state: 'accepted' });
  await expect(decide('otto', { breakGlass: true })).rejects.toThrow(/an emergency needs its reason/);
  expect((await delivery.show()).phase).toBe('awaiting-decision');
  await decide('otto', { breakGlass: true, comment: 'recall of a dangerous product' });
  expect((await delivery.outcome()).outcome).toBe('finished');
  const shown = await environment.cli(['show', delivery.id]);
  expect(shown.stdout).toMatch(/otto confirmed seal \w{8}, in an emergency; "recall of a dangerous product"/);
});

test('an unsigned decision counts where the definition lets it, and is told as one', async () => {
  const { delivery, decision } = await held({
    id: 'unsigned',
    approval: { approvers: ['approver'], requireSignature: false },
  });
  const { seal } = decision;
  const signalled = await environment.signalByTemporalCli(delivery.id, 'decide', {
    operator: 'approver',
    verdict: 'confirm',
    seal,
  });
  expect(signalled.code).toBe(0);
  expect((await delivery.outcome()).outcome).toBe('finished');
  expect((await delivery.show()).decisions).toMatchObject([{ operator: 'approver', accepted: true, signed: false }]);
});

test('operators and their keys are managed by command, and a locked key needs its passphrase', async () => {
  const secret = { SEALPOST_KEY_PASSPHRASE: 'correct horse' };
  const added = await environment.cli(
    ['operator', 'add', 'anna', '--name', 'Anna', '--email', 'anna@garden.example', '--roles', 'approver', '--json'],
    secret,
  );
  const { kid, keyFile } = JSON.parse(added.stdout) as { kid: string; keyFile: string };
  const { delivery, decision } = await held({ id: 'locked', approval: { approvers: ['anna'] } });
  const confirm = ['confirm', delivery.id, '--operator', 'anna', '--seal', decision.seal];
  expect(await environment.cli(confirm)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is locked/) });
  expect(await environment.cli(confirm, { SEALPOST_KEY_PASSPHRASE: 'wrong horse' })).toMatchObject({
    stderr: expect.stringMatching(/the passphrase is wrong/),
  });
  const again = await environment.cli(['operator', 'rotate-key', 'anna', '--key', `${keyFile}.new`, '--json'], secret);
  expect(JSON.parse(again.stdout)).toMatchObject({ revoked: [kid] });
  expect(await environment.cli(confirm, secret)).toMatchObject({ stderr: expect.stringMatching(/revoked/) });
  expect(await environment.cli(confirm, { ...secret, SEALPOST_KEY: `${keyFile}.new` })).toMatchObject({ code: 0 });
  await delivery.outcome();

  const list = JSON.parse((await environment.cli(['operator', 'list', '--json'])).stdout) as { id: string }[];
  expect(list.find(({ id }) => id === 'anna')).toMatchObject({
    email: 'anna@garden.example',
    roles: ['approver'],
    keys: [{ kid, revokedAt: expect.any(String) }, { label: 'key' }],
  });
  for (const [args, message] of [
    [['operator', 'add', 'a b', '--plain'], /an operator id must be/],
    [['operator', 'add', 'ann', '--roles', 'boss', '--plain'], /a role must be one of/],
    [['operator', 'disable', 'nobody'], /no operator "nobody"/],
    [['operator', 'add', 'anna', '--plain'], /is there already/],
  ] as const)
    expect(await environment.cli(args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
});
