import PostalMime from 'postal-mime';
import type { Delivery } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment, type WorkerProcess } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;
/** Recipients whom the relay puts off once. */
const putOff = new Set<string>();

const sending = () => ({
  SMTP_URL: relay.url,
  SEALPOST_NOTICE_FROM: 'Sealpost <sealpost@garden.example>',
  SEALPOST_CONSOLE_URL: 'https://sealpost.internal/',
});

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) => (stage === 'rcpt' && putOff.delete(recipient) ? '451 4.7.1 come again' : undefined),
  });
  const { operators } = environment.sealpost;
  for (const id of ['approver', 'legal', 'otto'])
    await operators.put({ id, name: id, email: `${id}@staff.example` }, 'author');
  await operators.put({ id: 'olga', name: 'olga', email: 'olga@staff.example', groups: ['heads'] }, 'author');
  worker = await environment.startWorker(sending());
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

async function start(id: string, approval: Values['approval'], own: Partial<Values> = {}): Promise<Delivery> {
  return await environment.sealpost.start(definition({ id, approval, ...own }), { operator: 'author' });
}

/** Mail to operators about one delivery, in the order in which it came. */
async function mailAbout(id: string) {
  const all = await Promise.all(
    relay.messages
      .filter(({ sender }) => sender === 'sealpost@garden.example')
      .map(async ({ bytes, recipient }) => ({ recipient, ...(await PostalMime.parse(bytes)) })),
  );
  return all.filter(({ text }) => text?.includes(`sealpost show ${id}\n`));
}

async function requested(delivery: Delivery) {
  const { journal } = await delivery.show();
  return journal.filter(({ kind }) => kind === 'requested');
}

test('whoever may confirm is asked, reminded by a worker that was started after, and others are told; a decision ends it', async () => {
  putOff.add('legal@staff.example');
  const id = 'asked';
  // Late enough for a slow machine to have the decision before.
  const requests = { remindEvery: '8s', escalateAfter: '45s', escalateTo: ['group:heads'] };
  const delivery = await start(id, { approvers: ['approver', 'legal'], quorum: 2, requests, expiresAfter: '20m' });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await eventually(
    () => requested(delivery),
    (entries) => entries.length === 1,
  );
  await worker.kill();
  const [first, second, ...more] = await mailAbout(id);
  expect(more).toEqual([]);
  expect([first?.recipient, second?.recipient]).toEqual(['approver@staff.example', 'legal@staff.example']);
  expect(first?.subject).toBe(`Decision wanted: Test delivery (seal ${seal.slice(0, 8)})`);
  expect(first?.text).toContain('5 messages of "Test delivery" will leave, from Garden <news@garden.example>');
  expect(first?.text).toContain('2 confirmations are missing. Who may confirm now: owner, approver, legal.');
  expect(first?.text).toContain('https://sealpost.internal/deliveries/asked');

  worker = await environment.startWorker(sending());
  await eventually(
    () => mailAbout(id),
    (mail) =>
      mail.some(({ recipient, subject }) => recipient === 'legal@staff.example' && subject?.startsWith('Reminder')),
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  const escalated = await eventually(
    () => mailAbout(id),
    (mail) => mail.some(({ recipient }) => recipient === 'olga@staff.example'),
  );
  const { subject, text } = escalated.find(({ recipient }) => recipient === 'olga@staff.example') ?? {};
  expect(subject).toMatch(/^Decision missing: Test delivery/);
  expect(text).toContain('1 confirmation is missing. Who may confirm now: owner, legal. Confirmed by approver.');
  await delivery.decide({ operator: 'owner', verdict: 'confirm', seal });
  expect((await delivery.outcome()).outcome).toBe('finished');

  const told = await requested(delivery);
  expect(told[0]).toMatchObject({ reason: 'request', seal, counts: { told: 2, 'without-address': 1 } });
  expect(told.filter(({ reason }) => reason === 'escalation')).toEqual([
    expect.objectContaining({ counts: { told: 1 } }),
  ]);
  const mail = await mailAbout(id);
  // One each for every time that people were told, and none twice.
  expect(new Set(mail.map(({ messageId }) => messageId)).size).toBe(mail.length);
  expect(mail).toHaveLength(told.reduce((sum, { counts }) => sum + (counts?.['told'] ?? 0), 0));
  const later = mail.filter(({ text: words }) => words?.includes('Confirmed by approver'));
  expect(later.map(({ recipient }) => recipient)).not.toContain('approver@staff.example');
});

test('a delegate is asked too, and the people of a gate when it opens', async () => {
  const until = new Date(Date.now() + 600_000);
  await environment.sealpost.operators.delegate('owner', { to: 'otto', until, reason: 'on leave' }, 'owner');
  const gates = [{ name: 'legal', approvers: ['legal'] }];
  const delivery = await start('gated', { gates, requests: {} });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  const first = await eventually(
    () => mailAbout('gated'),
    (mail) => mail.length > 0,
  );
  expect(first.map(({ recipient }) => recipient)).toEqual(['legal@staff.example']);
  expect(first[0]?.text).toContain('1 confirmation is missing at the gate "legal".');
  await delivery.decide({ operator: 'legal', verdict: 'confirm', seal });
  const both = await eventually(
    () => mailAbout('gated'),
    (mail) => mail.length > 1,
  );
  expect(both[1]?.recipient).toBe('otto@staff.example');
  await delivery.decide({ operator: 'otto', verdict: 'confirm', seal });
  expect((await delivery.outcome()).outcome).toBe('finished');
});

test('without a sender nobody is told, the journal says why, and the delivery goes on', async () => {
  await worker.kill();
  worker = await environment.startWorker({ SMTP_URL: relay.url });
  const delivery = await start('untold', { approvers: ['approver'], requests: {} });
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  const [entry] = await eventually(
    () => requested(delivery),
    (entries) => entries.length > 0,
  );
  expect(entry).toMatchObject({ reason: 'request', untold: 'no-sender', counts: {} });
  expect((await environment.cli(['show', 'untold', '--journal'])).stdout).toContain(
    `nobody asked by e-mail for the decision on seal ${seal.slice(0, 8)}; the worker’s SEALPOST_NOTICE_FROM is not set`,
  );
  expect(worker.log()).toContain('SEALPOST_NOTICE_FROM is not set');
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  expect((await delivery.outcome()).outcome).toBe('finished');
});
