import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let relay: ScriptedRelay;

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({ keep: true });
  await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});

const withoutDate = (message: string) => message.replace(/^Date: .*\r\n/m, '');

test('the preview of a stored delivery is the message that was sent, but for its Date', async () => {
  const values = definition({
    id: 'previewed',
    approval: { mode: 'automatic' },
    unsubscribe: { hosted: 'https://news.garden.example' },
    sender: { address: 'news@garden.example', verp: true },
    list: { id: 'news.garden.example', name: 'Gärten' },
  });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  const preview = await delivery.preview(3);
  const sent = relay.messages.find(({ recipient }) => recipient === 'person3@shop.example');
  expect(withoutDate(preview.eml.toString())).toBe(withoutDate(sent?.bytes.toString() ?? ''));
  expect(preview).toMatchObject({ id: 'previewed', row: 3, text: expect.stringMatching('Dear Name3') });
  expect(preview.html).toMatch(/href="https:\/\/news\.garden\.example\/u\/[\w-]{39}"/);
  expect(sent?.sender).toMatch(/^news\+[a-z2-7]{32}@garden\.example$/);
});

test('a row that is not there is told as that', async () => {
  await expect(environment.sealpost.delivery('previewed').preview(99)).rejects.toThrow(/row 99/);
});
