import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.js';
import { recordedTerminal } from './recorded-terminal.js';

let out: string;
beforeEach(async () => (out = await mkdtemp(join(tmpdir(), 'sealpost-preview-'))));
afterEach(async () => rm(out, { recursive: true }));

async function preview(...args: string[]) {
  const recorded = recordedTerminal();
  const given = ['preview', 'examples/winter-news', '--out', out, '--json', ...args];
  const exitCode = await runCli(given, { env: {}, terminal: recorded.terminal });
  return { exitCode, out: recorded.out(), err: recorded.err() };
}

test('a folder is previewed without any server, and again over its own files', async () => {
  for (let time = 0; time < 2; time += 1) {
    const { exitCode, out: told } = await preview();
    expect(exitCode).toBe(0);
    const { files } = JSON.parse(told) as { files: string[] };
    expect(files.map((file) => file.slice(-5).replace(/^.*\./, ''))).toEqual(['html', 'txt', 'eml']);
    expect((await readdir(out)).length).toBe(3);
    expect(await readFile(files[2] ?? '', 'latin1')).toMatch(/^From: [^]+\r\nTo: [^]+\r\nMIME-Version: 1\.0\r\n/);
  }
});

test('a row that is not there is told', async () => {
  const { exitCode, err } = await preview('--profile', '99999999');
  expect(exitCode).toBe(2);
  expect(err).toContain('has no row 99999999');
  expect(await readdir(out)).toEqual([]);
});
