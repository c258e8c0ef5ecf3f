import { noticesFromEnvironment } from '../../src/notice/notice-environment.js';

const relays = new Set(['default', 'bulk']);
const from = 'Sealpost <sealpost@shop.example>';

test('without a sender nobody is written to', () => {
  expect(noticesFromEnvironment({ SEALPOST_NOTICE_RELAY: 'other', SEALPOST_NOTICE_FROM: '' }, relays)).toBeUndefined();
});

test.each([
  [{ SEALPOST_NOTICE_FROM: from }, { from: { name: 'Sealpost', address: 'sealpost@shop.example' } }],
  [{ SEALPOST_NOTICE_FROM: '"A, B" <a@shop.example>' }, { from: { name: 'A, B', address: 'a@shop.example' } }],
  [{ SEALPOST_NOTICE_FROM: ' a@Shop.example ' }, { from: { address: 'a@shop.example' } }],
  [
    { SEALPOST_NOTICE_FROM: 'a@b.example', SEALPOST_NOTICE_RELAY: 'bulk', SEALPOST_CONSOLE_URL: 'https://c.example/' },
    { from: { address: 'a@b.example' }, relay: 'bulk', consoleUrl: 'https://c.example' },
  ],
])('%j', (env, settings) => {
  expect(noticesFromEnvironment(env, relays)).toEqual(settings);
});

test.each([
  [{ SEALPOST_NOTICE_FROM: 'nobody' }, /^SEALPOST_NOTICE_FROM must be such as/],
  [{ SEALPOST_NOTICE_FROM: 'A\r\nBcc: b@c.example <a@b.example>' }, /^SEALPOST_NOTICE_FROM must be such as/],
  [{ SEALPOST_NOTICE_FROM: 'ä@b.example' }, /^SEALPOST_NOTICE_FROM must be such as/],
  [{ SEALPOST_NOTICE_FROM: from, SEALPOST_NOTICE_RELAY: 'other' }, /^SEALPOST_NOTICE_RELAY names no relay/],
  [{ SEALPOST_NOTICE_FROM: from, SEALPOST_CONSOLE_URL: 'javascript:x' }, /^SEALPOST_CONSOLE_URL must be such as/],
])('%j is refused', (env, sentence) => {
  expect(() => noticesFromEnvironment(env, relays)).toThrow(sentence);
});
