import { shownMessage } from '../../src/mime/shown-message.js';

const picture = Buffer.from('picture').toString('base64');

function message(html: string | Buffer, charset = 'utf-8', type = 'image/png'): Buffer {
  const head = (text: string) => Buffer.from(text.trimStart().replaceAll('\n', '\r\n'));
  return Buffer.concat([
    head(`
Subject: News
MIME-Version: 1.0
Content-Type: multipart/related; boundary="=_r"

--=_r
Content-Type: multipart/alternative; boundary="=_a"

--=_a
Content-Type: text/plain; charset=utf-8

text
--=_a
Content-Type: text/html; charset=${charset}
Content-Transfer-Encoding: base64

`),
    Buffer.from(Buffer.from(html).toString('base64')),
    head(`x
--=_a--
--=_r
Content-Type: ${type}; name="logo.png"
Content-Disposition: inline; filename="logo.png"
Content-Transfer-Encoding: base64
Content-ID: <logo@shop.example>

${picture}
--=_r--
`).subarray(1),
  ]);
}

const image = '<img src="cid:logo@shop.example">';

test.each([
  ['image/png', `<img src="data:image/png;base64,${picture}">`],
  ['image/svg+xml', image],
  ['image/SVG+xml', image],
  ['application/xhtml+xml', image],
  ['application/pdf', image],
])('an image of the message’s own is shown where it is a picture: %s', async (type, shown) => {
  expect((await shownMessage(message(image, 'utf-8', type))).html).toBe(shown);
});

test.each([
  ['iso-8859-1', Buffer.from('caf\xe9', 'latin1'), 'café'],
  ['iso-2022-jp', Buffer.from('\x1b$B%K%e!<%9\x1b(B', 'latin1'), 'ニュース'],
])('what came in %s is told in Unicode, and no meta says otherwise', async (charset, bytes, text) => {
  const html = Buffer.concat([Buffer.from(`<meta charset="${charset}"><p>`), bytes]);
  expect((await shownMessage(message(html, charset))).html).toBe(`<p>${text}`);
});
