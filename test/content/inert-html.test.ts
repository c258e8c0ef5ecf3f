import { framedHtml, withoutLoading } from '../../src/content/inert-html.js';

test('what a browser acts on before any policy is nothing', () => {
  const html =
    '<!DOCTYPE html><LINK rel="preconnect" href="//a.example"><meta/http-equiv="refresh"><base href="//a.example"><p>';
  expect(withoutLoading(html)).toBe(
    '<!DOCTYPE html><base target="_blank"><x-LINK rel="preconnect" href="//a.example"><x-meta/http-equiv="refresh"><x-base href="//a.example"><p>',
  );
});

test.each([
  ['light', '(max-width: 0)', '(min-width: 0)'],
  ['dark', '(min-width: 0)', '(max-width: 0)'],
] as const)('in %s a mail’s own styles for it hold, whatever the reader prefers', (scheme, dark, light) => {
  const html =
    '<style>@media (prefers-color-scheme:dark){}@media screen and ( Prefers-Color-Scheme : LIGHT ){}</style>';
  expect(framedHtml(html, scheme)).toBe(
    `<base target="_blank"><style>:root{color-scheme:only ${scheme}}</style><style>@media ${dark}{}@media screen and ${light}{}</style>`,
  );
});
