import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSystemKey } from '../../src/audit/system-key.js';
import type { Delivery } from '../../src/client/index.js';
import { historiesWorkflowId } from '../../workflows/messages.js';
import type { RelayAnswer, RelayStage, ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import {
  eventually,
  inPhase,
  ledgerOf,
  openSendingEnvironment,
  type CliResult,
  type SendingEnvironment,
} from './environment.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-schedule-'));
const keyFile = join(folder, 'system-key.pem');
let environment: SendingEnvironment;
let relay: ScriptedRelay;
let script: (stage: RelayStage, recipient: string) => RelayAnswer = () => undefined;

beforeAll(async () => {
  writeFileSync(keyFile, makeSystemKey(), { mode: 0o600 });
  environment = await openSendingEnvironment({ on: (stage, { recipient }) => script(stage, recipient), keep: true }, 4);
  ({ relay } = environment);
});
beforeEach(() => {
  script = () => undefined;
});
afterAll(async () => {
  await environment.close();
  rmSync(folder, { recursive: true });
});

const cli = (...args: string[]): Promise<CliResult> => environment.cli(args, { SEALPOST_SYSTEM_KEY: keyFile });

async function start(own: Partial<Values> & { id: string }): Promise<Delivery> {
  return await environment.sealpost.start(definition(own), { operator: 'author' });
}

async function confirm(delivery: Delivery): Promise<void> {
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
}

/** The next full minute that leaves time for an analysis: a contact date has no seconds. */
function soon(): string {
  return new Date(Math.ceil((Date.now() + 20_000) / 60_000) * 60_000).toISOString().slice(0, 16);
}

/** Exports the delivery and verifies the file, and the proof of one message beside its mail. */
async function audited(delivery: Delivery, mail: Buffer): Promise<number[]> {
  await environment.temporal.workflow.getHandle(historiesWorkflowId(delivery.id)).result();
  const file = (name: string) => join(folder, `${delivery.id}.${name}`);
  writeFileSync(file('eml'), mail);
  const proved = ['audit', 'proof', delivery.id, '--seq', '1', '--out', file('proof')];
  const results = [
    await cli('audit', 'export', delivery.id, '--out', file('ndjson')),
    await cli('audit', 'verify', file('ndjson')),
    await cli(...proved),
    await cli('audit', 'verify', '--message', file('eml'), '--proof', file('proof')),
  ];
  return results.map(({ code }) => code);
}

const zones = ['UTC', 'Asia/Tokyo', 'Nowhere/Land', undefined, ' Asia/Tokyo ', 'UTC'];

test("recipients whose nine o'clock has been get it at once, all others at the contact date, in that order", async () => {
  const at = soon();
  const people = recipients(6).map((one, i) => ({
    ...one,
    email: one.email.replace('shop', 'zones'),
    ...(zones[i] !== undefined && { time_zone: zones[i] }),
  }));
  const sending = { at, timeZone: 'UTC', recipientTimeZoneField: 'time_zone' };
  const delivery = await start({ id: 'zones', recipients: people, sending });
  const { schedule } = await inPhase(delivery, 'awaiting-decision');
  const tokyo = new Date(Date.parse(`${at}Z`) - 9 * 3_600_000).toISOString();
  expect(schedule).toEqual({
    startsAt: tokyo,
    waves: [
      { firstSeq: 1, lastSeq: 2, startsAt: tokyo },
      { firstSeq: 3, lastSeq: 6, startsAt: `${at}:00.000Z` },
    ],
  });
  await confirm(delivery);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 6 } });
  const rows = await ledgerOf(delivery);
  expect(rows.map(({ row }) => row)).toEqual([2, 5, 1, 3, 4, 6]);
  const { rows: claimed } = await environment.database.query<{ inTime: boolean }>(
    `select (m.first_claimed_at >= $1) as "inTime" from message m join delivery d on d.key = m.delivery
     where d.id = 'zones' and m.proof = 0 order by m.seq`,
    [`${at}Z`],
  );
  expect(claimed.map(({ inTime }) => inTime)).toEqual([false, false, true, true, true, true]);
  const mail = relay.messages.find(({ recipient }) => recipient === 'person2@zones.example')?.bytes;
  expect(await audited(delivery, mail ?? Buffer.of())).toEqual([0, 0, 0, 0]);
});

test('a canary whose recipients are refused pauses the delivery, and says why; resumed, the other waves leave', async () => {
  script = (stage, recipient) => {
    if (stage !== 'rcpt') return undefined;
    if (recipient === 'person2@canary.example') return '550 5.1.1 no such user';
    return undefined;
  };
  const people = recipients(9).map((one) => ({ ...one, email: one.email.replace('shop', 'canary') }));
  const delivery = await start({
    id: 'canary',
    recipients: people,
    sending: {
      batchSize: 2,
      canary: { size: 3, wait: '1s', limits: { failed: '10%' } },
      waves: { size: 3, every: '1s' },
      retries: { interval: '1s' },
    },
  });
  await confirm(delivery);
  const { heldFor, counts, journal } = await inPhase(delivery, 'paused');
  expect(heldFor).toBe(
    'the canary is over its limits: 1 of 3 messages failed, and sending.canary.limits.failed allows 10%',
  );
  expect(counts).toEqual({ sent: 2, failed: 1, pending: 6 });
  expect(journal.find(({ kind }) => kind === 'held')?.reason).toBe(heldFor);
  const { stdout } = await cli('show', 'canary');
  expect(stdout).toContain('over its limits: 1 of 3 messages failed');
  expect(stdout).toContain('sealpost resume canary');
  // Each is refused for now once, in a later wave too.
  const refused = new Set<string>();
  script = (stage, recipient) => {
    if (stage !== 'rcpt' || refused.has(recipient)) return undefined;
    refused.add(recipient);
    return '451 4.7.1 greylisted';
  };
  await delivery.resume({ operator: 'owner' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 8, failed: 1 } });
  expect((await ledgerOf(delivery)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 2, 2, 2, 2, 2, 2]);
  const { rows } = await environment.database.query<{ number: number }>(
    `select number from batch b join delivery d on d.key = b.delivery where d.id = 'canary' and proof = 0 order by number`,
  );
  // Two batches a wave, and none in two waves.
  expect(rows.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
  const mail = relay.messages.find(({ recipient }) => recipient === 'person1@canary.example')?.bytes;
  expect(await audited(delivery, mail ?? Buffer.of())).toEqual([0, 0, 0, 0]);
});

test('a delivery that waits for its contact date is rescheduled: all else is as it was, and its new seal must be confirmed', async () => {
  const people = recipients(4).map((one) => ({ ...one, email: one.email.replace('shop', 'moved') }));
  const sending = { at: '2099-12-01T09:00', timeZone: 'Europe/Berlin' };
  const delivery = await start({ id: 'moved', recipients: people, sending, target: { seeds: ['seed@panel.example'] } });
  await confirm(delivery);
  const before = await inPhase(delivery, 'scheduled');
  const moved = await cli('reschedule', 'moved', '--at', '2026-02-31T09:00', '--operator', 'author');
  expect(moved).toMatchObject({ code: 2, stderr: expect.stringContaining('sending.at must be a local date and time') });
  const { code, stdout } = await cli(
    'reschedule',
    'moved',
    '--at',
    '2020-06-01T09:00',
    '--time-zone',
    'America/New_York',
    '--operator',
    'author',
    '--json',
  );
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, id: 'moved', state: 'accepted' });
  const after = await eventually(
    () => delivery.show(),
    ({ phase, revision }) => phase === 'awaiting-decision' && revision !== before.revision,
  );
  expect(after.seal).not.toBe(before.seal);
  expect(after.schedule?.startsAt).toBe('2020-06-01T13:00:00.000Z');
  const { sending: _before, ...was } = before.settings;
  const { sending: _after, ...is } = after.settings;
  expect(is).toEqual(was);
  expect((await delivery.report()).difference).toMatchObject({
    settings: [{ path: 'sending.at' }, { path: 'sending.timeZone' }],
    sources: [],
    target: { gained: { count: 0 }, lost: { count: 0 }, changed: { count: 0 } },
  });
  expect(relay.messages.filter(({ recipient }) => recipient.endsWith('moved.example'))).toEqual([]);
  await confirm(delivery);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 4 } });
  expect((await audited(delivery, Buffer.of())).slice(0, 2)).toEqual([0, 0]);
});
