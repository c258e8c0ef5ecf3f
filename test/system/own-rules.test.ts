import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { definition, recipients } from './definition.js';
import { eventually, inPhase, openEnvironment, type TestEnvironment, type WorkerProcess } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let worker: WorkerProcess;

/** A file with typologies and own rules. */
function configuration(text: string): string {
  const file = join(temporaryFolder(), 'sealpost.config.mjs');
  writeFileSync(file, text);
  return file;
}

const config = configuration(`
const rule = (id, step, check) => ({ id, step, level: 'warning', explanation: 'It matters to the house.', check });
export default {
  typologies: {
    strict: { levels: { 'link-insecure': 'error', 'imprint-missing': 'error' } },
    easy: { levels: { 'link-insecure': 'info' }, off: ['placeholder-text', 'imprint-missing'] },
  },
  rules: [
    rule('imprint-missing', 'parameters', ({ content }) =>
      content.text.includes('Imprint') ? [] : [{ place: 'text', sentence: 'The imprint is missing: add it.' }]),
    rule('loops-for-ever', 'parameters', ({ settings }) => {
      while (settings.name === 'Test delivery');
      return [];
    }),
    rule('few-recipients', 'analysis', ({ messages }) =>
      messages < 100 ? [{ place: 'recipients', sentence: messages + ' messages are few: see that the list is right.' }] : []),
  ],
};`);

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ keep: true });
  worker = await environment.startWorker({ SMTP_URL: relay.url }, ['--config', config]);
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const html = `<html><body><h1>Lorem ipsum</h1><h3>Prices</h3><p>{{ story }}</p>
<table><tr><td><img src="https://garden.example/plan.png" alt="Plan"></td></tr></table>
<a href="http://garden.example/plan">Click here</a> <a href="https://www.example.com/">Plan</a>
<a href="{{ unsubscribe_url }}">unsubscribe</a></body></html>`;

test('rules of ours and of the user judge a delivery, at the levels of its typology', async () => {
  const large = '\u00e9'.repeat(60_000);
  const values = (own: object) =>
    definition({
      id: 'judged',
      subject: 'WINTER SALE!!',
      content: { html, text: 'Read on: {{ unsubscribe_url }}' },
      recipients: recipients(5).map((one, index) => ({ ...one, story: index === 3 ? large : 'Frost' })),
      ...own,
    });
  const foundIn = ({ findings }: Awaited<ReturnType<typeof inPhase>>) =>
    new Map(findings.map(({ rule, level, sentence }) => [rule, `${level}: ${sentence}`]));

  const delivery = await environment.sealpost.start(values({ typology: 'strict' }), { operator: 'author' });
  const strict = foundIn(await inPhase(delivery, 'awaiting-revision'));
  expect(strict.get('link-insecure')).toMatch(/^error: The link "http:/);
  expect(strict.get('imprint-missing')).toBe('error: The imprint is missing: add it.');
  expect(strict.get('loops-for-ever')).toMatch(/^error: The own rule "loops-for-ever" does not end/);
  for (const rule of ['all-capitals', 'exclamation-marks', 'placeholder-text', 'placeholder-link', 'image-only'])
    expect(strict.get(rule)).toMatch(/^warning: /);
  for (const rule of ['html-without-lang', 'heading-order', 'link-text-vague', 'table-without-role'])
    expect(strict.get(rule)).toMatch(/^info: /);

  await delivery.revise(values({ name: 'Another name', typology: 'nowhere' }), { operator: 'author' });
  const unknown = await eventually(
    () => delivery.show(),
    (seen) => seen.findings.some(({ rule }) => rule === 'typology-unknown'),
  );
  expect(foundIn(unknown).get('typology-unknown')).toMatch(/^error: .*use one of strict, easy/);

  await delivery.revise(values({ name: 'Another name', typology: 'easy' }), { operator: 'author' });
  const analysed = await inPhase(delivery, 'awaiting-decision');
  const easy = foundIn(analysed);
  expect(easy.get('link-insecure')).toMatch(/^info: /);
  for (const rule of ['placeholder-text', 'imprint-missing']) expect(easy.has(rule)).toBe(false);
  expect(easy.get('few-recipients')).toBe('warning: 5 messages are few: see that the list is right.');
  // Row 4, and 120,000 octets of its own.
  expect(easy.get('message-clipped')).toMatch(/^warning: The largest message \(row 4\) has 11[78] KB of HTML/);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: analysed.seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
});

test('the command line tells rules with their reasons, and refuses a configuration that is wrong', async () => {
  const listed = await environment.cli(['rules', '--json', '--config', config]);
  const rules = JSON.parse(listed.stdout) as { id: string; step: string }[];
  expect(rules.find(({ id }) => id === 'few-recipients')).toEqual({
    id: 'few-recipients',
    level: 'warning',
    step: 'analysis',
    explanation: 'It matters to the house.',
    fixed: false,
  });
  expect((await environment.cli(['rules'], { SEALPOST_CONFIG: config })).stdout).toMatch(
    /^sender-domain \* +error +par/m,
  );
  expect((await environment.cli(['rules', 'image-only'])).stdout).toContain('Images with hardly any text');
  expect(await environment.cli(['rules', 'image-onyl'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "image-only"?'),
  });

  const checked = await environment.cli(['check', 'examples/winter-news', '--json', '--config', config]);
  expect(JSON.parse(checked.stdout).findings).toContainEqual(expect.objectContaining({ rule: 'imprint-missing' }));

  const wrong = configuration(`export default { typologies: { a: { off: ['target-empty', 'image-onyl'] } } };`);
  for (const command of [['check', 'examples/winter-news'], ['worker'], ['rules'], ['up']])
    expect(await environment.cli(command, { SMTP_URL: relay.url, SEALPOST_CONFIG: wrong })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"target-empty" keeps unsafe.*\n.*did you mean "image-only"\?/),
    });
});

test('a worker says which configuration it has read, or that there is none', async () => {
  expect(worker.log()).toContain(`"file":"${config}"`);
  expect(worker.log()).not.toContain('no sealpost.config.*');
  const other = await environment.startWorker({ SMTP_URL: relay.url });
  expect(other.log()).toContain(`"folder":"${process.cwd()}","msg":"no sealpost.config.* in this folder`);
  await other.kill();
});
