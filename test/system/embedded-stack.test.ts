import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import PostalMime, { type Email } from 'postal-mime';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'dist/src/cli/main.js');

let home: string;
let env: NodeJS.ProcessEnv;
let up: ChildProcess;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealpost-home-'));
  await chmod(home, 0o755);
  env = { ...process.env, SEALPOST_HOME: home };
});
afterAll(async () => {
  await stop('SIGTERM');
  await rm(home, { recursive: true, force: true });
});

async function startUp(): Promise<void> {
  // From another folder than the repository's: nothing may depend on where it is started.
  up = spawn(process.execPath, [main, 'up'], { env, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] });
  if (!up.stdout) throw new Error('up has no output');
  for await (const line of createInterface({ input: up.stdout })) if (line.includes('Ctrl-C')) return;
  throw new Error('up ended before it was ready');
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  if (up.exitCode !== null || up.signalCode !== null) return up.exitCode;
  up.stdout?.resume();
  const exited = once(up, 'exit') as Promise<[number | null]>;
  up.kill(signal);
  return (await exited)[0];
}

async function sealpost(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env, cwd: tmpdir() });
  return stdout;
}

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

async function inboxOf(deliveryId: string): Promise<Map<string, Email[]>> {
  const messages = new Map<string, Email[]>();
  for (const name of await readdir(join(home, 'inbox'))) {
    const bytes = await readFile(join(home, 'inbox', name));
    const mail = await PostalMime.parse(bytes);
    const to = mail.headers.find(({ key }) => key === 'delivered-to')?.value ?? '';
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
    if (first_name) expect(mail?.html).toContain(first_name.replaceAll("'", '&#39;'));
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
  const rows = JSON.parse(await sealpost('messages', id, '--json')) as { status: string }[];
  expect(rows).toHaveLength(1_000);
  expect(rows.filter(({ status }) => status === 'sent')).toHaveLength(expected.length);
}, 180_000);

test('a killed stack starts again by itself and has kept its data', async () => {
  const before = JSON.parse(await sealpost('list', '--json')) as unknown[];
  await stop('SIGKILL');
  await startUp();
  expect(JSON.parse(await sealpost('list', '--json'))).toEqual(before);
  await expect(sealpost('up')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('a stack runs in') });
});

test('code that imports the package starts a delivery and waits for its outcome', async () => {
  const exports = await sealpost('env', '--json');
  const folder = await mkdtemp(join(root, 'dist', 'example-'));
  try {
    await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), [
      ...['-p', join(root, 'tsconfig.example.json'), '--outDir', folder],
    ]);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'trigger-from-code.js')], {
      env: { ...env, ...(JSON.parse(exports) as Record<string, string>) },
    });
    expect(stdout).toContain('finished');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('Ctrl-C stops everything that was started', async () => {
  expect(await stop('SIGINT')).toBe(0);
  const left = await promisify(execFile)('sh', ['-c', `ls -l /proc/*/cwd 2>/dev/null | grep -c ${home} || true`]);
  expect(Number(left.stdout)).toBe(0);
});
