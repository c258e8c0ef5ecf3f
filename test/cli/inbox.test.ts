import { runCli } from '../../src/cli/program.js';
import { dataFolder } from '../../src/local/data-folder.js';
import { openInboxFolder } from '../../src/local/inbox-files.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { recordedTerminal } from './recorded-terminal.js';

const env = { SEALPOST_HOME: temporaryFolder() };
const messages = 70;

beforeAll(() => {
  const inbox = openInboxFolder(dataFolder(env).inbox);
  for (let n = 1; n <= messages; n += 1) {
    const text = [
      'From: Garden <news@garden.example>',
      'Reply-To: care@garden.example',
      `Subject: News ${n}`,
      `Message-ID: <${n}@garden.example>`,
      'List-Unsubscribe: <https://garden.example/u>,',
      ' <mailto:u@garden.example>',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b\r\nContent-Type: text/plain\r\n\r\nHello \x1b[31mText',
      '--b\r\nContent-Type: text/html\r\n\r\n<b>Hello Html</b>',
      '--b--',
    ];
    inbox.keep({ from: '', to: [n === 2 ? 'Alice@inbox.example' : 'bob@inbox.example'] }, [
      Buffer.from(`${text.join('\r\n')}\r\n`),
    ]);
  }
});

async function inbox(...args: string[]): Promise<string> {
  const { terminal, out, err } = recordedTerminal({ tty: args.includes('tty') });
  await runCli(['inbox', ...args.filter((arg) => arg !== 'tty')], { env, terminal });
  return out() + err();
}

describe('the list', () => {
  const numbers = async (...args: string[]) =>
    (JSON.parse(await inbox(...args, '--json')) as { number: number }[]).map(({ number }) => number);

  test('has the newest, in the order of arrival, and says that there are more', async () => {
    expect(await numbers('--limit', '3')).toEqual([68, 69, 70]);
    expect(await numbers('list', '--limit', '100')).toHaveLength(messages);
    expect(await inbox('--limit', '3')).toContain('There are more');
    expect(await inbox('--limit', '70')).not.toContain('There are more');
  });

  test.each(['alice@inbox.example', 'ALICE', 'Alice@'])('to %s goes back as far as needed', async (to) => {
    expect(await numbers('--to', to)).toEqual([2]);
  });

  test('an address that got nothing is told from an empty inbox', async () => {
    expect(await inbox('--to', 'nobody@inbox.example')).toBe('The inbox has no such message.\n');
  });

  test('whose delivery a message is, only the database knows', async () => {
    expect(await inbox('--delivery', 'news')).toMatch(/start "sealpost up"/);
  });
});

describe('one message', () => {
  test.each([
    [/^delivered to +Alice@inbox\.example$/m],
    [/^from +Garden <news@garden\.example>$/m],
    [/^reply to +care@garden\.example$/m],
    [/^subject +News 2$/m],
    [/^unsubscribe +<https:\/\/garden\.example\/u>, *<mailto:u@garden\.example>$/m],
    [/^html part +\d+ bytes: sealpost inbox show 2 --html$/m],
    [/^Hello \?\[31mText$/m],
  ])('has a line %s', async (line) => {
    expect(await inbox('show', '2')).toMatch(line);
  });

  test('its parts come alone', async () => {
    expect((await inbox('show', '2', '--html')).trim()).toBe('<b>Hello Html</b>');
    expect(await inbox('show', '2', '--headers')).toMatch(/^From: [^]*\r\nContent-Type: multipart.*\r\n$/);
    expect(await inbox('show', '2', '--raw')).toMatch(/^From: [^]*--b--\r\n$/);
  });

  test('a program gets its bytes, a terminal none that act on it', async () => {
    expect(await inbox('show', '2', '--raw')).toContain('\x1b[31m');
    expect(await inbox('show', '2', '--raw', 'tty')).not.toContain('\x1b[31m');
  });
});
