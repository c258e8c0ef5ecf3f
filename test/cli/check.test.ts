import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCli } from '../../src/cli/program.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { recordedTerminal } from './recorded-terminal.js';

function delivery(html: string, more: Record<string, string> = {}): string {
  const folder = temporaryFolder();
  const yaml =
    'id: w\nname: W\nsender:\n  name: Shop\n  address: n@shop.example\nsubject: S\nunsubscribe: { mailto: u@shop.example }\ncontent: c.html\nrecipients: r.csv\n';
  for (const [name, text] of [
    ['delivery.yaml', yaml],
    ['c.html', html],
    ['r.csv', 'email,name\na@b.example,A\n'],
    ...Object.entries(more),
  ] as const) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
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
  const { exitCode, out } = await check(delivery('<p>{{ unsubscribe_url }}</p>'), ['--json'], {
    SMTP_URL_BULK: 'smtp://127.0.0.1:25',
  });
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

const yamlWith = (lines: string) =>
  `id: w\nname: W\nsender:\n  name: Shop\n  address: n@shop.example\nsubject: S\nunsubscribe: { mailto: u@shop.example }\n${lines}`;
const unknown = (file: string, line: number, place: string) =>
  `${file}:${line}: warning: ${place}: No recipient has a field "city"`;

test('a missing variable is told once where the text is made from the HTML, and in each part that has a file', async () => {
  const folder = delivery('<p>\n{{ city }}</p>');
  expect((await check(folder)).out.match(/"city"/g)).toHaveLength(1);
  const own = delivery('<p>\n{{ city }}</p>', {
    'delivery.yaml': yamlWith('content: { html: c.html, text: c.txt }\nrecipients: r.csv\n'),
    'c.txt': 'a\n\n{% render "greeting" %} {{ city }}\n',
  });
  const { out } = await check(own);
  expect(out).toContain(unknown(`${own}/c.html`, 2, 'html'));
  expect(out).toContain(unknown(`${own}/c.txt`, 3, 'text'));
});

test('what is found in a block is told with its file', async () => {
  const folder = delivery('{% render "place" %}', { 'blocks/place.html': '<p>\n\n{{ city }}</p>' });
  expect((await check(folder)).out).toContain(unknown(`${folder}/blocks/place.html`, 3, 'html'));
  const broken = delivery('{% render "place" %}', { 'blocks/place.html': '\n{{ city | nunber }}' });
  expect((await check(broken)).out).toContain(
    `${broken}/blocks/place.html:2: error: content: there is no filter "nunber"`,
  );
});

test('a part of a field is each recipient’s own matter', async () => {
  const folder = delivery(
    '{{ unsubscribe_url }}{% for i in items %}{{ i.name }}{% endfor %}{{ customer.name }}{{ delivery.nmae }}',
    {
      'delivery.yaml': yamlWith('content: c.html\nrecipients: r.ndjson\n'),
      'r.ndjson': '{"email":"a@b.example","items":[{"name":"Rose"}],"customer":{"name":"A"}}\n',
    },
  );
  const { out } = await check(folder, ['--json']);
  expect(JSON.parse(out).findings.map(({ sentence }: { sentence: string }) => sentence)).toEqual([
    expect.stringContaining('No recipient has a field "delivery.nmae"'),
  ]);
});

test('a subject has as many characters as its readers see', async () => {
  const subject = (text: string) => ({
    'delivery.yaml': yamlWith('content: c.html\nrecipients: r.csv\n').replace('subject: S', `subject: "${text}"`),
  });
  const family = '👨‍👩‍👧‍👦';
  expect((await check(delivery('<p>x</p>', subject(family.repeat(60))))).out).not.toContain('The subject has');
  expect((await check(delivery('<p>x</p>', subject(`${family.repeat(60)}${'é'.repeat(41)}`)))).out).toContain(
    'The subject has 101 characters',
  );
});

test('what a forced encoding cannot write is told with its line, wherever it comes from', async () => {
  const settings = yamlWith(
    'content: c.html\nrecipients: r.csv\ncharset: iso-8859-1\nlist:\n  id: news.shop.example\n  name: "Дом"\nheaders:\n  X-Note: "{{ name }} ★"\n' +
      'proofs:\n  subjectPrefix: "→ "\n',
  );
  const folder = delivery('<meta charset="utf-8">\n<p>{{ name | default: "☃" }} € é</p>', {
    'delivery.yaml': settings,
  });
  const { exitCode, out } = await check(folder, ['--json']);
  expect(exitCode).toBe(1);
  const findings = (JSON.parse(out).findings as { rule: string; place: string }[]).filter(
    ({ rule }) => rule === 'charset-unfit',
  );
  const sentence = (names: string): unknown =>
    expect.stringMatching(new RegExp(`^${names} cannot be written in iso-8859-1: write another character`));
  const [yaml, html] = [`${folder}/delivery.yaml`, `${folder}/c.html`];
  expect(findings).toMatchObject([
    { place: 'headers.X-Note', file: yaml, line: 15, sentence: sentence('"★" .U.2605.') },
    { place: 'html', file: html, line: 2, sentence: sentence('"€" .U.20AC., "☃" .U.2603.') },
    { place: 'text', file: html, line: 2, sentence: sentence('"€" .U.20AC., "☃" .U.2603.') },
    { place: 'list.name', file: yaml, line: 13, sentence: sentence('"Д" .U.0414., "м" .U.043C., "о" .U.043E.') },
    { place: 'proofs.subjectPrefix', file: yaml, line: 17, sentence: sentence('"→" .U.2192.') },
  ]);
  expect(out).toContain('give the text a file of its own');
  const fine = delivery('<p>é &#9731;</p>', { 'delivery.yaml': settings.replace('iso-8859-1', 'utf-8') });
  expect((await check(fine, ['--json'])).out).not.toContain('charset-unfit');
});

test('a profile that proofs are to show and the recipients lack is found where it is named', async () => {
  const profiles = '  substitution:\n    to: [qa@b.example]\n    profiles:\n      rows:\n        - 2\n        - 9\n';
  const folder = delivery('<p>{{ unsubscribe_url }}</p>', {
    'delivery.yaml': yamlWith(`content: c.html\nrecipients: r.csv\nproofs:\n  mode: substitution\n${profiles}`),
  });
  const { exitCode, out } = await check(folder);
  expect({ exitCode, out }).toEqual({
    exitCode: 1,
    out: expect.stringContaining(
      `delivery.yaml:17: error: proofs.substitution.profiles.rows[1]: The recipients have no`,
    ),
  });
  expect(out).not.toContain('rows[0]');
});

test('sources that leave nobody out are found, and of those that do one row is enough', async () => {
  const sources = ['none.csv', 'some.csv'].map((file) => `{ file: ${file}, exclude: true }`).join(', ');
  const folder = delivery('<p>{{ unsubscribe_url }}</p>', {
    'delivery.yaml': yamlWith(`content: c.html\nrecipients: [r.csv, ${sources}]\n`),
    'none.csv': 'email\n',
    'some.csv': 'email\nnobody\nb@b.example\n',
  });
  const { out } = await check(folder);
  expect(out).toContain('warning: recipients: The source "none.csv" is to leave people out and has no rows');
  expect(out).not.toContain('some.csv');
});
