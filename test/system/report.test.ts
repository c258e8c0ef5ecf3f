import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, DeliveryReport } from '../../src/client/index.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { eventually, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;
let folder: string;
let delivery: Delivery;
let report: DeliveryReport;

const person = (n: number, domain = 'shop.example') => ({
  email: `person${n}@${domain}`,
  first_name: `Name${n}`,
  ...(n === 2 ? { locale: 'de_AT' } : {}),
  ...(n === 3 ? { email_format: 'text' } : {}),
});

const first = definition({
  id: 'reported',
  format: 'recipient',
  unsubscribe: { hosted: 'https://news.garden.example' },
  content: {
    html: '<p>Dear {{ first_name }},</p>\n<p>roses cost 12 euros.</p>\n<img src="https://garden.example/r.png" alt="">\n<a href="{{ unsubscribe_url }}">unsubscribe</a>\n',
    text: 'Dear {{ first_name }},\nroses cost 12 euros. You are {{ email }}.\n{{ unsubscribe_url }}\n',
  },
  recipients: [1, 2, 3, 4].map((n) => person(n)),
});

const second: Values = {
  ...first,
  subject: 'News for {{ first_name }}',
  approval: { approvers: ['approver'], quorum: 2 },
  content: {
    html: first.content.html.replace('12', '15'),
    text: first.content.text.replace('12', '15'),
    files: undefined as never,
  },
  recipients: [
    person(1),
    person(2),
    { ...person(3), first_name: 'Renamed' },
    person(5, 'Other.Example'),
    person(5, 'other.example'),
    { ...person(6), first_name: 'A name that makes the message longer than all others' },
    { email: 'nobody', first_name: 'None' },
  ],
};

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({});
  folder = await mkdtemp(join(tmpdir(), 'sealpost-report-'));
  await environment.startWorker({ SMTP_URL: relay.url });
  delivery = await environment.sealpost.start(first, { operator: 'author' });
  await awaitDecision();
  const { content } = second;
  await delivery.revise({ ...second, content: { html: content.html, text: content.text } } as Values, {
    operator: 'author',
  });
  await awaitDecision(2);
  report = await delivery.report();
});
afterAll(async () => {
  await environment.close();
  await relay.close();
  await rm(folder, { recursive: true, force: true });
});

async function awaitDecision(times = 1): Promise<void> {
  await eventually(
    () => delivery.show(),
    ({ journal }) => journal.filter(({ phase }) => phase === 'awaiting-decision').length === times,
  );
}

test('dump', async () => {
  console.log(JSON.stringify(report, null, 1));
  const file = join('/tmp/wt-report-chromium', 'report.html');
  const { stdout, stderr } = await environment.cli(['show', 'reported', '--report', '--html', file]);
  console.log(stdout, stderr, (await readFile(file, 'utf8')).length, (await stat(file)).mode);
  console.log((await environment.cli(['show', 'reported', '--report'])).stdout);
});
