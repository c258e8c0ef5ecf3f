import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Delivery, DeliveryDescription } from '../../src/client/index.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
const home = temporaryFolder();

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ keep: true });
  await environment.startWorker({ SMTP_URL: relay.url });
});
beforeEach(() => relay.messages.splice(0));
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const yaml = `name: Winter news
owner: owner
sender:
  name: Garden
  address: news@garden.example
subject: Hello {{ first_name }}
content: content.html
recipients: recipients.csv
unsubscribe:
  mailto: leave@garden.example
proofs:
  recipients: [editor@reviewers.example]
approval:
  approvers: [first, second]
  quorum: 2
  requireProof: true
  contentApproval:
    reviewers: [reviewer]
`;
const csv = 'email,first_name\nann@shop.example,Ann\nben@shop.example,Ben\n';

/** Once its proof is out and its analysis sealed. */
async function undecided(delivery: Delivery, proof: number): Promise<DeliveryDescription & { seal: string }> {
  const { seal = '', ...seen } = await eventually(
    () => delivery.show(),
    (one) =>
      one.phase === 'awaiting-decision' && one.pendingDecision !== undefined && one.proofs.at(-1)?.proof === proof,
  );
  return { ...seen, seal };
}

/** A delivery whose proof was approved, and which one of two approvers has confirmed. */
async function halfConfirmed(id: string) {
  const folder = mkdtempSync(join(home, 'news-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('delivery.yaml', yaml);
  write('content.html', '<p>Dear {{ first_name }}</p>');
  write('recipients.csv', csv);
  const delivery = await environment.sealpost.start(folder, { operator: 'author', id });
  const { seal } = await undecided(delivery, 1);
  await delivery.reviewProof({ operator: 'reviewer', verdict: 'approve', proof: 1 });
  const confirm = (operator: string, of: string) => delivery.decide({ operator, verdict: 'confirm', seal: of });
  await confirm('first', seal);
  const before = await eventually(
    () => delivery.show(),
    ({ pendingDecision }) => pendingDecision?.confirmedBy.length === 1,
  );
  return { folder, write, delivery, confirm, before, seal };
}

test.each([
  { what: 'the content', file: 'content.html', from: 'Dear', to: 'Deer', arrives: 'Deer Ann' },
  { what: 'the target', file: 'recipients.csv', from: ',Ann', to: ',Ane', arrives: 'Dear Ane' },
  { what: 'a setting that no reader sees', file: 'delivery.yaml', from: 'news\n', to: 'newt\n', arrives: 'Dear Ann' },
])('one character of $what makes proofs, analysis and decisions stale', async ({ file, from, to, arrives }) => {
  const { folder, write, delivery, confirm, before, seal } = await halfConfirmed(`edited-${file.replace(/\..*/, '')}`);
  const written = readFileSync(join(folder, file), 'utf8');
  expect(written).toContain(from);
  write(file, written.replace(from, to));
  const { revision } = await delivery.revise(folder, { operator: 'author' });
  expect(revision).not.toBe(before.revision);
  await expect(confirm('second', seal)).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });

  const after = await undecided(delivery, 2);
  expect(after.revision).toBe(revision);
  expect(after.seal).not.toBe(seal);
  expect(after.proofs.map((one) => [one.proof, one.revision, one.stale])).toEqual([
    [1, before.revision, true],
    [2, revision, false],
  ]);
  expect(after.pendingDecision).toMatchObject({
    confirmedBy: [],
    mayConfirm: [],
    heldBy: expect.stringMatching(/^1 more reviewer must approve the content/),
  });

  const again = { operator: 'reviewer', verdict: 'approve' } as const;
  await expect(delivery.reviewProof({ ...again, proof: 1 })).rejects.toThrow(/proof 1 is stale/);
  await delivery.reviewProof({ ...again, proof: 2 });
  expect(await environment.cli(['confirm', delivery.id, '--operator', 'second', '--seal', seal])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('another seal than that of the current analysis'),
  });
  await confirm('second', after.seal);
  // The confirmation of the older revision would make two.
  expect((await delivery.status()).phase).toBe('awaiting-decision');
  await confirm('first', after.seal);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
  const toAnn = relay.messages.filter(({ recipient }) => recipient === 'ann@shop.example');
  expect(toAnn.map(({ bytes }) => bytes.toString().includes(arrives))).toEqual([true]);
});

const groups = yaml.split(/^(?=\S)/m);

test('comments, the order of settings and white space make no new revision, and the decision goes on', async () => {
  const { folder, write, delivery, confirm, before, seal } = await halfConfirmed('untouched');
  const sameSettings = {
    comments: yaml.replaceAll('\n', ' # as agreed\n').replace(/^/, '# The winter issue.\n\n'),
    order: groups
      .toReversed()
      .join('')
      .replace(/(  name:.*\n)(  address:.*\n)/, '$2$1'),
    'white space': groups.join('\n\n').replaceAll('  ', '      ').replaceAll(': ', ':   ').replaceAll('\n', '  \r\n'),
    notation: yaml
      .replace('[first, second]', '\n    - "first"\n    - second')
      .replace('Hello {{ first_name }}', "'$&'"),
  };
  for (const [what, text] of Object.entries(sameSettings)) {
    expect([what, text]).not.toEqual([what, yaml]);
    write('delivery.yaml', text);
    expect([what, await environment.cli(['revise', delivery.id, folder, '--operator', 'author'])]).toEqual([
      what,
      { code: 1, stdout: '', stderr: expect.stringContaining('this is the current revision already') },
    ]);
  }
  const after = await delivery.show();
  expect({ ...after, journal: [] }).toEqual({ ...before, journal: [] });
  expect(after.pendingDecision).toMatchObject({ confirmedBy: ['first'], mayConfirm: ['owner', 'second'] });
  await confirm('second', seal);
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 2 } });
});
