import fc from 'fast-check';
import { shownHtml } from '../../src/mime/shown-html.js';

const image = 'data:image/png;base64,AAAA';
const shown = (html: string) => shownHtml(html, new Map([['logo@shop.example', image]]));

test.each([
  ['a refresh', '<meta http-equiv="refresh" content="0;url=https://evil.example">', ''],
  ['a refresh in other letters', "<META content='0' HTTP-EQUIV = Refresh />", ''],
  ['a charset', '<meta charset=iso-8859-1>', ''],
  ['a type', '<meta http-equiv="Content-Type" content="text/html; charset=iso-2022-jp">', ''],
  ['a policy', '<meta http-equiv=content-security-policy content="img-src none">', ''],
  ['a referrer', '<meta name=" Referrer" content="unsafe-url">', ''],
  ['a viewport', '<meta name="viewport" content="width=device-width">', undefined],
  ['a comment', '<!-- <meta http-equiv="refresh"> -->', undefined],
  ['an image', '<img alt="a > b" src="cid:logo@shop.example">', `<img alt="a > b" src="${image}">`],
  ['an image without quotes', '<img src=cid:logo@shop.example>', `<img src=${image}>`],
  ['a background', '<td style="background:url(CID:logo@shop.example)" x>', `<td style="background:url(${image})" x>`],
  [
    'a background in quotes',
    '<td style="background:url(&quot;cid:logo@shop.example&quot;)">',
    `<td style="background:url(&quot;${image}&quot;)">`,
  ],
  [
    'a style sheet',
    "<style>.h{background:url('cid:logo@shop.example')}</style>",
    `<style>.h{background:url('${image}')}</style>`,
  ],
  ['an image that is not there', '<img src="cid:other%">', undefined],
  ['text about one', '<p>"cid:logo@shop.example"</p>', undefined],
])('%s', (_name, html, wanted) => {
  expect(shown(`<b>1</b>${html}<i>2</i>`)).toBe(`<b>1</b>${wanted ?? html}<i>2</i>`);
});

const piece = fc.constantFrom('<p>', '</p>', '</br>', '<meta name=viewport>', '<!--', '-->', '<script>', '</script>', '<', '>', '"', "'", '=', ' ', 'é', '<td style="', '<title>', '<svg/>', '&lt;', '<![CDATA[', ']]>', '<a href='); // prettier-ignore

test('what is neither stays as it was written, however broken it is', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
      const html = pieces.join('');
      fc.pre(!/cid:|http-equiv|charset/i.test(html));
      expect(shown(html)).toBe(html);
    }),
    { numRuns: 2_000 },
  );
});

test('an image that is shown without end fills no memory', () => {
  const large = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
  const html = shownHtml('<img src="cid:a">'.repeat(600), new Map([['a', large]]));
  expect(html.length).toBeLessThan(20_100_000);
  expect(html.endsWith('<img src="cid:a">')).toBe(true);
});
