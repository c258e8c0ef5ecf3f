import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { domainToASCII, fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import PostalMime, { type Email } from 'postal-mime';
import { openUp, type UpProcess } from './up-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

let up: UpProcess;
const sealpost = (...args: string[]): Promise<string> => up.sealpost(...args);

async function startUp(): Promise<void> {
  up.begin();
  await up.says('Ctrl-C');
}

beforeAll(async () => {
  up = await openUp();
});
afterAll(async () => {
  await up.close();
});

interface Recipient {
  email: string;
  first_name: string;
}

/** Who should get a message, worked out apart from the product: a valid address, the first of its kind. */
async function expectedRecipients(): Promise<Recipient[]> {
  const text = await readFile(join(root, 'examples/winter-news/recipients.csv'), 'utf8');
  const seen = new Set<string>();
  return parse<Recipient>(text, { columns: true, bom: true }).flatMap(({ email, first_name }) => {
    const [, local, domain] = /^([^\s@"(),:;<>[\]]+)@((?:[^\s@.]+\.)+[^\s@.]+)$/.exec(email) ?? [];
    if (local === undefined || domain === undefined || /^\.|\.$|\.\./.test(local)) return [];
    const address = `${local}@${new URL(`http://${domain}`).hostname}`;
    if (seen.has(address)) return [];
    seen.add(address);
    return [{ email: address, first_name }];
  });
}

function inHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

async function inboxOf(deliveryId: string): Promise<Map<string, Email[]>> {
  const messages = new Map<string, Email[]>();
  for (const name of await readdir(join(up.home, 'inbox'))) {
    const bytes = await readFile(join(up.home, 'inbox', name));
    const mail = await PostalMime.parse(bytes);
    // The inbox shows Unicode where the envelope had A-labels.
    const [local, domain = ''] = (mail.headers.find(({ key }) => key === 'delivered-to')?.value ?? '').split('@');
    const to = `${local}@${domainToASCII(domain)}`;
    const unsubscribe = mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
    const isProof = mail.subject?.startsWith('Proof ') ?? false;
    if (isProof || !unsubscribe.includes(`delivery=${deliveryId}`)) continue;
    messages.set(to, [...(messages.get(to) ?? []), mail]);
  }
  return messages;
}

test('the demo sends one right message to each recipient who is not excluded, and counts agree everywhere', async () => {
  await startUp();
  const demo = await sealpost('demo', '--yes');
  const id = /Delivery (winter-news-\S+)/.exec(demo)?.[1] ?? '';
  expect(demo).toContain('Ledger and inbox agree');

  const expected = await expectedRecipients();
  const inbox = await inboxOf(id);
  expect([...inbox.keys()].toSorted()).toEqual(expected.map(({ email }) => email).toSorted());
  for (const { email, first_name } of expected) {
    const [mail, ...others] = inbox.get(email) ?? [];
    expect(others).toEqual([]);
    const greeting = first_name || 'Good morning';
    expect(mail?.subject).toBe(`${greeting}, your garden’s winter plan is here`);
    if (first_name) expect(mail?.html).toContain(inHtml(first_name));
    if (first_name) expect(mail?.text).toContain(first_name);
  }

  const shown = JSON.parse(await sealpost('show', id, '--json')) as {
    counts: Record<string, number>;
    excluded: Record<string, number>;
    sealedCount: number;
  };
  expect(shown.counts['sent']).toBe(expected.length);
  expect(shown.sealedCount).toBe(expected.length);
  expect(shown.excluded).toEqual({ double: 5, 'address-invalid': 4, 'address-missing': 3 });
  const inOne = JSON.parse(await sealpost('inbox', '--delivery', id, '--limit', '2000', '--json')) as unknown[];
  expect(inOne).toHaveLength(expected.length + 2);
  const rows = JSON.parse(await sealpost('messages', id, '--json')) as { status: string }[];
  expect(rows).toHaveLength(1_000);
  expect(rows.filter(({ status }) => status === 'sent')).toHaveLength(expected.length);
});

test('an auditor checks the delivery and a mail of its inbox, by the key that the stack made', async () => {
  const [{ id } = { id: '' }] = JSON.parse(await sealpost('list', '--json')) as { id: string }[];
  const { thumbprint } = JSON.parse(await sealpost('audit', 'key', '--json')) as { thumbprint: string };
  const bundle = join(up.home, 'audit.ndjson');
  await sealpost('audit', 'export', id, '--out', bundle);
  const inbox = join(up.home, 'inbox');
  const isOfTarget = (text: string) => text.includes(`delivery=${id}`) && !text.includes('@reviewers.example');
  const files = (await readdir(inbox)).map((name) => join(inbox, name));
  const mail = files.find((path) => isOfTarget(readFileSync(path, 'latin1'))) ?? '';
  const told = await sealpost('audit', 'verify', bundle, '--key', thumbprint, '--message', mail);
  expect(told).toMatch(/^ok +the mail is the message that was sealed/m);
  expect(told).not.toMatch(/FAILED|not checked/);
});

test('a killed stack starts again by itself and has kept its data', async () => {
  const before = JSON.parse(await sealpost('list', '--json')) as unknown[];
  await up.end('SIGKILL');
  await startUp();
  expect(JSON.parse(await sealpost('list', '--json'))).toEqual(before);
  await expect(sealpost('up')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('a stack runs in') });
});

test('code that imports the package starts a delivery and waits for its outcome', async () => {
  await sealpost('operator', 'add', 'stock-service', '--plain');
  const exports = JSON.parse(await sealpost('env', '--json')) as Record<string, string>;
  const env = { ...process.env, ...exports };
  const { stdout } = await promisify(execFile)('npm', ['run', 'example'], { cwd: root, env });
  expect(stdout).toContain('finished');
  const id = /stock-notice-\d+/.exec(stdout)?.[0] ?? '';
  const described = ['workflow', 'describe', '--workflow-id', `delivery:${id}`];
  expect((await promisify(execFile)(exports['TEMPORAL_CLI'] ?? '', described, { env })).stdout).toContain(id);
});

test('Ctrl-C stops everything that was started', async () => {
  expect(await up.end('SIGINT')).toBe(0);
  const left = await promisify(execFile)('sh', ['-c', `ls -l /proc/*/cwd 2>/dev/null | grep -c ${up.home} || true`]);
  expect(Number(left.stdout)).toBe(0);
});
