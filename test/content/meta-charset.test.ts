import { nameCharset } from '../../src/content/meta-charset.js';

test.each([
  ['<meta charset="utf-8">', '<meta charset="shift_jis">'],
  ['<META CharSet = UTF-8 />', '<META CharSet = "shift_jis" />'],
  [
    '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">',
    '<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">',
  ],
  [
    "<meta content='text/html;charset = utf-8; x=y' http-equiv=content-type>",
    "<meta content='text/html;charset = shift_jis; x=y' http-equiv=content-type>",
  ],
  // Nothing else says what it is.
  ['<meta name="description" content="on charset=utf-8 and > more">', undefined],
  ['<meta http-equiv="refresh" content="1; url=/?charset=utf-8">', undefined],
  ['<script charset="utf-8"></script><p>charset=utf-8</p>', undefined],
  ['<metadata charset="utf-8">', undefined],
  ['<meta name="viewport" content="width=device-width"><a charset="utf-8">', undefined],
])('%s', (html, named) => {
  expect(nameCharset(`<head>\n${html}</head>`, 'shift_jis')).toBe(`<head>\n${named ?? html}</head>`);
});

test.each([
  ['tags without an end', '<meta "'.repeat(50_000)],
  // Expressions that begin anew at each character would take hours.
  ['a long name', `<meta ${'x'.repeat(2_000_000)}>`],
  ['a long space', `<meta http-equiv=${' '.repeat(2_000_000)}x>`],
])('%s: the tag is read once', (_, html) => {
  expect(nameCharset(html, 'shift_jis')).toBe(html);
});
