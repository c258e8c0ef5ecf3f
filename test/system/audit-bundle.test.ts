import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from '../../src/audit/check-result.js';
import { makeSystemKey } from '../../src/audit/system-key.js';
import type { Delivery } from '../../src/client/index.js';
import { historiesWorkflowId } from '../../workflows/messages.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayAnswer, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients, type Values } from './definition.js';
import { eventually, inPhase, openEnvironment, type CliResult, type TestEnvironment } from './environment.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-audit-'));
const inFolder = (name: string) => join(folder, name);
const keyFile = inFolder('system-key.pem');
let environment: TestEnvironment;
let relay: ScriptedRelay;
let thumbprint = '';
let atDot: (recipient: string) => RelayAnswer | Promise<RelayAnswer> = () => undefined;

beforeAll(async () => {
  writeFileSync(keyFile, makeSystemKey(), { mode: 0o600 });
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    keep: true,
    on: (stage, { recipient }) => (stage === 'dot' ? atDot(recipient) : undefined),
  });
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=4` });
  ({ thumbprint } = JSON.parse((await cli('audit', 'key', '--json')).stdout) as { thumbprint: string });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  rmSync(folder, { recursive: true });
});

const cli = (...args: string[]): Promise<CliResult> => environment.cli(args, { SEALPOST_SYSTEM_KEY: keyFile });

/** As an auditor has it: no server, no key. */
const auditor = (...args: string[]): Promise<CliResult> =>
  environment.cli(['audit', 'verify', ...args], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    SEALPOST_HOME: inFolder('nothing'),
  });

async function exported(id: string, ...options: string[]): Promise<string> {
  const file = inFolder(`${id}${options.join('')}.ndjson`);
  const { code, stderr } = await cli('audit', 'export', id, '--out', file, ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return file;
}

/** Names of the checks that failed, and of those that were not made. */
async function verified(...args: string[]): Promise<{ code: number; failed: string[]; skipped: string[] }> {
  const { code, stdout } = await auditor(...args, '--key', thumbprint, '--json');
  const { checks } = JSON.parse(stdout) as { checks: CheckResult[] };
  const of = (state: string) =>
    checks
      .filter((check) => check.state === state)
      .map(({ name, faults }) => [name, ...faults.map(({ what }) => what)].join(': '));
  return { code, failed: of('failed'), skipped: of('skipped') };
}

const inOrder = { code: 0, failed: [], skipped: [] };

const peopleOf = (id: string, count: number) =>
  recipients(count).map((one) => ({ ...one, email: one.email.replace('shop', id) }));

async function start(id: string, own: Partial<Values> = {}): Promise<Delivery> {
  const values = definition({ id, recipients: peopleOf(id, 5), ...own });
  return await environment.sealpost.start(values, { operator: 'author' });
}

async function confirm(delivery: Delivery): Promise<void> {
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
}

async function ended(delivery: Delivery): Promise<void> {
  await delivery.outcome();
  await environment.temporal.workflow.getHandle(historiesWorkflowId(delivery.id)).result();
}

/** With all that makes a leaf: token, archive, seeds, somebody left out. */
const everything: Partial<Values> = {
  bcc: 'archive@keeper.example',
  sender: { name: 'Garden', address: 'news@garden.example', errorAddress: 'bounces@garden.example', verp: true },
  proofs: { recipients: ['editor@reviewers.example'] },
  target: { seeds: [{ address: 'seed@panel.example', fields: { first_name: 'Sieglinde' } }] },
};

describe('a delivery that was sent', () => {
  let file = '';
  const people = [...peopleOf('sent', 20), { email: 'person1@sent.example', first_name: 'Twice' }];

  beforeAll(async () => {
    const delivery = await start('sent', { ...everything, recipients: people });
    await confirm(delivery);
    await ended(delivery);
    file = await exported('sent');
  });

  const mailTo = (recipient: string): Buffer =>
    relay.messages.find((message) => message.recipient === recipient && !message.bytes.includes('Subject: [Proof'))
      ?.bytes ?? Buffer.alloc(0);

  test('verifies without any server, and the file is for its owner alone', async () => {
    expect(await verified(file)).toEqual(inOrder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = (await auditor(file)).stdout;
    expect(text).toContain(`by the key that the file itself names, ${thumbprint}`);
    const { code, stderr } = await cli('audit', 'export', 'sent', '--out', file);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('--force') });
    expect((await cli('audit', 'export', 'sent', '--out', file, '--force')).code).toBe(0);
    const publicKey = inFolder('system-key.json');
    writeFileSync(publicKey, (await cli('audit', 'key', '--json')).stdout);
    expect((await auditor(file, '--key', publicKey)).stdout).toContain(`by the key that you named, ${thumbprint}`);
    const wrong = await auditor(file, '--key', 'A'.repeat(43));
    expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining('signed by another key than the one that you named'),
    });
  });

  test.each(['person7@sent.example', 'seed@panel.example', 'archive@keeper.example'])(
    'a mail to %s, as it arrived, is the one that was sealed',
    async (recipient) => {
      const arrived = inFolder('arrived.eml');
      const trace =
        'Received: from relay by mx; Tue, 24 Nov 2026 12:00:00 +0000\r\nAuthentication-Results: mx; spf=pass\r\n';
      writeFileSync(arrived, Buffer.concat([Buffer.from(trace), mailTo(recipient)]));
      expect(await verified(file, '--message', arrived)).toEqual(inOrder);
      writeFileSync(arrived, mailTo(recipient).toString('latin1').replace('Dear ', 'Dead '), 'latin1');
      expect((await verified(file, '--message', arrived)).failed).toEqual([expect.stringMatching(/^message: /)]);
    },
  );

  test('a proof of one message shows the same, and tells of nobody else', async () => {
    const proof = inFolder('message.proof.json');
    const { code, stderr } = await cli('audit', 'proof', 'sent', '--seq', '8', '--out', proof);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { proof: told } = JSON.parse(readFileSync(proof, 'utf8')) as { proof: { recipient: string } };
    const arrived = inFolder('one.eml');
    writeFileSync(arrived, mailTo(told.recipient));
    expect(await verified('--message', arrived, '--proof', proof)).toEqual(inOrder);
    const others = people.filter(({ email }) => email !== told.recipient);
    for (const { email } of others) expect(readFileSync(proof, 'utf8')).not.toContain(email);
    writeFileSync(arrived, mailTo(others.find(({ email }) => email !== 'person1@sent.example')?.email ?? ''));
    expect((await verified('--message', arrived, '--proof', proof)).failed).toEqual([
      expect.stringMatching(/^message: its Message-ID is/),
    ]);
    const forged = readFileSync(proof, 'utf8').replace(told.recipient, 'other@sent.example');
    writeFileSync(proof, forged);
    expect((await verified('--message', arrived, '--proof', proof)).failed).toEqual([
      'signature: the proof is not the one that was signed',
    ]);
  });

  test('somebody who was left out has no proof, and neither has a message that is not there', async () => {
    const { rows } = await environment.database.query(`select seq from message where reason = 'double'`);
    const ask = (seq: string) => cli('audit', 'proof', 'sent', '--seq', seq, '--out', inFolder('none.json'));
    expect(await ask(String(rows[0].seq))).toMatchObject({ code: 1, stderr: expect.stringContaining('was left out') });
    expect(await ask('999')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no message 999') });
  });

  test('pseudonymised, it verifies and holds no address', async () => {
    const masked = await exported('sent', '--pseudonymise');
    expect(await verified(masked)).toEqual({ ...inOrder, skipped: ['revisions', 'claims'] });
    const text = readFileSync(masked, 'utf8');
    const encoded = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString('utf8'),
    );
    const told = ['person', 'archive@', 'editor@', 'seed@', 'bounces', 'news@', 'Sieglinde'];
    for (const one of told) expect([text, ...encoded].join('\n')).not.toContain(one);
    // Of a few recipients it could be tried out.
    const revision = text.split('\n').find((line) => line.includes('"sourceHashes"')) ?? '{}';
    const [full] = readFileSync(file, 'utf8').match(/"target":"[0-9a-f]{64}"/) ?? ['none'];
    expect([Object.hasOwn(JSON.parse(revision) as object, 'target'), text.includes(full)]).toEqual([false, false]);
    const arrived = inFolder('arrived.eml');
    writeFileSync(arrived, mailTo('person7@sent.example'));
    expect(await verified(masked, '--message', arrived)).toEqual({
      ...inOrder,
      skipped: ['revisions', 'claims', 'message'],
    });
  });

  test('who changes the tables afterwards is found out', async () => {
    const run = (statement: string) => environment.database.query(statement);
    const tampered = async (change: string, back: string) => {
      await run(change);
      const { failed } = await verified(await exported('sent', '--force'));
      await run(back);
      return failed.map((text) => text.split(':')[0]);
    };
    // Not by its place, which might be the seed's: that is in no count.
    const messages = `from delivery d where d.key = m.delivery and d.id = 'sent' and m.proof = 0 and m.profile_row = 3`;
    await run('create table kept as select delivery, seq, leaf from message where proof = 0');
    expect(
      await tampered(
        `update message m set leaf = sha256('other') ${messages}`,
        `update message m set leaf = k.leaf from kept k where k.delivery = m.delivery and k.seq = m.seq and m.proof = 0`,
      ),
    ).toEqual(['seal', 'copies']);
    expect(
      await tampered(
        `update message m set status = 'failed' ${messages}`,
        `update message m set status = 'sent' ${messages}`,
      ),
    ).toEqual(['attempts', 'counts']);
    expect(
      await tampered(
        `update profile p set fields = fields || '{"x": 1}' from revision r where r.key = p.revision and p."row" = 3`,
        `update profile p set fields = fields - 'x' from revision r where r.key = p.revision and p."row" = 3`,
      ),
    ).toEqual(['revisions']);
    const replaced = (from: string, to: string) =>
      `update history h set events = replace(events::text, '"${from}"', '"${to}"')::jsonb
       from delivery d where d.key = h.delivery and d.id = 'sent'`;
    expect(await tampered(replaced('sealAnalysis', 'sealOther'), replaced('sealOther', 'sealAnalysis'))).toEqual([
      'replay',
    ]);
    expect(await verified(await exported('sent', '--force'))).toEqual(inOrder);
  });
});

test('a delivery that is under way is exported as it stands', async () => {
  const delivery = await start('open');
  expect(await verified(await exported('open'))).toMatchObject({ code: 0, failed: [] });
  await inPhase(delivery, 'awaiting-decision');
  expect(await verified(await exported('open', '--force'))).toEqual({
    code: 0,
    failed: [],
    skipped: ['histories', 'counts'],
  });
  await delivery.stop({ operator: 'owner' });
  await ended(delivery);
  expect(await verified(await exported('open', '--force'))).toEqual(inOrder);
  const ofDelivery = `from delivery d where d.key = h.delivery and d.id = 'open' and h.workflow_id = 'delivery:open'`;
  await environment.database.query(
    `update history h set events = jsonb_set(events, '{events}', (events->'events') - -1) ${ofDelivery}`,
  );
  const { failed } = await verified(await exported('open', '--force'));
  expect(failed).toContainEqual(expect.stringMatching(/^histories: delivery:open, run \w+ breaks off/));
});

test('whom sources leave out is part of what a revision is named by', async () => {
  const own = mkdtempSync(inFolder('left-out-'));
  const write = (name: string, text: string) => writeFileSync(join(own, name), text);
  write('content.html', '<p>Dear {{ first_name }}</p>');
  write('recipients.csv', 'email,first_name\nann@left.example,Ann\nben@left.example,Ben\n');
  write('left.csv', 'email\nben@left.example\n');
  write(
    'delivery.yaml',
    `id: left-out
name: News
owner: owner
sender: { address: news@garden.example }
subject: Hello
content: content.html
unsubscribe: { mailto: leave@garden.example }
recipients: [recipients.csv, { file: left.csv, exclude: true }]
approval: { approvers: [approver] }
`,
  );
  const delivery = await environment.sealpost.start(own, { operator: 'author' });
  await confirm(delivery);
  await ended(delivery);
  expect(await verified(await exported('left-out'))).toEqual(inOrder);
  const setHash = (value: string) =>
    environment.database.query(
      `update revision r set excluded_hash = ${value} from delivery d where d.key = r.delivery and d.id = 'left-out'`,
    );
  await setHash(`encode(sha256('other'), 'hex')`);
  expect((await verified(await exported('left-out', '--force'))).failed).toEqual([
    expect.stringMatching(/^revisions: /),
  ]);
  await setHash('null');
  expect(await verified(await exported('left-out', '--force'))).toEqual({ ...inOrder, skipped: ['revisions'] });
});

test('a file that appears while the bundle is written is not overwritten', async () => {
  const delivery = await start('appeared');
  await inPhase(delivery, 'awaiting-decision');
  const out = inFolder('appeared.ndjson');
  const holder = await environment.database.connect();
  await holder.query('begin; lock table finding in access exclusive mode');
  const exporting = cli('audit', 'export', 'appeared', '--out', out);
  await eventually(
    () => environment.database.query(`select 1 from pg_locks where not granted and relation = 'finding'::regclass`),
    ({ rowCount }) => rowCount === 1,
  );
  writeFileSync(out, "somebody else's");
  await holder.query('rollback');
  holder.release();
  expect(await exporting).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already: --force/) });
  expect(readFileSync(out, 'utf8')).toBe("somebody else's");
  expect(readdirSync(folder).filter((name) => name.startsWith('appeared'))).toEqual(['appeared.ndjson']);
  await delivery.stop({ operator: 'owner' });
});

test('a delivery that was rejected, revised, analysed again and confirmed verifies', async () => {
  const contentApproval = { reviewers: ['legal'], quorum: 1 };
  const approval = { approvers: ['approver'], fourEyes: true, contentApproval };
  const own = { approval, proofs: { recipients: ['editor@reviewers.example'] } };
  const delivery = await start('revised', own);
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await delivery.decide({ operator: 'approver', verdict: 'reject', seal });
  await delivery.revise(definition({ id: 'revised', subject: 'Other', recipients: peopleOf('revised', 5), ...own }), {
    operator: 'author',
  });
  await eventually(
    () => delivery.show(),
    ({ revisions, phase, revision }) =>
      phase === 'awaiting-decision' && revision === revisions[0]?.hash && revisions.length > 1,
  );
  await delivery.reviewProof({ operator: 'legal', verdict: 'approve', proof: 2 });
  await confirm(delivery);
  await ended(delivery);
  expect(await verified(await exported('revised'))).toEqual(inOrder);
});

test('a delivery that was paused and stopped while messages left verifies', async () => {
  const door = gate();
  let begun = 0;
  atDot = () => ((begun += 1) > 10 ? door.opened : undefined);
  const own = { approval: { mode: 'automatic' as const }, recipients: peopleOf('stopped', 60) };
  const delivery = await start('stopped', { ...own, bcc: 'archive@keeper.example', sending: { batchSize: 20 } });
  await eventually(
    () => Promise.resolve(begun),
    (count) => count > 10,
  );
  await delivery.pause({ operator: 'owner' });
  await inPhase(delivery, 'paused');
  await delivery.stop({ operator: 'owner' });
  door.open();
  await ended(delivery);
  atDot = () => undefined;
  expect(await verified(await exported('stopped'))).toEqual(inOrder);
});

test('messages in doubt that were resolved after the end, and a personalised return path, verify', async () => {
  const lost = new Set(['person2@doubt.example', 'person3@doubt.example', 'person5@doubt.example']);
  atDot = (recipient) => (lost.delete(recipient) ? 'drop' : undefined);
  const sender = { address: 'news@garden.example', errorAddress: '{{ first_name | downcase }}@garden.example' };
  const delivery = await start('doubt', { approval: { mode: 'automatic' }, sender });
  await ended(delivery);
  atDot = () => undefined;
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'sent', messages: [2] });
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'give-up', messages: [3] });
  await delivery.resolveInDoubt({ operator: 'owner', verdict: 'resend', messages: [5] });
  // Each of these workflows has its own copied when it has closed.
  await eventually(
    () => delivery.histories(),
    (runs) =>
      runs.filter(({ workflowId }) => workflowId === 'in-doubt:doubt').length === 3 &&
      runs.some(({ workflowId }) => workflowId === 'resend:doubt'),
  );
  const file = await exported('doubt');
  expect(await verified(file)).toEqual(inOrder);
  expect(await verified(await exported('doubt', '--pseudonymise'))).toMatchObject({ code: 0, failed: [] });
  const { rowCount } = await environment.database.query(
    `delete from attempt a using delivery d where d.key = a.delivery and d.id = 'doubt' and a.seq = 3`,
  );
  expect(rowCount).toBe(1);
  expect((await verified(await exported('doubt', '--force'))).failed).toEqual([expect.stringMatching(/^attempts: /)]);
  const arrived = inFolder('doubt.eml');
  writeFileSync(arrived, relay.messages.find(({ recipient }) => recipient === 'person4@doubt.example')?.bytes ?? '');
  expect(await verified(file, '--message', arrived)).toEqual(inOrder);
});

test('a seal that was found broken is told', async () => {
  const delivery = await start('broken');
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  await environment.database.query(
    `update message m set leaf = sha256('other') from delivery d where d.key = m.delivery and d.id = 'broken'`,
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  await ended(delivery);
  expect((await verified(await exported('broken'))).failed).toEqual([
    expect.stringMatching(/^seal: a leaf or the schedule was changed/),
  ]);
});

test('what cannot be read is told in a sentence', async () => {
  writeFileSync(inFolder('letter.txt'), 'Dear auditor,\n');
  expect(await auditor(inFolder('letter.txt'))).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('no audit bundle'),
  });
  expect(await auditor(inFolder('missing'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot be read'),
  });
  expect(await cli('audit', 'export', 'unknown', '--out', inFolder('x'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no delivery "unknown"'),
  });
});
