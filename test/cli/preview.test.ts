import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { recordedTerminal } from './recorded-terminal.js';

let out: string;
beforeEach(async () => (out = await mkdtemp(join(tmpdir(), 'sealpost-preview-'))));
afterEach(async () => rm(out, { recursive: true }));

const preview = async (...args: string[]) => await previewOf('examples/winter-news', ...args);

async function previewOf(folder: string, ...args: string[]) {
  const recorded = recordedTerminal();
  const given = ['preview', folder, '--out', out, '--json', ...args];
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
    for (const file of files) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await chmod(file, 0o644);
    }
    expect(await readFile(files[2] ?? '', 'latin1')).toMatch(/^From: [^]+\r\nTo: [^]+\r\nMIME-Version: 1\.0\r\n/);
  }
});

test('a row that is not there is told', async () => {
  const { exitCode, err } = await preview('--profile', '99999999');
  expect(exitCode).toBe(2);
  expect(err).toContain('has no row 99999999');
  expect(await readdir(out)).toEqual([]);
});

test.each(['utf-8', 'iso-8859-1', 'iso-8859-16', 'windows-1252', 'iso-2022-jp'])(
  'a message in %s is shown as Unicode',
  async (charset) => {
    const written = { 'iso-8859-16': '„Ș” €', 'windows-1252': '“é” €', 'iso-2022-jp': 'こんにちは' }[charset] ?? 'é';
    const folder = temporaryFolder();
    const yaml = `id: w\nname: W\ncharset: ${charset}\nsender:\n  address: n@shop.example\nsubject: S\ncontent: c.html\nrecipients: r.csv\n`;
    await writeFile(join(folder, 'delivery.yaml'), yaml);
    await writeFile(join(folder, 'c.html'), `<p>${written} {{ name }}</p>`);
    await writeFile(join(folder, 'r.csv'), `email,name\na@b.example,${written}\n`);
    const { files } = JSON.parse((await previewOf(folder)).out) as { files: string[] };
    const [html, text, eml] = await Promise.all(files.map(async (file) => await readFile(file, 'utf8')));
    expect(html?.trimEnd()).toBe(`\ufeff<p>${written} ${written}</p>`);
    expect(text?.trim()).toBe(`${written} ${written}`);
    expect(eml).toContain(`text/html; charset=${charset}\r\n`);
  },
);
