import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Delivery, StoredHistory } from '../../src/client/index.js';
import { deliveryWorkflowId, historiesWorkflowId } from '../../workflows/messages.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayAnswer, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from '../system/definition.js';
import { eventually, openEnvironment, type TestEnvironment } from '../system/environment.js';

// Not a test but the script that makes the histories which the replay test reads: `npm run histories`, or one of them with
// `-- -t signed`; the others stay. It runs in jest because it needs what the system tests need.

const folder = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(`${folder}/../../package.json`, 'utf8')) as { version: string };
let environment: TestEnvironment;
let relay: ScriptedRelay;
let atDot: () => RelayAnswer | Promise<RelayAnswer> = () => undefined;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ on: (stage) => (stage === 'dot' ? atDot() : undefined) });
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=4` });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function start(id: string, own: Partial<Values> = {}): Promise<Delivery> {
  return await environment.sealpost.start(definition({ id, ...own }), { operator: 'author' });
}

async function seal(delivery: Delivery): Promise<string> {
  const shown = await eventually(
    () => delivery.show(),
    (seen) => seen.phase === 'awaiting-decision' && seen.seal !== undefined,
  );
  return shown.seal ?? '';
}

/** Waits for the end, and writes every run of its workflows, one file a run. */
async function record(outcome: string, delivery: Delivery): Promise<void> {
  await delivery.outcome();
  const keeper = environment.temporal.workflow.getHandle(historiesWorkflowId(delivery.id));
  await keeper.result();
  const runs: StoredHistory[] = await delivery.histories();
  const ofThis = new RegExp(`^${outcome}-\\d.*\\.json\\.gz$`);
  for (const name of await readdir(folder)) if (ofThis.test(name)) await rm(`${folder}/${name}`);
  for (const [index, run] of runs.entries()) {
    const workflow = run.workflowId.split(':')[0] ?? '';
    const name = `${outcome}-${index + 1}-${workflow}-${version}.json.gz`;
    await writeFile(`${folder}/${name}`, gzipSync(JSON.stringify({ workflowId: run.workflowId, ...run.history })));
  }
}

test('finished', async () => {
  const delivery = await start('finished', { proofs: { recipients: ['proof@reviewers.example'] } });
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: await seal(delivery) });
  await record('finished', delivery);
});

test('signed decisions and a review: one too early, one that is withdrawn, and a quorum', async () => {
  const gates = [{ name: 'content', approvers: ['legal'], quorum: 1 }];
  const contentApproval = { reviewers: ['legal'] };
  const delivery = await start('signed', {
    approval: { approvers: ['approver'], quorum: 2, fourEyes: true, gates, contentApproval },
    proofs: { recipients: ['proof@reviewers.example'] },
  });
  const named = await seal(delivery);
  await delivery.reviewProof({ operator: 'legal', verdict: 'approve', proof: 1 });
  const decide = (operator: string, verdict: 'confirm' | 'withdraw' = 'confirm') =>
    delivery.decide({ operator, verdict, seal: named });
  await decide('approver').catch(() => undefined);
  await decide('legal');
  await decide('approver');
  await decide('approver', 'withdraw');
  await decide('approver');
  await decide('owner');
  await record('signed', delivery);
});

test('rejected, then revised, then confirmed', async () => {
  const delivery = await start('rejected');
  const first = await seal(delivery);
  await delivery.decide({ operator: 'approver', verdict: 'reject', seal: first, comment: 'wrong subject' });
  await delivery.revise(definition({ id: 'rejected', subject: 'Other' }), { operator: 'author' });
  const second = await seal(delivery);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: second });
  await record('rejected-and-revised', delivery);
});

test('stopped', async () => {
  const delivery = await start('stopped');
  await seal(delivery);
  await delivery.stop({ operator: 'owner' });
  await record('stopped', delivery);
});

test('expired', async () => {
  await record('expired', await start('expired', { approval: { approvers: ['approver'], expiresAfter: '1s' } }));
});

test('failed', async () => {
  const delivery = await start('failed');
  const named = await seal(delivery);
  await environment.database.query(
    `update message m set leaf = sha256('other') from delivery d where d.key = m.delivery and d.id = 'failed'`,
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: named });
  await record('failed', delivery);
});

test('paused and resumed, with retries', async () => {
  const door = gate();
  let begun = 0;
  atDot = () => {
    begun += 1;
    if (begun === 1) return '451 4.7.1 greylisted';
    return begun > 10 ? door.opened : undefined;
  };
  const delivery = await start('paused', {
    approval: { mode: 'automatic' },
    recipients: recipients(60),
    sending: { batchSize: 20, retries: { interval: '1s' } },
  });
  await eventually(
    () => Promise.resolve(begun),
    (count) => count > 10,
  );
  await delivery.pause({ operator: 'owner' });
  await eventually(
    () => delivery.progress(),
    ({ phase }) => phase === 'paused',
  );
  door.open();
  await eventually(
    () => delivery.show(),
    ({ journal }) => journal.some(({ kind }) => kind === 'sending-paused'),
  );
  await delivery.resume({ operator: 'owner' });
  await record('paused-and-resumed', delivery);
  atDot = () => undefined;
});

test('continued as new', async () => {
  const delivery = await start('continued');
  const named = await seal(delivery);
  const handle = environment.temporal.workflow.getHandle(deliveryWorkflowId('continued'));
  const junk = Array.from({ length: 1_600 }, (_, n) => () => handle.signal('junk', n));
  while (junk.length > 0) await Promise.all(junk.splice(0, 50).map((send) => send()));
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: named });
  await record('continued-as-new', delivery);
}, 180_000);
