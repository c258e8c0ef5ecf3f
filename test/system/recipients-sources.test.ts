import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeliveryDescription } from '../../src/client/index.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let folder: string;

beforeAll(async () => {
  environment = await openEnvironment();
  folder = await mkdtemp(join(tmpdir(), 'sealpost-sources-'));
  await environment.startWorker({ SMTP_URL: 'smtp://127.0.0.1:9' });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await environment.close();
});

const files = {
  'delivery.yaml': `name: News
owner: author
sender: { address: news@shop.example }
subject: Hi
unsubscribe: { url: 'https://shop.example/leave?a={{ email }}' }
content: { html: content.html, text: content.txt }
recipients:
  - members.csv
  - { file: guests.csv, addressField: mail, map: { first_name: Vorname } }
  - { file: left.csv, exclude: true }
`,
  'content.html': `<p>Hello</p>{% if email == 'ANN@shop.example' %}${'x'.repeat(103 * 1024)}{% endif %}`,
  'content.txt': 'Hello {{ first_name }}, {{ unsubscribe_url }}\n',
  'members.csv': 'email,first_name\nann@shop.example,Ann\nben@shop.example,\nleft@shop.example,Lea\n',
  'guests.csv': 'mail,Vorname\nANN@shop.example,Ann\nfay@shop.example,\nleft@SHOP.example,Lea\n',
  'left.csv': 'email\nleft@shop.example\n',
};

/** Starts a delivery of these files, and waits for what its analysis says. */
async function analysed(id: string, own: Record<string, string> = {}): Promise<DeliveryDescription> {
  for (const [name, content] of Object.entries({ ...files, ...own })) await writeFile(join(folder, name), content);
  const delivery = await environment.sealpost.start(folder, { operator: 'author', id });
  await eventually(
    () => delivery.progress(),
    ({ phase }) => phase !== undefined && phase.startsWith('awaiting'),
  );
  return await delivery.show();
}

test('findings name file and row, and who is in a source that excludes gets nothing', async () => {
  const { findings, excluded, origins } = await analysed('sources');
  expect(findings.flatMap(({ rule, sentence }) => (/^(case|message|pers)/.test(rule) ? [sentence] : []))).toEqual([
    '2 recipients get no message (rows members.csv:3, guests.csv:3); text: field "first_name" is missing: fill or correct the column, or give a default.',
    '1 recipient has the address of an earlier one but for upper and lower case (row guests.csv:2), and would most likely get two copies: take one of each out.',
    "The largest message (row guests.csv:2) has 104 KB of HTML, and Gmail cuts it off after 102 KB: shorten what its recipient's values bring in.",
  ]);
  expect(excluded).toEqual({ 'excluded-by-source': 2, 'personalisation-failed': 2 });
  expect(origins).toEqual([
    { source: 'members.csv', rowsBefore: 0 },
    { source: 'guests.csv', rowsBefore: 4 },
  ]);
  const { stdout } = await environment.cli(['show', 'sources']);
  expect(stdout).toContain('members.csv, guests.csv (row 1 is row 5)');
  expect(stdout).toContain('excluded-by-source: the address is in a source that excludes');
});

test('a source that was to leave people out and brought none is told', async () => {
  const { findings, excluded } = await analysed('nobody-left', { 'left.csv': 'email\n' });
  expect(findings.find(({ rule }) => rule === 'exclusion-empty')).toMatchObject({
    level: 'warning',
    sentence: expect.stringContaining('The source "left.csv" is to leave people out and has no rows'),
  });
  expect(excluded).not.toHaveProperty('excluded-by-source');
  const { findings: others } = await analysed('somebody-left');
  expect(others.map(({ rule }) => rule)).not.toContain('exclusion-empty');
});
