import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/cli/program.js';
import { recordedTerminal } from '../cli/recorded-terminal.js';
import { hostileFiles } from '../client/hostile-files.js';
import { eventually, openEnvironment, type CliResult, type TestEnvironment } from './environment.js';

const example = fileURLToPath(new URL('../../examples/winter-news', import.meta.url));
let environment: TestEnvironment;
let home: string;

beforeAll(async () => {
  environment = await openEnvironment();
  home = await mkdtemp(join(tmpdir(), 'sealpost-bad-'));
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
  await environment.close();
});

const yaml = `id: news
name: News
sender: { address: news@shop.example }
subject: Hello
content: content.html
recipients: recipients.csv
`;

interface Files {
  [name: string]: string | Buffer;
}

/** A sound definition with some files in place of its own. */
async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(join(home, 'news-'));
  const sound: Files = {
    'delivery.yaml': yaml,
    'content.html': '<p>Dear {{ first_name }}</p>',
    'recipients.csv': 'email,first_name\nann@shop.example,Ann\n',
  };
  for (const [name, content] of Object.entries({ ...sound, ...files })) await writeFile(join(folder, name), content);
  return folder;
}

function expectOneClearMessage(result: CliResult, code: number, message: RegExp): void {
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/\n\s+at |node:internal|\.js:\d+|\.ts:\d+/);
  expect(result.stdout).toBe('');
  expect(result.code).toBe(code);
}

async function deliveries(): Promise<number> {
  const { rows } = await environment.database.query('select count(*)::int as count from delivery');
  return rows[0].count;
}

const withMjml = { 'delivery.yaml': yaml.replace('content.html', 'content.mjml') };
const mjml = (body: string) => `<mjml>\n<mj-body>\n${body}\n</mj-body>\n</mjml>\n`;

describe('a definition with faults is refused whole: each fault with its place, nothing is created', () => {
  test.each<[string, Files, RegExp]>([
    ['broken YAML', { 'delivery.yaml': 'name: "News\nsubject: x' }, /delivery\.yaml:\d+: /],
    [
      'an unknown key',
      { 'delivery.yaml': `${yaml}subjekt: x\n` },
      /delivery\.yaml:7: subjekt: .*did you mean "subject"/,
    ],
    ['wrong types', { 'delivery.yaml': yaml.replace('Hello', '[1, 2]') }, /delivery\.yaml:4: subject: /],
    [
      'a duration that is none',
      { 'delivery.yaml': `${yaml}sending: { validity: soon }\n` },
      /sending\.validity: .*duration/,
    ],
    ['bad quoting in the CSV', { 'recipients.csv': 'email\n"ann@shop.example\n' }, /recipients\.csv:\d+: /],
    [
      'a CSV without the address column',
      { 'recipients.csv': 'mail,name\na@b.example,A\n' },
      /recipients\.csv:1: .*email/,
    ],
    [
      'a Latin-1 CSV',
      { 'recipients.csv': Buffer.from('email,first_name\na@b.example,J\xfcrgen\n', 'latin1') },
      /recipients\.csv:2: .*UTF-8/,
    ],
    ['a row with too many cells', { 'recipients.csv': 'email,n\na@b.example,A,B\n' }, /recipients\.csv:2: /],
    [
      'an unclosed MJML tag',
      { ...withMjml, 'content.mjml': mjml('<mj-section><mj-column>') },
      /content\.mjml:\d+: .*clos/,
    ],
    [
      'an unknown MJML tag',
      { ...withMjml, 'content.mjml': mjml('<mj-secton></mj-secton>') },
      /content\.mjml:3: .*mj-sect?i?on/,
    ],
    [
      'an include outside the folder',
      { ...withMjml, 'content.mjml': mjml('<mj-include path="../../etc/passwd" />') },
      /content\.mjml:3: /,
    ],
    ['a template that cannot be read', { 'content.html': '<p>{% if %}</p>' }, /content\.html:1: /],
    ['a missing content file', { 'delivery.yaml': yaml.replace('content.html', 'other.html') }, /other\.html/],
    [
      'several faults at once',
      { 'delivery.yaml': yaml.replace('Hello', '[1]').replace('name: News', 'name: ""') },
      /name: [\s\S]*subject: /,
    ],
  ])('%s', async (_, files, message) => {
    const before = await deliveries();
    expectOneClearMessage(await environment.cli(['start', await folderWith(files)]), 2, message);
    expect(await deliveries()).toBe(before);
  });

  test('a file that is not there', async () => {
    expectOneClearMessage(await environment.cli(['start', join(home, 'nowhere.yaml')]), 2, /nowhere\.yaml/);
  });

  test('faults are JSON for scripts', async () => {
    const folder = await folderWith({ 'delivery.yaml': `${yaml}subjekt: x\n` });
    const { code, stderr } = await environment.cli(['start', folder, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'DEFINITION_INVALID', faults: [{ line: 7, field: 'subjekt' }] },
    });
  });
});

const refusedFiles = hostileFiles.filter(([, , , told]) => !told.endsWith(' rows'));

test.each(refusedFiles)(
  '%s in %s is told once, with its line, and nothing is created',
  async (_, name, content, told) => {
    const before = await deliveries();
    const folder = await folderWith({ 'delivery.yaml': yaml.replace('recipients.csv', name), [name]: content });
    const { terminal, out, err } = recordedTerminal();
    const code = await runCli(['start', folder, '--operator', 'publisher'], { env: environment.env, terminal });
    expectOneClearMessage({ code, stdout: out(), stderr: err() }, 2, /:\d+: recipients: /);
    expect(err().trimEnd().split('\n')).toEqual([expect.stringContaining(told)]);
    expect(await deliveries()).toBe(before);
  },
);

describe('a server that cannot be used is told with what to do, nothing is created', () => {
  const nothing = '127.0.0.1:9';
  test.each<[string, (url: URL) => Record<string, string>, RegExp]>([
    [
      'no database there',
      () => ({ DATABASE_URL: `postgres://u:hidden@${nothing}/d` }),
      /database at DATABASE_URL .*nothing listens/,
    ],
    [
      'a wrong password',
      (url) => ({ DATABASE_URL: Object.assign(new URL(url), { password: 'hidden' }).href }),
      /refuses the password/,
    ],
    [
      'no such database',
      (url) => ({ DATABASE_URL: Object.assign(new URL(url), { pathname: '/nothing' }).href }),
      /no database of that name/,
    ],
    ['no Temporal server', () => ({ TEMPORAL_ADDRESS: nothing }), /Temporal server does not answer.*TEMPORAL_ADDRESS/],
    ['no such namespace', () => ({ TEMPORAL_NAMESPACE: 'nothing' }), /Temporal server refuses.*nothing/],
  ])('%s', async (_, own, message) => {
    const before = await deliveries();
    const env = own(new URL(environment.env['DATABASE_URL'] ?? ''));
    const result = await environment.cli(['start', await folderWith({}), '--id', 'unreachable'], env);
    expectOneClearMessage(result, 3, message);
    expect(result.stderr).not.toContain('hidden');
    expect(await deliveries()).toBe(before);
  });

  test('a disk that is full', async () => {
    await environment.database.query(`
      create function full_disk() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
      create trigger full_disk before insert on revision for each row execute function full_disk()`);
    const before = await deliveries();
    expectOneClearMessage(await environment.cli(['start', await folderWith({})]), 3, /disk is full/);
    await environment.database.query('drop trigger full_disk on revision');
    expect(await deliveries()).toBe(before);
  });

  test('a database without our tables', async () => {
    const url = new URL(environment.env['DATABASE_URL'] ?? '');
    url.pathname = '/postgres';
    expectOneClearMessage(await environment.cli(['list'], { DATABASE_URL: url.href }), 3, /sealpost migrate/);
  });
});

describe('a worker that cannot work says why and ends', () => {
  test('a relay URL that is none, without its password', async () => {
    const result = await environment.cli(['worker'], { SMTP_URL: 'smtps://user:hidden@relay.example?conections=5' });
    expectOneClearMessage(result, 2, /SMTP_URL: the options are connections/);
    expect(result.stderr).not.toContain('hidden');
  });

  test('search attributes that are not registered', async () => {
    const namespace = 'bare-namespace';
    await environment.temporal.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const result = await environment.cli(['worker'], { TEMPORAL_NAMESPACE: namespace });
    expectOneClearMessage(result, 3, /search attributes DeliveryStatus.*sealpost migrate/);
  });
});

test('an id that was used before is refused, also where only the ledger knows it', async () => {
  const folder = join(home, 'winter');
  await cp(example, folder, { recursive: true });
  const start = () => environment.cli(['start', folder, '--id', 'used', '--operator', 'publisher']);
  expect((await start()).code).toBe(0);
  expectOneClearMessage(await start(), 1, /"used" exists already/);
  await writeFile(join(folder, 'recipients.csv'), 'email,first_name\nann@shop.example,Ann\n');
  expectOneClearMessage(await start(), 1, /id "used" is used by another delivery/);
});

test('without a worker, commands say that they are queued, and take effect when one comes', async () => {
  const folder = await folderWith({});
  await environment.cli(['start', folder, '--id', 'queued', '--operator', 'publisher']);
  const { code, stdout } = await environment.cli(['stop', 'queued', '--operator', 'publisher']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('queued')]);
  const worker = await environment.startWorker({ SMTP_URL: 'smtp://127.0.0.1:9' });
  const { phase } = await eventually(
    () => environment.sealpost.delivery('queued').progress(),
    ({ ended }) => ended,
  );
  expect(phase).toBe('stopped');
  await worker.kill();
});

test('a delivery that is not there, and one that has no seal yet', async () => {
  expectOneClearMessage(await environment.cli(['show', 'nothing']), 1, /no delivery "nothing"/);
  expectOneClearMessage(await environment.cli(['pause', 'nothing']), 1, /no delivery "nothing"/);
  await environment.cli(['start', await folderWith({}), '--id', 'unsealed', '--operator', 'publisher']);
  const early = await environment.cli(['confirm', 'unsealed', '--seal', 'a'.repeat(64), '--operator', 'publisher']);
  expectOneClearMessage(early, 1, /no seal|checking/);
});
