import PostalMime from 'postal-mime';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, type Values } from './definition.js';
import { inPhase, openEnvironment, type TestEnvironment } from './environment.js';

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

test('what the encoding cannot write stops at step 1 in the content, and leaves the recipient out in a value', async () => {
  const values = (text: string): Values =>
    definition({
      id: 'cyrillic',
      charset: 'windows-1251',
      subject: 'Привет, {{ first_name }}',
      content: { html: '<meta charset="utf-8"><p>Привет, {{ first_name }}</p>', text: `${text} {{ first_name }}` },
      recipients: ['Анна', '雪 ☃', 'Борис'].map((first_name, i) => ({ email: `p${i}@shop.example`, first_name })),
    });
  const delivery = await environment.sealpost.start(values('Привет ★'), { operator: 'author' });
  const { findings } = await inPhase(delivery, 'awaiting-revision');
  expect(findings.filter(({ level }) => level === 'error')).toMatchObject([
    { rule: 'charset-unfit', place: 'text', sentence: expect.stringMatching(/^"★" \(U\+2605\) cannot be written in/) },
  ]);

  await delivery.revise(values('Привет'), { operator: 'author' });
  const analysed = await inPhase(delivery, 'awaiting-decision');
  expect(analysed.findings.find(({ rule }) => rule === 'personalisation-failed')?.sentence).toBe(
    '1 recipient gets no message (row 2); Subject: "☃" (U+2603) cannot be written in windows-1251: fill or correct the column, or give a default.',
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: analysed.seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 2, ignored: 1 } });
  const mails = await Promise.all(relay.messages.map(async ({ bytes }) => await PostalMime.parse(bytes)));
  const seen = mails.map(({ subject, text, html }) => [subject, text?.trim(), html?.trim()]);
  const wanted = ['Анна', 'Борис'].map((name) => [
    `Привет, ${name}`,
    `Привет ${name}`,
    `<meta charset="windows-1251"><p>Привет, ${name}</p>`,
  ]);
  expect(new Set(seen)).toEqual(new Set(wanted));
});
