import { deliverySettingsSchema } from '../../src/delivery/definition.js';

const base = { name: 'News', sender: { address: 'news@shop.example' }, subject: 'Hello' };

/** What is wrong with settings, as `path: sentence`. */
function faultsOf(settings: object): string[] {
  const { error } = deliverySettingsSchema.safeParse({ ...base, ...settings });
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}

test.each([
  [
    { headers: { From: 'a@b.example' } },
    'headers.From: is a header of the system and cannot be overridden: use the setting sender',
  ],
  [
    { headers: { 'DKIM-Signature': 'x' } },
    'headers.DKIM-Signature: is a header of the system and cannot be overridden',
  ],
  [{ headers: { date: 'x' } }, 'headers.date: is a header of the system and cannot be overridden'],
  [{ headers: { 'MESSAGE-ID': 'x' } }, 'headers.MESSAGE-ID: is a header of the system and cannot be overridden'],
  [{ headers: { 'List-Help': 'x' } }, 'headers.List-Help: is a header of the system and cannot be overridden'],
  [{ headers: { 'Content-Type': 'x' } }, 'headers.Content-Type: is a header of the system and cannot be overridden'],
  [{ headers: { Bcc: 'x' } }, 'headers.Bcc: is a header of the system and cannot be overridden: use the setting bcc'],
  [{ headers: { 'X A': 'x' } }, 'headers.X A: is no name of a header: 1–60 ASCII characters without a space or ":"'],
  [{ headers: { 'X:A': 'x' } }, 'headers.X:A: is no name of a header: 1–60 ASCII characters without a space or ":"'],
  [
    { headers: { 'X\r\nBcc': 'x' } },
    'headers.X\r\nBcc: is no name of a header: 1–60 ASCII characters without a space or ":"',
  ],
  [{ headers: { 'X-A': 'x\r\nBcc: y' } }, 'headers.X-A: a header must not contain line breaks or NUL'],
  [
    { sender: { address: '{{ a }}@{{ b }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: '{{ a }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: '{{ a | append: "@x.example" }}' } },
    'sender.address: sender.address may be personalised before its @ only, such as {{ shop }}@shop.example',
  ],
  [
    { sender: { address: 'nobody' } },
    'sender.address: sender.address must be a bare address such as news@shop.example',
  ],
  [
    { sender: { address: '{{ a }}@shop.example', verp: true } },
    'sender: sender.verp needs a return path that is the same for all recipients',
  ],
  [{ format: 'html' }, 'format: format must be multipart, recipient or text'],
  [{ locale: 'x_y' }, 'locale: locale must be a language such as de or pt-BR'],
  [
    { mirror: { mode: 'always' } },
    'mirror: mirror needs mirror.hosted: the address of the web server, such as https://news.shop.example',
  ],
  [
    { mirror: { hosted: 'http://shop.example' } },
    'mirror.hosted: mirror.hosted must be the https:// address of the web server, without "/" at its end, such as https://news.shop.example',
  ],
  [{ bcc: 'a@b.example\r\nRCPT TO:<c@d.example>' }, 'bcc: bcc must not contain line breaks or NUL'],
])('%j is refused', (settings, sentence) => {
  expect(faultsOf(settings)).toContain(sentence);
});

test('two headers that differ in their case are one', () => {
  expect(faultsOf({ headers: { 'X-A': '1', 'x-a': '2' } })).toEqual([
    'headers.X-A: stands there twice',
    'headers.x-a: stands there twice',
  ]);
});

test('an encoding that mail programs do not know is refused with those that they do', () => {
  expect(faultsOf({ charset: 'utf-16' })).toEqual([expect.stringMatching(/^charset: charset must be one of utf-8, /)]);
});

test.each([
  { headers: { 'X-Campaign': '{{ segment }}', Organization: 'Shop' } },
  { sender: { name: '{{ a }}', address: 'x-{{ a }}@shop.example', errorAddress: 'b@shop.example', verp: true } },
  { format: 'recipient', formatField: 'wants' },
  { charset: 'iso-2022-jp', locale: 'ja-JP', localeField: 'language' },
  { mirror: { mode: 'by-id', hosted: 'https://news.shop.example', expiresAfter: '30d' } },
])('%j is accepted', (settings) => {
  expect(faultsOf(settings)).toEqual([]);
});
