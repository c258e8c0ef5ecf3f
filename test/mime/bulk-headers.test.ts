import { deliverySettingsSchema } from '../../src/delivery/definition.js';
import { headersOf as read, rendering } from './one-revision.js';

const base = { name: 'News', sender: { address: 'news@shop.example' }, subject: 'Hello' };
const headersOf = async (settings: object) => read(rendering(settings)());

test.each([
  [{ list: { id: 'news.shop.example' } }, { 'list-id': '<news.shop.example>' }],
  [{ list: { id: 'news.shop.example', name: 'Shop news' } }, { 'list-id': 'Shop news <news.shop.example>' }],
  [{ feedbackId: 'autumn:7:news:shop' }, { 'feedback-id': 'autumn:7:news:shop' }],
  [{ precedence: 'bulk' }, { precedence: 'bulk' }],
  [{ autoSubmitted: 'auto-generated' }, { 'auto-submitted': 'auto-generated' }],
  [
    { unsubscribe: { url: 'https://shop.example/u', oneClick: true } },
    { 'list-unsubscribe-post': 'List-Unsubscribe=One-Click' },
  ],
])('%j is in the message', async (settings, headers) => {
  expect(await headersOf(settings)).toMatchObject(headers);
});

test.each(['list-id', 'feedback-id', 'precedence', 'auto-submitted', 'list-unsubscribe-post'])(
  'no %s unless it is asked for',
  async (name) => {
    expect(await headersOf({ unsubscribe: { url: 'https://shop.example/u' } })).not.toHaveProperty(name);
  },
);

test.each([
  [{ list: { id: 'news' } }],
  [{ list: { id: 'a.b>\r\nBcc: x@y.example' } }],
  [{ list: { id: 'a.b', name: 'x\r\nBcc: x@y.example' } }],
  [{ feedbackId: 'a:b:c:d:e' }],
  [{ feedbackId: 'a\r\nBcc: x@y.example' }],
  [{ precedence: 'first-class' }],
  [{ unsubscribe: { oneClick: true } }],
])('the definition refuses %j', (settings) => {
  expect(deliverySettingsSchema.safeParse({ ...base, ...settings }).success).toBe(false);
});

test('settings that are not given leave no trace in what a revision is named by', () => {
  const settings = deliverySettingsSchema.parse(base);
  for (const name of ['list', 'feedbackId', 'precedence', 'autoSubmitted']) expect(settings).not.toHaveProperty(name);
  expect(settings.unsubscribe).toEqual({});
});
