import { fileURLToPath } from 'node:url';
import { runCli } from '../../src/cli/program.js';
import { recordedTerminal } from './recorded-terminal.js';

const noStack = { SEALPOST_HOME: '/nowhere', HOME: '/nowhere' };
/** Port 1 is reserved and nothing listens there. */
const unreachable = {
  ...noStack,
  DATABASE_URL: 'postgres://user:hidden@127.0.0.1:1/x',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
};

async function run(args: string, env: Record<string, string> = noStack) {
  const recorded = recordedTerminal();
  const exitCode = await runCli(args.split(' ').filter(Boolean), { env, terminal: recorded.terminal });
  return { exitCode, out: recorded.out(), err: recorded.err() };
}

describe('wrong usage is exit code 2, with one clear sentence', () => {
  test.each([
    ['bogus', /unknown command 'bogus'/],
    ['show', /missing required argument 'delivery'/],
    ['list --bogus', /unknown option '--bogus'/],
    ['list --limit 0', /whole number from 1/],
    ['messages news --status lost', /There are pending, sending/],
    ['messages news --reason weather', /There are user-unknown/],
    ['messages news --proof x', /whole number from 1/],
    ['messages news --copies --proof 1', /cannot be used with option/],
    [`worker --archive ${process.execPath}`, /the archive .* cannot be used: a file stands where a folder must be/],
    ['show news --report --journal', /cannot be used with option/],
    ['audit show', /missing required argument 'delivery'/],
    ['audit show news --kind weather', /There are started, in-doubt, phase/],
    ['audit show news --since yesterday', /a day, such as 2026-11-24, or an instant/],
    ['show news --html', /argument missing/],
    ['proof approve news', /missing required argument 'number'/],
    ['proof approve news 0', /whole number from 1/],
    ['proof reject news 1', /'--comment <text>' not specified/],
    ['reschedule news', /'--at <date>' not specified/],
    ['reject news', /'--comment <text>' not specified/],
    ['confirm news', /--seal: there is no terminal to ask on/],
    ['confirm news --json', /--seal: with --json nobody is asked/],
    ['demo', /add --yes/],
    ['pause news --operator a@b.example', /operator id must be/],
    ['mirror news', /either --message or --message-id/],
    ['mirror news --message 1 --message-id <x@y>', /either --message or --message-id/],
    ['inbox show x', /no number of a message/],
    ['denylist add', /missing required argument 'address'/],
    ['denylist add ann@shop.example Ann --operator x', /address 2: this is no e-mail address/],
    ['denylist add ann@shop.example --sender garden --operator x', /sender: this is no sender/],
    ['denylist remove ann', /address 1: this is no e-mail address/],
    ['denylist list --sender garden', /sender: this is no sender/],
    ['denylist import a.csv --operator a@b.example', /operator id must be/],
    ['quarantine add ann@shop.example --sender news@garden.example', /unknown option '--sender'/],
    ['start /no/such/file', /there is no such file or folder/],
    ['up', /SMTP_URL: a relay is given as smtp:/],
  ])('sealpost %s', async (args, sentence) => {
    const { exitCode, out, err } = await run(args, { ...unreachable, SMTP_URL: 'http://relay' });
    expect({ exitCode, lines: err.trim().split('\n').length }).toEqual({ exitCode: 2, lines: 1 });
    expect(err).toMatch(sentence);
    expect(out).toBe(
      args === 'up' ? 'Starting the stack: Temporal, Postgres, an inbox, a worker and the console.\n' : '',
    );
  });

  test('no command at all shows the help', async () => {
    const { exitCode, err } = await run('');
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('Usage: sealpost') });
  });
});

describe('a server that cannot be reached is exit code 3', () => {
  test.each([
    'list',
    'show news',
    'watch news',
    'messages news',
    'mirror news --message 1',
    'proof list news',
    'pause news --operator x',
    'denylist list',
    'quarantine add ann@shop.example --operator x',
    'quarantine remove ann@shop.example',
    `denylist import ${fileURLToPath(import.meta.url)} --operator x`,
    'migrate',
    'worker',
    'web',
  ])('sealpost %s', async (args) => {
    const { exitCode, err } = await run(args, unreachable);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringMatching(/does not answer|cannot be used/) });
    expect(err).not.toMatch(/hidden|\n {4}at /);
  });

  test.each(['list', 'env', 'migrate', 'worker', 'web'])('sealpost %s, where none is named', async (args) => {
    const { exitCode, err } = await run(args);
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringMatching(/sealpost up|DATABASE_URL/) });
  });
});

describe('a data folder that cannot be used is told as that, and is no defect', () => {
  test.each(['list', 'inbox', 'up', 'demo --yes', 'show news'])('sealpost %s', async (args) => {
    // A file stands there.
    const { exitCode, err } = await run(args, { SEALPOST_HOME: process.execPath, HOME: '/nowhere' });
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: expect.stringMatching(/the data folder .* cannot be used: .*SEALPOST_HOME/),
    });
    expect(err).not.toContain('defect');
  });
});

test('with --json an error is JSON on standard error', async () => {
  const { err } = await run('start /no/such/file --json', unreachable);
  expect(JSON.parse(err)).toEqual({
    error: {
      code: 'DEFINITION_INVALID',
      message: expect.any(String),
      faults: [{ file: '/no/such/file', field: '', sentence: expect.any(String) }],
    },
  });
});

test('SEALPOST_DEBUG=1 shows where an error comes from', async () => {
  const { err } = await run('env', { ...noStack, SEALPOST_DEBUG: '1' });
  expect(err).toMatch(/\n +at /);
});

describe('help', () => {
  test.each(
    'demo,up,env,check,preview,start,watch,show,confirm,reject,revise,reschedule,proof,proof list,proof approve,proof reject,pause,resume,stop,list,messages,mirror,inbox list,inbox show,denylist add,denylist remove,denylist import,denylist list,quarantine add,quarantine remove,quarantine import,quarantine list,worker,web,dkim,migrate,history,audit key,audit export,audit verify,audit proof'.split(
      ',',
    ),
  )('sealpost %s --help has an example and --json', async (command) => {
    const { exitCode, out } = await run(`${command} --help`);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/\nExamples?:\n.*sealpost/);
    expect(out).toMatch(/--json/);
  });

  test('the version is the package’s', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  });
});

test('an empty inbox is said to be empty', async () => {
  expect(await run('inbox')).toMatchObject({ exitCode: 0, out: expect.stringContaining('The inbox is empty') });
});
