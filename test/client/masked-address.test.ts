import { maskIn, maskedAddress } from '../../src/client/masked-address.js';

test.each([
  ['ann@shop.example', 'a…@shop.example'],
  ['\u{1f331}b@shop.example', '\u{1f331}…@shop.example'],
  ['nobody', '…'],
  ['@shop.example', '…@shop.example'],
  ['', '…'],
])('%s is told as %s', (address, masked) => {
  expect(maskedAddress(address)).toBe(masked);
});

const token = 'A'.repeat(39);

test.each([
  ['in text', 'You are ann+x@shop.example.', 'You are a…@shop.example.'],
  ['in a URL', 'https://a.example/?q=ann%2Bx%40shop.example', 'https://a.example/?q=a…@shop.example'],
  ['the pages of the message', `https://n.example/u/${token} /m/${token}"`, 'https://n.example/u/… /m/…"'],
  ['in another case', 'ANN+X@Shop.Example', 'a…@shop.example'],
  [
    'the pages of the message, encoded',
    `https://t.example/?to=https%3A%2F%2Fn.example%2Fu%2F${token}`,
    'https://t.example/?to=https%3A%2F%2Fn.example%2Fu%2F…',
  ],
  ['no other links', 'https://n.example/u/short', 'https://n.example/u/short'],
])('the address is masked %s', (_, written, masked) => {
  expect(maskIn(written, 'ann+x@shop.example')).toBe(masked);
});

test('the address is masked in HTML', () => {
  expect(maskIn('<p>o&#39;hara@shop.example</p>', "o'hara@shop.example")).toBe('<p>o…@shop.example</p>');
});

test('an address with the signs of a replacement is masked as any other', () => {
  expect(maskIn('Hello $&$1@shop.example', '$&$1@shop.example')).toBe('Hello $…@shop.example');
});
