import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, DeliveryDescription, DryRunRow } from '../../src/client/index.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { gate } from '../smtp/gate.js';
import { definition, recipients, type Values } from './definition.js';
import {
  eventually,
  inPhase,
  ledgerOf,
  openEnvironment,
  type TestEnvironment,
  type WorkerProcess,
} from './environment.js';

const connections = 4;
let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;
/** What was said to the relay, and to whom. */
let heard: { stage: RelayStage; recipient: string }[] = [];
let script: (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer>;

const startWorker = () => environment.startWorker({ SMTP_URL: `${relay.url}&connections=${connections}` });

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    on: (stage, { recipient }) => {
      heard.push({ stage, recipient });
      return script(stage, recipient);
    },
  });
  worker = await startWorker();
});
beforeEach(() => {
  heard = [];
  script = () => undefined;
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const by = { operator: 'author' };
const asked = (stage: RelayStage) => heard.filter((one) => one.stage === stage).map(({ recipient }) => recipient);

/** A delivery that is sealed and waits for its decision. */
async function sealed(id: string, count: number, own: Partial<Values> = {}): Promise<Delivery> {
  const people = recipients(count).map((one) => ({ ...one, email: one.email.replace('shop', id) }));
  const delivery = await environment.sealpost.start(definition({ id, recipients: people, ...own }), by);
  await inPhase(delivery, 'awaiting-decision');
  return delivery;
}

/** Waits until the nth dry run is in the journal. */
async function ended(delivery: Delivery, n = 1): Promise<DeliveryDescription> {
  return await eventually(
    () => delivery.show(),
    ({ journal }) => journal.filter(({ kind }) => kind === 'dry-run').length === n,
  );
}

/** What an operator is told of each recipient. */
async function told(id: string): Promise<string[]> {
  const { stdout } = await environment.cli(['messages', id, '--dry-run', '--json']);
  return (JSON.parse(stdout) as DryRunRow[]).map(({ seq, outcome, reason, reply }) =>
    [seq, outcome, ...(reason === null ? [] : [reason]), ...(reply === null ? [] : [reply])].join(' '),
  );
}

test('each recipient is asked about once and no message follows; a second dry run replaces the first', async () => {
  const delivery = await sealed('tried', 6, { bcc: 'archive@keeper.example' });
  await environment.sealpost.denylist.add(['person5@tried.example'], { sender: 'news@garden.example', ...by });
  script = (stage, recipient) => {
    if (stage !== 'rcpt') return undefined;
    if (recipient.startsWith('person2@')) return '550 5.1.1 no such user';
    return recipient.startsWith('person3@') ? '452 4.2.2 mailbox full' : undefined;
  };
  const { code, stdout } = await environment.cli(['dry-run', 'tried', '--operator', 'author']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('nothing is sent') });
  const { dryRun, counts } = await ended(delivery);
  const accepted = (seq: number) => `${seq} accepted 250 2.1.5 ok`;
  const refused = ['2 rejected user-unknown 550 5.1.1 no such user', '3 deferred mailbox-full 452 4.2.2 mailbox full'];
  expect(await told('tried')).toEqual([accepted(1), ...refused, accepted(4), '5 ignored denylisted', accepted(6)]);
  expect(asked('rcpt').toSorted()).toEqual([1, 2, 3, 4, 6].map((n) => `person${n}@tried.example`));
  expect(asked('rset')).toHaveLength(5);
  expect(asked('data')).toEqual([]);
  expect(dryRun).toMatchObject({ untried: 0, ended: { operator: 'author' } });
  // Nothing else knows of it.
  expect(counts).toEqual({ pending: 6 });
  expect((await ledgerOf(delivery)).every(({ attempts, status }) => attempts === 0 && status === 'pending')).toBe(true);

  script = () => undefined;
  await delivery.dryRun({ operator: 'owner' });
  await ended(delivery, 2);
  expect(await told('tried')).toEqual([1, 2, 3, 4].map(accepted).concat('5 ignored denylisted', accepted(6)));
  for (const args of [
    ['show', 'tried'],
    ['show', 'tried', '--report'],
  ])
    expect((await environment.cli(args)).stdout).toMatch(/Dry run\n[^]*5 +accepted|Dry run\n[^]*accepted +5/);

  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: (await delivery.show()).seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5, ignored: 1 } });
  await expect(delivery.dryRun(by)).rejects.toMatchObject({ code: 'DELIVERY_ENDED' });
});

test('a worker that is killed in a dry run is followed by one that goes on where it was', async () => {
  const total = 300;
  const delivery = await sealed('killed-trial', total);
  script = async (stage) => (stage === 'rcpt' ? await delay(20, undefined) : undefined);
  await delivery.dryRun(by);
  await eventually(
    () => Promise.resolve(asked('rcpt').length),
    (count) => count > total / 3,
  );
  await worker.kill();
  expect(asked('rcpt').length).toBeLessThan(total);
  worker = await startWorker();
  await ended(delivery);
  expect(await told('killed-trial')).toHaveLength(total);
  expect(new Set(asked('rcpt')).size).toBe(total);
  // Asked twice is whoever was under way at the kill.
  expect(asked('rcpt').length).toBeLessThanOrEqual(total + 3 * connections);
  expect(asked('data')).toEqual([]);
});

test('a new revision ends a dry run, and takes away what it found', async () => {
  const delivery = await sealed('overtaken', 200);
  const revised = gate();
  script = async (stage) => {
    if (stage !== 'rcpt') return undefined;
    // It must not have come to its end before the revision is there.
    if (asked('rcpt').length > 100) await revised.opened;
    return await delay(50, undefined);
  };
  await delivery.dryRun(by);
  await eventually(
    () => told('overtaken'),
    (seen) => seen.length > 0,
  );
  await delivery.revise(definition({ id: 'overtaken', subject: 'Another' }), by);
  revised.open();
  const { journal } = await ended(delivery);
  expect(journal.find(({ kind }) => kind === 'dry-run')?.reason).toMatch(/^something else came/);
  await inPhase(delivery, 'awaiting-decision');
  expect(await told('overtaken')).toEqual([]);
  expect((await delivery.show()).dryRun).toBeUndefined();
});

test('what is refused is told in a sentence: before the seal, a stranger, and where the relay refuses the sender', async () => {
  const delivery = await sealed('refused', 2);
  await expect(delivery.dryRun({ operator: 'stranger' })).rejects.toThrow(/neither the author/);
  script = (stage) => (stage === 'mail' ? '550 5.7.1 sender not welcome' : undefined);
  await delivery.dryRun(by);
  await ended(delivery);
  expect(await told('refused')).toEqual([1, 2].map((seq) => `${seq} deferred refused 550 5.7.1 sender not welcome`));
  expect((await environment.cli(['messages', 'unknown', '--dry-run'])).code).toBe(1);
});
