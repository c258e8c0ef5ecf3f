import PostalMime from 'postal-mime';
import type { Delivery } from '../../src/client/index.js';
import { isChosenBy } from '../../src/delivery/proof-settings.js';
import { chosenProfiles } from '../../src/store/proofs.js';
import { readRevision } from '../../src/store/revisions.js';
import { messageUrls } from '../../src/mime/message-token.js';
import { startScriptedRelay, type RelayAnswer, type RelayStage, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { eventually, inPhase, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';
import { servePages } from './served-pages.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
/** What the relay says to each stage. */
let script: (stage: RelayStage, recipient: string) => RelayAnswer | Promise<RelayAnswer>;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ on: (stage, { recipient }) => script(stage, recipient), keep: true });
  await environment.startWorker({ SMTP_URL: relay.url });
});
beforeEach(() => {
  script = () => undefined;
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

/** Starts a delivery and waits until its first proof is out and its analysis sealed. */
async function proofed(own: Partial<Values> & { id: string }): Promise<Delivery> {
  const delivery = await environment.sealpost.start(definition(own), { operator: 'author' });
  await eventually(
    () => delivery.show(),
    ({ phase, seal }) => phase === 'awaiting-decision' && seal !== undefined,
  );
  return delivery;
}

interface ArrivedProof {
  sender: string;
  recipient: string;
  subject: string;
  text: string;
  html: string | undefined;
  /** All of it that a reader or a program can see, decoded and as it came. */
  everything: string;
}

/** Proofs that went to addresses of a domain, by recipient and subject. */
async function arrived(domain: string): Promise<ArrivedProof[]> {
  const messages = relay.messages.filter(({ recipient }) => recipient.endsWith(`@${domain}`));
  const read = messages.map(async ({ sender, recipient, bytes }): Promise<ArrivedProof> => {
    const { subject = '', text = '', html, headers } = await PostalMime.parse(bytes);
    const everything = [sender, recipient, bytes.toString(), ...headers.map(({ value }) => value), text, html ?? ''];
    return { sender, recipient, subject, text, html, everything: everything.join('\n') };
  });
  const key = ({ recipient, subject, html }: ArrivedProof) => `${recipient} ${subject} ${html === undefined}`;
  return (await Promise.all(read)).toSorted((a, b) => key(a).localeCompare(key(b)));
}

const people = [
  { email: 'ann@private.example', first_name: 'Ann' },
  { email: 'ben@private.example', first_name: 'Ben' },
  { email: 'cleo@private.example', first_name: 'Cleo' },
  { email: 'dan@private.example', first_name: 'Dan' },
];

const hosted = 'https://news.garden.example';

test('a substitution shows the data of a real profile and its address nowhere', async () => {
  const own = 'Ann.Real@Private.Example';
  const profile = {
    email: own,
    first_name: 'Ann',
    login: 'ann.real@private.example',
    shown: `Ann Real <${own}>`,
    link: `https://shop.example/?u=${encodeURIComponent(own)}`,
    contacts: [{ kind: 'mail', value: own }],
    visits: { [own]: 3 },
  };
  const fields =
    '{{ email }} {{ login }} {{ shown }} {{ link }} {{ contacts[0].value }}{% for one in visits %} {{ one[0] }}{% endfor %}';
  const delivery = await proofed({
    id: 'unreal',
    sender: { name: '{{ login }}', address: 'news@garden.example', errorAddress: 'bounce@garden.example', verp: true },
    subject: '{{ first_name }} {{ email }} {{ login }}',
    headers: { 'X-Fields': fields, 'X-Greeting': '{{ first_name }}' },
    unsubscribe: { hosted },
    mirror: { hosted, mode: 'always' },
    content: {
      html: `<p>${fields} <a href="{{ unsubscribe_url }}">u</a> <a href="{{ mirror_url }}">m</a> <a href="{{ link }}">l</a></p>`,
      text: `${fields} {{ unsubscribe_url }} {{ mirror_url }}`,
    },
    recipients: [...people.slice(1), profile],
    proofs: {
      mode: 'substitution',
      substitution: { profiles: { addresses: [own] }, to: ['qa@unreal.example'] },
    },
  });
  const [proof, ...others] = await arrived('unreal.example');
  expect(others).toEqual([]);
  const everything = proof?.everything ?? '';
  expect(proof?.subject).toBe('Proof 1: Ann qa@unreal.example qa@unreal.example');
  expect(proof?.sender).toMatch(/^bounce\+[a-z2-7]{32}@garden\.example$/);
  expect(everything).toContain('Ann Real <qa@unreal.example>');
  expect(everything.toLowerCase()).not.toMatch(/ann\.real|private\.example/);
  for (const { email } of people) expect(everything).not.toContain(email);

  const { secret, deliveryKey } = await readRevision(environment.database, 'unreal', (await delivery.show()).revision);
  const page = messageUrls('', secret, 'mirror')({ deliveryKey, proof: 1, seq: 1 });
  expect(everything).toContain(page);
  const pages = await servePages(environment.database);
  const { statusCode, body } = await pages.ask({ url: page });
  await pages.stop();
  expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining('qa@unreal.example') });
  expect(body.toLowerCase()).not.toMatch(/ann\.real|private\.example/);
  await delivery.stop({ operator: 'owner' });
});

test('a list and a substitution go out together; a draw is the same at each proof', async () => {
  const delivery = await proofed({
    id: 'both',
    recipients: people,
    proofs: {
      mode: 'list-and-substitution',
      recipients: ['editor@both.example'],
      substitution: { profiles: { random: 3, seed: 7 }, to: ['x@both.example', 'y@both.example'] },
    },
  });
  await delivery.sendProof({ operator: 'owner' });
  await eventually(
    () => delivery.show(),
    ({ proofs }) => proofs.length === 2,
  );
  const [first, second] = await Promise.all([ledgerOf(delivery, { proof: 1 }), ledgerOf(delivery, { proof: 2 })]);
  const rows = (ledger: typeof first) => ledger.map(({ address, row }) => [address, row]);
  expect(rows(first).map(([address]) => address)).toEqual([
    'editor@both.example',
    'x@both.example',
    'y@both.example',
    'x@both.example',
  ]);
  expect(
    new Set(
      rows(first)
        .slice(1)
        .map(([, row]) => row),
    ).size,
  ).toBe(3);
  expect(rows(second)).toEqual(rows(first));
  expect((await arrived('both.example')).some(({ everything }) => everything.includes('private.example'))).toBe(false);
  await delivery.stop({ operator: 'owner' });
});

test('rows are shown in the order in which they are named; who lacks a field is left out with the reason', async () => {
  const delivery = await proofed({
    id: 'rows',
    recipients: [...people, { email: 'eve@private.example' }],
    proofs: {
      mode: 'substitution',
      substitution: { profiles: { rows: [4, 5, 2] }, to: ['qa@rows.example'] },
    },
  });
  expect((await arrived('rows.example')).map(({ subject }) => subject)).toEqual([
    'Proof 1: Hello Ben',
    'Proof 1: Hello Dan',
  ]);
  const ledger = await ledgerOf(delivery, { proof: 1 });
  expect(ledger.map(({ row, status, reason }) => [row, status, reason])).toEqual([
    [4, 'sent', null],
    [5, 'ignored', 'personalisation-failed'],
    [2, 'sent', null],
  ]);
  expect(ledger[1]?.reply).toMatch(/field "first_name" is missing/);
  await delivery.stop({ operator: 'owner' });
});

test('a row that is not there stops at the first step', async () => {
  const delivery = await environment.sealpost.start(
    definition({
      id: 'no-row',
      proofs: { mode: 'substitution', substitution: { profiles: { rows: [99] }, to: ['qa@no-row.example'] } },
    }),
    { operator: 'author' },
  );
  const { findings } = await inPhase(delivery, 'awaiting-revision');
  expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
    { rule: 'proof-profile-missing', place: 'proofs.substitution.profiles.rows[0]' },
  ]);
  await delivery.stop({ operator: 'owner' });
});

test('each format is a message of its own, whatever the profile prefers, and has a page of its own', async () => {
  const delivery = await proofed({
    id: 'formats',
    format: 'recipient',
    recipients: [{ ...people[0], email: 'ann@private.example', email_format: 'text' }],
    mirror: { hosted, mode: 'always' },
    proofs: { recipients: ['qa@formats.example'], formats: ['html', 'text'] },
  });
  expect(
    (await arrived('formats.example')).map(({ html, text }) => [html?.includes('<p>Dear Ann'), text.trim()]),
  ).toEqual([
    [true, expect.stringMatching(/^Dear Ann, unsubscribe/)],
    [undefined, expect.stringMatching(/^Dear Ann, unsubscribe/)],
  ]);
  const pages = await servePages(environment.database);
  const { secret, deliveryKey } = await readRevision(environment.database, 'formats', (await delivery.show()).revision);
  const pageOf = messageUrls('', secret, 'mirror');
  const bodies = [1, 2].map(async (seq) => (await pages.ask({ url: pageOf({ deliveryKey, proof: 1, seq }) })).body);
  expect((await Promise.all(bodies)).map((body) => body.includes('<p>Dear Ann'))).toEqual([true, false]);
  await pages.stop();
  await delivery.stop({ operator: 'owner' });
});

test('doubles, denylisted and quarantined addresses get proofs unless the settings say otherwise, and it is told', async () => {
  await environment.database.query(
    `insert into denylist values ('denied@kept.example', now()), ('denied@left.example', now())`,
  );
  await environment.database.query(
    `insert into quarantine values ('bounced@kept.example', now()), ('bounced@left.example', now())`,
  );
  const to = (domain: string) => ['denied', 'bounced', 'qa', 'qa'].map((name) => `${name}@${domain}`);
  const kept = await proofed({ id: 'kept', proofs: { recipients: to('kept.example') } });
  const left = await proofed({
    id: 'left',
    proofs: { recipients: to('left.example'), keep: { doubles: false, denylisted: false, quarantined: false } },
  });
  expect((await kept.show()).proofs).toMatchObject([{ counts: { sent: 4 }, leftOut: {} }]);
  expect((await left.show()).proofs).toMatchObject([
    { counts: { sent: 1, ignored: 3 }, leftOut: { denylisted: 1, quarantined: 1, double: 1 } },
  ]);
  expect((await arrived('left.example')).map(({ recipient }) => recipient)).toEqual(['qa@left.example']);
  const { stdout } = await environment.cli(['show', 'left']);
  expect(stdout).toMatch(/proof 1 .*1 sent, 3 ignored|proof 1 .*3 ignored, 1 sent/);
  expect(stdout).toContain('1 denylisted, 1 double, 1 quarantined');
  for (const delivery of [kept, left]) await delivery.stop({ operator: 'owner' });
});

test('the list of proofs tells of which revision each was, who asked for it and what became of it', async () => {
  const own = { id: 'logged', proofs: { recipients: ['a@logged.example', 'b@logged.example'] } };
  const delivery = await proofed(own);
  script = (stage, recipient) =>
    stage === 'rcpt' && recipient === 'b@logged.example' ? '550 5.1.1 unknown' : undefined;
  await delivery.sendProof({ operator: 'approver' });
  const proofsSent = async (count: number) =>
    await eventually(
      () => delivery.show(),
      ({ proofs, phase }) => proofs.length === count && phase === 'awaiting-decision',
    );
  await proofsSent(2);
  expect((await environment.cli(['show', 'logged'])).stdout).toMatch(/^proofed +proof 2 of this revision was sent$/m);
  script = (stage) => (stage === 'rcpt' ? '550 5.1.1 unknown' : undefined);
  await delivery.revise(definition({ ...own, subject: 'Other' }), { operator: 'author' });
  await proofsSent(3);
  const { stdout } = await environment.cli(['proof', 'list', 'logged', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    { proof: 1, stale: true, counts: { sent: 2 } },
    { proof: 2, stale: true, askedBy: 'approver', counts: { sent: 1, failed: 1 } },
    { proof: 3, stale: false, counts: { failed: 2 } },
  ]);
  const table = (await environment.cli(['proof', 'list', 'logged'])).stdout.trimEnd().split('\n');
  expect(table[2]).toMatch(
    /^ +2 .* stale +approver +2 +1 failed, 1 sent$|^ +2 .* stale +approver +2 +1 sent, 1 failed$/,
  );
  expect(table[3]).toMatch(/^ +3 .* current +\(with the revision\) +2 +2 failed$/);
  expect((await environment.cli(['show', 'logged'])).stdout).toMatch(
    /^proofed +no proof of this revision was sent yet/m,
  );
  await delivery.stop({ operator: 'owner' });
});

test('a confirmation waits for a proof and for reviewers of this very revision', async () => {
  const own = {
    id: 'gated',
    proofs: { recipients: ['qa@gated.example'] },
    approval: {
      approvers: ['approver'],
      requireProof: true,
      contentApproval: { reviewers: ['legal', 'editor'], quorum: 2 },
    },
  };
  // Nobody gets the first proof.
  script = (stage, recipient) =>
    stage === 'rcpt' && recipient === 'qa@gated.example' ? '550 5.1.1 unknown' : undefined;
  const delivery = await proofed(own);
  const asked = async (...args: string[]) => await environment.cli([...args, '--json']);
  const review = (verdict: string, proof: number, operator: string) =>
    asked('proof', verdict, 'gated', String(proof), '--operator', operator, '--comment', 'as discussed');
  const confirm = async () => {
    const { seal = '' } = await delivery.show();
    return await asked('confirm', 'gated', '--operator', 'approver', '--seal', seal);
  };
  const refused = (reason: string) => ({ code: 1, stderr: expect.stringContaining(reason) });
  const proof = async (number: number) =>
    await eventually(
      () => delivery.show(),
      ({ proofs, phase, seal }) =>
        proofs.at(-1)?.proof === number && phase === 'awaiting-decision' && seal !== undefined,
    );

  expect(await confirm()).toMatchObject(refused('no proof of the current revision was sent'));
  expect(await review('approve', 1, 'legal')).toMatchObject(refused('no relay has taken a message of proof 1'));
  script = () => undefined;
  await delivery.sendProof({ operator: 'owner' });
  await proof(2);
  expect(await confirm()).toMatchObject(refused('2 more reviewers must approve the content'));
  expect(await review('approve', 2, 'legal')).toMatchObject({ code: 0 });
  expect(await review('reject', 2, 'editor')).toMatchObject({ code: 0 });
  expect(await confirm()).toMatchObject(refused('reviewer \\"editor\\" rejected what proof 2 shows'));
  expect((await delivery.show()).pendingDecision).toMatchObject({ mayConfirm: [], mayReject: ['owner', 'approver'] });

  await delivery.revise(definition({ ...own, subject: 'Mended' }), { operator: 'author' });
  await proof(3);
  expect(await confirm()).toMatchObject(refused('2 more reviewers must approve the content'));
  expect(await review('approve', 2, 'editor')).toMatchObject(refused('proof 2 is stale'));
  for (const operator of ['legal', 'editor']) expect(await review('approve', 3, operator)).toMatchObject({ code: 0 });
  expect(await confirm()).toMatchObject({ code: 0 });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });

  const { reviews, decisions } = await delivery.show();
  expect(reviews.map(({ operator, verdict, proof: n, accepted }) => [operator, verdict, n, accepted])).toEqual([
    ['legal', 'approve', 1, false],
    ['legal', 'approve', 2, true],
    ['editor', 'reject', 2, true],
    ['editor', 'approve', 2, false],
    ['legal', 'approve', 3, true],
    ['editor', 'approve', 3, true],
  ]);
  expect(decisions.map(({ accepted }) => accepted)).toEqual([false, false, false, false, true]);
});

test('an automatic delivery goes on as soon as the content is approved, by a signal too', async () => {
  const delivery = await proofed({
    id: 'auto-gated',
    proofs: { recipients: ['qa@auto-gated.example'] },
    approval: { mode: 'automatic', requireSignature: false, contentApproval: { reviewers: ['legal'] } },
  });
  await environment.signalByTemporalCli('auto-gated', 'reviewProof', {
    operator: 'legal',
    verdict: 'approve',
    proof: 1,
  });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
});

test('addresses name profiles whatever their upper and lower case, in every script and by the first of doubles', async () => {
  const named = ['ΟΔΟΣ', 'İda', 'ÉVA', '\u212Aim', 'Ann', 'ann', 'Ben'].map((name) => `${name}@folded.example`);
  const delivery = await proofed({ id: 'folded', recipients: named.map((email) => ({ email, first_name: 'Ann' })) });
  const { key } = await readRevision(environment.database, 'folded', (await delivery.show()).revision);
  const wanted = ['ANN', 'kim', 'οδος', 'éva', 'nobody', 'i̇da', 'kIM'].map((name) => `${name}@Folded.example`);
  const chosen = await chosenProfiles(environment.database, key, { addresses: wanted });
  const isChosen = isChosenBy({ addresses: wanted });
  expect(chosen.map(({ address }) => address)).toEqual(
    ['Ann', '\u212Aim', 'ΟΔΟΣ', 'ÉVA', 'İda'].map((name) => `${name}@folded.example`),
  );
  expect(chosen.every(isChosen)).toBe(true);
  await delivery.stop({ operator: 'owner' });
});
