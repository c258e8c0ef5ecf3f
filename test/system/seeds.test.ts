import PostalMime from 'postal-mime';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { eventually, ledgerOf, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ on: () => undefined, keep: true });
  await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const people = Array.from({ length: 30 }, (_, i) => ({
  email: `person${i}@private.example`,
  first_name: `Person${i}`,
  profile: `https://shop.example/?of=person${i}@private.example`,
}));

async function sealed(own: Partial<Values> & { id: string }) {
  const delivery = await environment.sealpost.start(definition({ recipients: people, ...own }), { operator: 'author' });
  const description = await eventually(
    () => delivery.show(),
    ({ phase, seal }) => phase === 'awaiting-decision' && seal !== undefined,
  );
  return { delivery, description };
}

async function arrived(domain: string) {
  const mails = relay.messages.filter(({ recipient }) => recipient.endsWith(`@${domain}`));
  return await Promise.all(
    mails.map(async ({ recipient, bytes }) => {
      const { subject = '', text = '' } = await PostalMime.parse(bytes);
      return { recipient, subject, text: text.trim() };
    }),
  );
}

const content = { text: '{{ first_name }} at {{ email }}, {{ profile }} {{ unsubscribe_url }}' };

test('seeds get what a recipient gets, among the recipients and out of their counts', async () => {
  const { delivery, description } = await sealed({
    id: 'seeded',
    content,
    target: {
      seeds: [
        'eye@seeded.example',
        { address: 'named@seeded.example', fields: { first_name: 'Ada' } },
        'person3@private.example',
      ],
    },
  });
  expect(description).toMatchObject({
    profiles: 30,
    sealedCount: 32,
    excluded: {},
    counts: { pending: 30 },
    seeds: { sealed: 2, counts: { pending: 2, ignored: 1 } },
  });
  expect(description.findings.filter(({ rule }) => rule === 'seed-left-out')).toMatchObject([
    { place: 'target.seeds[2]' },
  ]);
  const report = await delivery.report();
  expect(report.analysis?.domains.top).toEqual([{ domain: 'private.example', messages: 30 }]);

  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: description.seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 30 } });
  expect((await delivery.show()).seeds).toEqual({ sealed: 2, counts: { sent: 2, ignored: 1 } });

  const mails = await arrived('seeded.example');
  const drawn = mails.find(({ recipient }) => recipient === 'eye@seeded.example');
  expect(drawn?.text).toMatch(/^Person\d+ at eye@seeded\.example, https:\/\/shop\.example\/\?of=eye@seeded\.example /);
  expect(mails.find(({ recipient }) => recipient === 'named@seeded.example')?.subject).toBe('Hello Ada');
  expect(mails).toHaveLength(2);
});

test('where seeds stand among the recipients is drawn, and the same for each revision', async () => {
  const seeds = Array.from({ length: 10 }, (_, i) => `s${i}@places.example`);
  const { delivery } = await sealed({ id: 'places', content, target: { seeds } });
  const places = async () => (await ledgerOf(delivery, { seeds: true })).map(({ seq, seed }) => [seq, seed]);
  const first = await places();
  const recipients = (await ledgerOf(delivery)).flatMap(({ row }) => row ?? []);
  expect(recipients).toEqual(people.map((_, index) => index + 1));
  expect(first.map(([, seed]) => seed).toSorted((a, b) => Number(a) - Number(b))).toEqual(seeds.map((_, i) => i + 1));
  // Ten in a row at either end would be a draw that nobody has made.
  const seqs = first.map(([seq]) => Number(seq));
  expect(Math.max(...seqs) - Math.min(...seqs)).toBeGreaterThan(10);

  await delivery.revise(definition({ id: 'places', name: 'Again', recipients: people, content, target: { seeds } }), {
    operator: 'author',
  });
  await eventually(
    () => delivery.show(),
    ({ phase, seal, name }) => phase === 'awaiting-decision' && seal !== undefined && name === 'Again',
  );
  expect(await places()).toEqual(first);
  await delivery.stop({ operator: 'owner' });
});

test('proofs go to the seeds, each with the data that its message will show', async () => {
  const { delivery } = await sealed({
    id: 'seed-proofs',
    content,
    target: { seeds: ['eye@proofed.example', { address: 'named@proofed.example', fields: { first_name: 'Ada' } }] },
    proofs: { mode: 'list-and-seeds', recipients: ['list@proofed.example'] },
  });
  const proof = await ledgerOf(delivery, { proof: 1 });
  expect(proof.map(({ address, row, seed, status }) => [address, row === null, seed, status])).toEqual([
    ['list@proofed.example', false, null, 'sent'],
    ['eye@proofed.example', true, 1, 'sent'],
    ['named@proofed.example', true, 2, 'sent'],
  ]);
  const { settings } = await delivery.show();
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: (await delivery.show()).seal ?? '' });
  await delivery.outcome();
  const mails = await arrived('proofed.example');
  const textsTo = (address: string) =>
    mails.filter(({ recipient }) => recipient === address).map(({ text }) => text.split(' ')[0]);
  for (const { address } of settings.target?.seeds ?? []) {
    const [inProof, ...sent] = textsTo(address);
    expect(sent).toEqual([inProof]);
  }
});

test('a seed that cannot be filled is told of, and stops nobody', async () => {
  const { description } = await sealed({
    id: 'seed-unfilled',
    content: { text: '{% if vip %}{{ code }}{% endif %} {{ unsubscribe_url }}' },
    target: { seeds: ['eye@unfilled.example', { address: 'vip@unfilled.example', fields: { vip: true } }] },
  });
  expect(description.findings.filter(({ rule }) => rule === 'seed-left-out')).toMatchObject([
    { place: 'target.seeds[1]', sentence: expect.stringMatching(/code.*give the seed the field under "fields"/) },
  ]);
  expect(description).toMatchObject({ counts: { pending: 30 }, excluded: {}, seeds: { sealed: 1 } });
  expect(description.findings.some(({ rule }) => rule === 'personalisation-failed')).toBe(false);
});
