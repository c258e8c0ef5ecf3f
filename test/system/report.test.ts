import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, DeliveryReport } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let folder: string;
let delivery: Delivery;
let early: DeliveryReport;
let first: DeliveryReport;
let second: DeliveryReport;

const person = (n: number, own: { email?: string; first_name?: string } = {}) => ({
  email: `person${n}@shop.example`,
  first_name: `Name${n}`,
  ...(n === 2 ? { locale: 'de_AT' } : {}),
  ...(n === 3 ? { email_format: 'text' } : {}),
  ...own,
});

const values = (price: number) =>
  definition({
    id: 'reported',
    format: 'recipient',
    unsubscribe: { hosted: 'https://news.garden.example' },
    content: {
      html: `<p>Dear {{ first_name }},</p>\n<p>roses cost ${price} euros.</p>\n<img src="https://garden.example/r.png" alt="">\n<a href="{{ unsubscribe_url }}">unsubscribe</a>\n`,
      text: `Dear {{ first_name }},\nroses cost ${price} euros. You are {{ email }}.\n{{ unsubscribe_url }}\n`,
    },
    recipients: [1, 2, 3, 4].map((n) => person(n)),
  });

const revised = {
  ...values(15),
  subject: 'News for {{ first_name }}',
  approval: { approvers: ['approver'], quorum: 2 },
  recipients: [
    person(1),
    person(2),
    person(3, { first_name: 'Renamed' }),
    person(5, { email: 'person5@Other.Example' }),
    person(5, { email: 'person5@other.example' }),
    person(6, { first_name: 'A name that makes this message longer than all of the others' }),
    { email: 'nobody', first_name: 'None' },
  ],
};

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({});
  folder = await mkdtemp(join(tmpdir(), 'sealpost-report-'));
  delivery = await environment.sealpost.start(values(12), { operator: 'author' });
  early = await delivery.report();
  await environment.startWorker({ SMTP_URL: relay.url });
  await decisionsAsked(1);
  first = await delivery.report();
  await delivery.revise(revised, { operator: 'author' });
  await decisionsAsked(2);
  second = await delivery.report();
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  await rm(folder, { recursive: true, force: true });
});

async function decisionsAsked(times: number): Promise<void> {
  await eventually(
    () => delivery.show(),
    ({ journal }) => journal.filter(({ phase }) => phase === 'awaiting-decision').length === times,
  );
}

test('before the first analysis there is nothing to count and nothing to compare with', async () => {
  expect([early.phase, early.analysis, early.difference, early.counts]).toEqual(['checking', undefined, undefined, {}]);
  expect([first.analysis?.sizes?.measured, first.difference]).toEqual([4, undefined]);
});

test('counts are those of the current revision', () => {
  expect(second).toMatchObject({
    phase: 'awaiting-decision',
    sealedCount: 5,
    profiles: 7,
    counts: { pending: 5, ignored: 2 },
    excluded: { double: 1, 'address-invalid': 1 },
  });
  expect(second.analysis).toMatchObject({
    domains: {
      top: [
        { domain: 'shop.example', messages: 4 },
        { domain: 'other.example', messages: 1 },
      ],
      rest: { domains: 0, messages: 0 },
    },
    languages: [
      { language: 'en', messages: 4 },
      { language: 'de-AT', messages: 1 },
    ],
    formats: [
      { format: 'multipart', messages: 4 },
      { format: 'text', messages: 1 },
    ],
    differing: [],
  });
});

test('sizes are those of the messages themselves', async () => {
  const previews = await Promise.all([1, 2, 3, 4, 6].map((row) => delivery.preview(row)));
  const sizes = previews.map(({ eml }) => eml.length).sort((a, b) => a - b);
  expect(second.analysis?.sizes?.message).toEqual({ smallest: sizes[0], median: sizes[2], largest: sizes[4] });
  const html = previews.flatMap((preview) => (preview.html === undefined ? [] : [Buffer.byteLength(preview.html)]));
  expect(second.analysis?.sizes).toMatchObject({ measured: 5, of: 5, clipped: 0 });
  expect(second.analysis?.sizes?.html?.largest).toBe(Math.max(...html));
});

test('samples are the messages that the seal covers, the same ones each time, with addresses masked', async () => {
  const { samples = [] } = second.analysis ?? {};
  const drawnAs = (role: string) => samples.find((sample) => sample.drawnAs.includes(role));
  expect(drawnAs('shortest')).toMatchObject({ row: 3, to: 'p…@shop.example' });
  expect(drawnAs('shortest')?.html).toBeUndefined();
  expect(drawnAs('longest')).toMatchObject({ row: 6, subject: expect.stringMatching('News for A name') });
  expect(drawnAs('language de-AT')).toMatchObject({ row: 2, from: { name: 'Garden', address: 'news@garden.example' } });
  expect(drawnAs('text alone')?.row).toBe(3);
  expect(drawnAs('random')).toBeDefined();
  expect(drawnAs('language en')).toMatchObject({
    text: 'Dear Name1,\nroses cost 15 euros. You are p…@shop.example.\nhttps://news.garden.example/u/…\n',
    html: expect.stringContaining('<p>Dear Name1,</p>'),
    leftOut: [],
  });
  expect(await delivery.report()).toEqual(second);
  expect(JSON.stringify(second)).not.toContain('person');
});

test('addresses are told to who asks for them', async () => {
  const { analysis, difference } = await delivery.report({ addresses: true });
  const sample = analysis?.samples.find(({ drawnAs }) => drawnAs.includes('language en'));
  expect(sample).toMatchObject({ to: 'person1@shop.example', text: expect.stringContaining('person1@shop.example') });
  expect(difference?.target.lost).toEqual({ count: 1, first: [{ row: 4, address: 'person4@shop.example' }] });
});

test('the difference is that to the revision before', () => {
  expect(second.difference).toMatchObject({
    against: first.revision,
    author: 'author',
    sealedCount: 4,
    settings: [
      { path: 'approval.quorum', before: '1', after: '2' },
      { path: 'subject', after: '"News for {{ first_name }}"' },
    ],
    sources: [{ file: 'content.html', change: 'changed' }, { file: 'content.txt' }],
    target: {
      gained: { count: 3, first: [{ row: 4, address: 'p…@other.example' }, { row: 6 }, { row: 7, address: '…' }] },
      lost: { count: 1, first: [{ row: 4, address: 'p…@shop.example' }] },
      changed: { count: 1, first: [{ row: 3 }] },
    },
    files: [],
  });
});

test('another revision is named by its hash', async () => {
  expect((await delivery.report({ against: first.revision.slice(0, 8) })).difference).toEqual(second.difference);
  await expect(delivery.report({ against: second.revision })).rejects.toMatchObject({ code: 'REVISION_NOT_FOUND' });
  await expect(delivery.report({ against: first.revision.slice(0, 7) })).rejects.toThrow(first.revision.slice(0, 12));
});

describe('on the command line', () => {
  test('the terminal tells all parts', async () => {
    const { code, stdout } = await environment.cli(['show', 'reported', '--report']);
    expect(code).toBe(0);
    const told = stdout.replace(/\s+/g, ' ');
    for (const part of [
      /It waits for a decision: .* The seal [0-9a-f]{64} covers 5 messages\./,
      /It needs 2 confirmations from: owner, approver\./,
      /sealpost confirm reported --operator owner/,
      /info sender\.address: /,
      /left out: 2\..* the same address came before 1 /,
      /shop\.example 4 other\.example 1 /,
      /de-AT 1 format messages text and HTML 4 text alone 1/,
      /All 5 messages were measured\./,
      /approval\.quorum 1 2 /,
      / new 3 p…@other\.example \(row 4\), /,
      / -<p>roses cost 12 euros\.<\/p> \+<p>roses cost 15 euros\.<\/p> /,
      / Longest,? .*subject News for A name/,
    ]) {
      expect(told).toMatch(part);
    }
  });

  test('JSON is the report with where it stands', async () => {
    const { stdout } = await environment.cli(['show', 'reported', '--report', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      ...JSON.parse(JSON.stringify(second)),
      sentences: expect.arrayContaining([`The seal ${second.seal} covers 5 messages.`]),
      next: expect.arrayContaining([expect.stringMatching('sealpost confirm')]),
    });
  });

  test('the HTML is a file for the caller alone', async () => {
    const file = join(folder, 'report.html');
    await writeFile(file, 'an older report', { mode: 0o644 });
    const { stdout } = await environment.cli(['show', 'reported', '--html', file]);
    expect(stdout).toContain(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const html = await readFile(file, 'utf8');
    expect(html).toMatch(/<iframe sandbox="" [^>]*srcdoc="<base target=&#34;_blank&#34;><p>Dear Name1/);
    expect(html).not.toContain('person');
  });

  test('a file that cannot be written, and a revision that is not there', async () => {
    const noFile = await environment.cli(['show', 'reported', '--html', join(folder, 'no/report.html')]);
    expect(noFile).toMatchObject({ code: 1, stderr: expect.stringMatching(/Cannot write .*ENOENT/) });
    const noHash = await environment.cli(['show', 'reported', '--report', '--against', 'abcdef0123']);
    expect(noHash).toMatchObject({ code: 1, stderr: expect.stringMatching('No other revision begins with') });
  });
});

test('of many messages a sample is measured, with those of the most and the least data in it', async () => {
  const many = Array.from({ length: 1_000 }, (_, i) => ({ email: `p${i}@shop.example`, first_name: 'Ann' }));
  const recipients = many.map((one, i) => ({ ...one, first_name: { 177: 'A'.repeat(300), 33: 'A' }[i] ?? 'Ann' }));
  const large = await environment.sealpost.start(definition({ id: 'many', recipients }), { operator: 'author' });
  await eventually(
    () => large.progress(),
    ({ phase }) => phase === 'awaiting-decision',
  );
  const { analysis } = await large.report();
  const [most, least] = [await large.preview(178), await large.preview(34)];
  expect(analysis?.sizes).toMatchObject({
    of: 1_000,
    message: { smallest: least.eml.length, largest: most.eml.length },
  });
  expect(analysis?.sizes?.measured).toBeGreaterThan(150);
  expect(analysis?.sizes?.measured).toBeLessThan(204);
  expect((await large.report()).analysis).toEqual(analysis);
  const { stdout } = await environment.cli(['show', 'many', '--report']);
  expect(stdout).toMatch(/A sample: \d+ of 1,000 messages/);
});

test('files that every message carries, and a revision that was there before', async () => {
  const carrying = definition({ id: 'carrying', attachments: [{ name: 'Terms.txt', content: Buffer.from('old') }] });
  const own = await environment.sealpost.start(carrying, { operator: 'author' });
  const hashes = (await own.show()).revisions.map(({ hash }) => hash);
  const attachments = [
    { name: 'Terms.txt', content: Buffer.from('newer') },
    { name: 'More.txt', content: Buffer.from('more') },
  ];
  const { revision } = await own.revise({ ...carrying, attachments }, { operator: 'author' });
  await eventually(
    () => own.report(),
    (seen) => seen.revision === revision,
  );
  expect((await own.report()).difference?.files).toEqual([
    { name: 'Terms.txt', change: 'changed', bytes: 5 },
    { name: 'More.txt', change: 'added', bytes: 4 },
  ]);
  await own.revise(carrying, { operator: 'author' });
  const back = await eventually(
    () => own.report(),
    (seen) => seen.revision === hashes[0],
  );
  expect(back.difference).toMatchObject({
    against: revision,
    files: [
      { name: 'Terms.txt', change: 'changed', bytes: 3 },
      { name: 'More.txt', change: 'removed', bytes: 4 },
    ],
  });
});

test('a message that is not as it was sealed is told, and not shown', async () => {
  const own = await environment.sealpost.start(definition({ id: 'changed-since' }), { operator: 'author' });
  await eventually(
    () => own.progress(),
    ({ phase }) => phase === 'awaiting-decision',
  );
  await environment.database.query(
    `update profile p set fields = '{"first_name": "Mallory"}' from revision r join delivery d on d.key = r.delivery
     where d.id = 'changed-since' and p.revision = r.key and p."row" = 3`,
  );
  const { analysis } = await own.report();
  expect(analysis?.differing).toEqual([3]);
  expect(analysis?.samples.map(({ row }) => row)).not.toContain(3);
  const { stdout } = await environment.cli(['show', 'changed-since', '--report']);
  expect(stdout).toMatch(/not as they were\s+sealed\s+\(row 3\)/);
});
