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

test('lists, objects and languages are filled as they were given, and the same ones are the same revision', async () => {
  const order = JSON.parse('{"bb": 1, "a": true, "__proto__": {"x": "p"}}') as Record<string, never>;
  const values = definition({
    id: 'nested',
    approval: { mode: 'automatic' },
    content: {
      text:
        '{% render "greeting" %} {% for item in items %}{{ item.name }} {{ item.price | money: "EUR" }}; {% endfor %}' +
        '{% for pair in order %}{{ pair[0] }} {% endfor %}{{ order.__proto__.x }} {{ when | local_date: "long" }} ' +
        '{{ unsubscribe_url }}',
    },
    recipients: [
      {
        email: 'ada@shop.example',
        locale: 'de_AT',
        items: [{ name: 'Rose\u00e9', price: 1212.5, note: null }],
        order,
        when: '2026-11-03',
      },
    ],
  });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 1 } });
  await environment.sealpost.start(values, { operator: 'author' });
  const { text } = await delivery.preview();
  expect(text.replace(/[\s\u00a0]+/g, ' ')).toContain(
    'Hello, Roseé € 1.212,50; a bb __proto__ p 3. November 2026 https://garden.example/',
  );
});
