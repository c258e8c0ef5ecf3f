import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { recordedTerminal } from './recorded-terminal.js';

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function text(folder: string, ...args: string[]) {
  const recorded = recordedTerminal();
  const exitCode = await runCli(['text', folder, ...args], { env: {}, terminal: recorded.terminal });
  return { exitCode, out: recorded.out(), err: recorded.err() };
}

const html =
  '<h1>Hello {{ name | default: "you" }}</h1><p>{% if a %}A{% endif %} <a href="{{ unsubscribe_url }}">Leave</a></p>';
const made = 'Hello {{ name | default: "you" }}\n\n{% if a %}A{% endif %} Leave ({{ unsubscribe_url }})\n';

test.each([
  ['HTML alone', 'content: c.html', { 'c.html': html }],
  ['a text part that is still empty', 'content: { html: c.html, text: c.txt }', { 'c.html': html, 'c.txt': '' }],
  ['a text part that is not there yet', 'content: { html: c.html, text: c.txt }', { 'c.html': html }],
  [
    'MJML',
    'content: c.mjml',
    {
      'c.mjml': `<mjml><mj-body><mj-section><mj-column><mj-text>${html}</mj-text></mj-column></mj-section></mj-body></mjml>`,
    },
  ],
])('the text of %s', async (_, yaml, files) => {
  const folder = folderWith({ 'delivery.yaml': `${yaml}\n`, ...files });
  expect(await text(folder)).toEqual({ exitCode: 0, out: made, err: '' });
  expect(JSON.parse((await text(folder, '--json')).out)).toEqual({ text: made });
});

test.each([
  ['text alone', { 'delivery.yaml': 'name: N\ncontent: c.txt\n' }, ':2: content: names neither mjml nor html'],
  ['no content', { 'delivery.yaml': 'name: N\n' }, 'content: names neither mjml nor html'],
  ['a file that is not there', { 'delivery.yaml': 'content: c.html\n' }, ':1: content.html: there is no file "c.html"'],
  [
    'broken HTML',
    { 'delivery.yaml': 'content: c.html\n', 'c.html': '\n{{ a' },
    'c.html:2: content: the template cannot',
  ],
  ['no YAML', { 'delivery.yaml': 'content: [' }, 'delivery.yaml:1'],
])('%s is told with its place', async (_, files, sentence) => {
  const { exitCode, out, err } = await text(folderWith(files));
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toContain(sentence);
});
