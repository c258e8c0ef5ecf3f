import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { recordedTerminal } from './recorded-terminal.js';

function delivery(html: string): string {
  const folder = temporaryFolder();
  const yaml =
    'id: w\nname: W\nsender:\n  address: n@shop.example\nsubject: S\nunsubscribe: { mailto: u@shop.example }\ncontent: c.html\nrecipients: r.csv\n';
  for (const [name, text] of [
    ['delivery.yaml', yaml],
    ['c.html', html],
    ['r.csv', 'email,name\na@b.example,A\n'],
  ] as const)
    writeFileSync(join(folder, name), text);
  return folder;
}

async function check(folder: string, args: string[] = [], env: Record<string, string> = {}) {
  const recorded = recordedTerminal();
  const exitCode = await runCli(['check', folder, ...args], { env, terminal: recorded.terminal });
  return { exitCode, out: recorded.out() };
}

test('a warning names file and line, and fails only with --strict', async () => {
  const folder = delivery('<p>\n{{ name }} {{ city }}</p>');
  const { exitCode, out } = await check(folder);
  expect(exitCode).toBe(0);
  expect(out).toContain(`${folder}/c.html:2: warning: html: No recipient has a field "city"`);
  expect((await check(folder, ['--strict'])).exitCode).toBe(1);
});

test('--json has findings and counts; a relay is judged where the environment names some', async () => {
  const { exitCode, out } = await check(delivery('<p>x</p>'), ['--json'], { SMTP_URL_BULK: 'smtp://127.0.0.1:25' });
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false, counts: { error: 1 }, findings: [{ rule: 'relay-unknown' }] });
});

test('an unreadable definition lists its faults in the same form', async () => {
  const folder = delivery('{{ oops');
  const { exitCode, out } = await check(folder, ['--json']);
  expect(exitCode).toBe(1);
  expect(JSON.parse(out).findings).toMatchObject([
    { rule: 'definition', level: 'error', file: `${folder}/c.html`, line: 1 },
  ]);
});
