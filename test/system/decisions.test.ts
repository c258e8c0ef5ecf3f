import { CommandRefusedError, type Delivery } from '../../src/client/index.js';
import { runCli } from '../../src/cli/program.js';
import { recordedTerminal } from '../cli/recorded-terminal.js';
import { definition } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment, type WorkerProcess } from './environment.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay();
  worker = await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function sealOf(delivery: Delivery): Promise<string> {
  const { seal } = await eventually(
    () => delivery.show(),
    (seen) => seen.phase === 'awaiting-decision' && seen.seal !== undefined,
  );
  return seal ?? '';
}

async function phase(delivery: Delivery, wanted: string): Promise<void> {
  await eventually(
    () => delivery.progress(),
    ({ phase }) => phase === wanted,
  );
}

async function refusals(delivery: Delivery): Promise<(string | undefined)[]> {
  const { decisions } = await delivery.show();
  return decisions.filter(({ accepted }) => !accepted).map(({ reason }) => reason);
}

const otherSeal = 'f'.repeat(64);

test("Temporal's own command confirms a delivery", async () => {
  const delivery = await environment.sealpost.start(
    definition({ id: 'by-temporal-cli', approval: { approvers: ['approver'], requireSignature: false } }),
    { operator: 'author' },
  );
  const seal = await sealOf(delivery);
  const signal = (input: object) => environment.signalByTemporalCli(delivery.id, 'decide', input);
  await signal({ operator: 'approver', verdict: 'confirm', seal: otherSeal });
  await signal({ operator: 'stranger', verdict: 'confirm', seal });
  await signal({ operator: 'approver', verdict: 'confirm', seal, comment: 'looks right' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  const { decisions } = await delivery.show();
  expect(decisions.map(({ operator, accepted, comment }) => [operator, accepted, comment])).toEqual([
    ['approver', false, undefined],
    ['stranger', false, undefined],
    ['approver', true, 'looks right'],
  ]);
});

test('a decision is refused, recorded and of no effect when it is early, names another seal or comes from a stranger', async () => {
  const delivery = await environment.sealpost.start(
    definition({ id: 'refusals', approval: { approvers: ['approver'], fourEyes: true }, owner: 'author' }),
    { operator: 'author' },
  );
  const seal = await sealOf(delivery);
  const refused = { code: 'COMMAND_REFUSED' };
  const confirm = (operator: string, named: string) => delivery.decide({ operator, verdict: 'confirm', seal: named });
  await expect(confirm('approver', otherSeal)).rejects.toMatchObject(refused);
  await expect(confirm('stranger', seal)).rejects.toMatchObject(refused);
  await expect(confirm('author', seal)).rejects.toBeInstanceOf(CommandRefusedError);
  await delivery.revise(definition({ id: 'refusals', subject: 'Another subject' }), { operator: 'author' });
  await sealOf(delivery);
  await expect(confirm('approver', seal)).rejects.toMatchObject(refused);
  const reasons = await eventually(
    () => refusals(delivery),
    (seen) => seen.length === 4,
  );
  expect(reasons).toEqual([
    'it names another seal than that of the current analysis',
    'operator "stranger" is neither the owner nor one of the approvers',
    'four-eyes: operator "author" submitted this revision and cannot confirm it',
    'it names another seal than that of the current analysis',
  ]);
  expect((await delivery.status()).phase).toBe('awaiting-decision');
  await delivery.stop({ operator: 'owner' });
  expect((await delivery.outcome()).counts).toEqual({ canceled: 5 });
});

test('a revision does not loosen its own approval, and whoever has nothing to do with a delivery cannot revise it', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'loosened' }), { operator: 'author' });
  await sealOf(delivery);
  const loose = definition({ id: 'loosened', owner: 'stranger', approval: { mode: 'automatic' } });
  await expect(delivery.revise(loose, { operator: 'stranger' })).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });
  await delivery.revise(loose, { operator: 'author' });
  const seal = await sealOf(delivery);
  await expect(delivery.decide({ operator: 'author', verdict: 'confirm', seal })).rejects.toThrow(/neither the owner/);
  await delivery.decide({ operator: 'stranger', verdict: 'confirm', seal });
  expect((await delivery.status()).phase).toBe('awaiting-decision');
  expect((await delivery.show()).approvalRules).toHaveLength(2);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
});

test('a definition that names another delivery is not taken for a revision', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'mine' }), { operator: 'author' });
  await expect(delivery.revise(definition({ id: 'yours' }), { operator: 'author' })).rejects.toThrow(/"yours"/);
  expect((await delivery.show()).revisions).toHaveLength(1);
  await delivery.stop({ operator: 'owner' });
});

test('a rejected delivery takes a revision, and the revision can be confirmed', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'rejected' }), { operator: 'author' });
  const first = await sealOf(delivery);
  await delivery.decide({ operator: 'approver', verdict: 'reject', seal: first, comment: 'wrong subject' });
  await phase(delivery, 'awaiting-revision');
  await delivery.revise(definition({ id: 'rejected', subject: 'The right subject' }), { operator: 'author' });
  const second = await sealOf(delivery);
  expect(second).not.toBe(first);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: second });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
});

test('an error in the parameters stops at the first step until a revision comes', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'no-relay', relay: 'nowhere' }), {
    operator: 'author',
  });
  await phase(delivery, 'awaiting-revision');
  const { findings } = await delivery.show();
  expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
    { rule: 'relay-unknown', level: 'error', place: 'relay' },
  ]);
  await delivery.revise(definition({ id: 'no-relay' }), { operator: 'author' });
  await sealOf(delivery);
  await delivery.stop({ operator: 'owner' });
});

describe('commands that wait before the first workflow task', () => {
  test.each([
    { sent: ['pause', 'resume', 'pause'], paused: true },
    { sent: ['resume', 'pause', 'resume'], paused: false },
  ])('take effect in their order: $sent', async ({ sent, paused }) => {
    await worker.stop();
    const id = `ordered-${sent.join('-')}`;
    const delivery = await environment.sealpost.start(definition({ id }), { operator: 'author' });
    for (const name of sent) await environment.signalByTemporalCli(id, name, { operator: 'owner' });
    worker = await environment.startWorker({ SMTP_URL: relay.url });
    await sealOf(delivery);
    expect((await delivery.status()).paused).toBe(paused);
    await delivery.stop({ operator: 'owner' });
  });

  test('a decision among them is refused as early, and a command says that it is queued', async () => {
    await worker.stop();
    const delivery = await environment.sealpost.start(definition({ id: 'early' }), { operator: 'author' });
    const queued = await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: otherSeal });
    expect(queued).toEqual({ state: 'queued' });
    worker = await environment.startWorker({ SMTP_URL: relay.url });
    await sealOf(delivery);
    expect(await refusals(delivery)).toEqual(['the analysis is not finished: there is no seal yet']);
    await delivery.stop({ operator: 'owner' });
    expect((await delivery.outcome()).outcome).toBe('stopped');
  });
});

test('the same start again gives the same delivery, and another one under its id is refused', async () => {
  const first = await environment.sealpost.start(definition({ id: 'once' }), { operator: 'author' });
  const again = await environment.sealpost.start(definition({ id: 'once' }), { operator: 'author' });
  expect([first.alreadyStarted, again.alreadyStarted]).toEqual([false, true]);
  await expect(
    environment.sealpost.start(definition({ id: 'once', subject: 'Other' }), { operator: 'author' }),
  ).rejects.toMatchObject({ code: 'DELIVERY_ID_USED' });
  expect((await first.show()).revisions).toHaveLength(1);
  await sealOf(first);
  await first.stop({ operator: 'owner' });
});

test('whoever watches is told once that a decision is awaited, of whom, and how to give it', async () => {
  const approval = { approvers: ['approver', 'second'], quorum: 2 };
  const delivery = await environment.sealpost.start(definition({ id: 'watched', approval }), { operator: 'author' });
  const seal = await sealOf(delivery);
  const watching = [[], ['--json']].map((args) => {
    const { terminal, out } = recordedTerminal();
    return { out, ended: runCli(['watch', 'watched', ...args], { env: environment.env, terminal }) };
  });
  const outs = await eventually(
    async () => watching.map(({ out }) => out()),
    (seen) => seen.every((out) => out !== ''),
  );
  expect(outs[0]).toBe(
    'awaiting-decision: waits for a person to confirm or reject the seal. It needs 2 confirmations from: owner, approver, second. ' +
      'Next: sealpost confirm watched --operator owner, or sealpost reject watched --operator owner --comment "why"\n',
  );
  expect(JSON.parse(outs[1] ?? '')).toMatchObject({
    phase: 'awaiting-decision',
    pendingDecision: { mayConfirm: ['owner', 'approver', 'second'], confirmedBy: [] },
    next: ['sealpost confirm watched --operator owner', expect.stringContaining('sealpost reject watched')],
  });
  for (const operator of ['owner', 'approver']) await delivery.decide({ operator, verdict: 'confirm', seal });
  expect(await Promise.all(watching.map(({ ended }) => ended))).toEqual([0, 0]);
  for (const { out } of watching) expect(out().match(/awaiting-decision/g)).toHaveLength(1);
});
