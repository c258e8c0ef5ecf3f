import type { ParametersView } from '../../../src/delivery/control-rules/views.js';
import { html, link, set, shown, text, type CasesOf } from './views.js';

const words = 'Your garden in winter. '.repeat(6);
const hosted = 'https://news.shop.example';
const mirrored = (mirror: object, linkedFrom: string[] = [], hasHtml = true): Partial<ParametersView> => ({
  ...set({ mirror }),
  mirror: { linkedFrom, hasHtml },
});
const unfit = (place: string, isFromHtml = false): Partial<ParametersView> => ({
  ...set({ charset: 'iso-8859-1' }),
  charset: [{ place, characters: ['☃', '★'], isFromHtml }],
});

/** Rules about what messages hold. */
export const contentCases: CasesOf<ParametersView> = {
  'charset-unfit': {
    finds: [
      [
        'html',
        unfit('html'),
        /^"☃" \(U\+2603\), "★" \(U\+2605\) cannot be written in iso-8859-1: write another character or a reference such as &#9731;, or set charset to utf-8\.$/,
      ],
      [
        'text',
        unfit('text', true),
        /: write another character in the HTML, for a reference becomes the character in the text, or give the text a file of its own, or set/,
      ],
      ['text', unfit('text'), /: write another character, or set charset to utf-8\.$/],
      ['sender.name', unfit('sender.name'), /: write another character, or set charset to utf-8\.$/],
    ],
    passes: [{ charset: [] }],
  },
  'mirror-address-missing': {
    finds: [
      ['html', { mirror: { linkedFrom: ['html'], hasHtml: true } }],
      ['subject', { mirror: { linkedFrom: ['subject'], hasHtml: true } }],
    ],
    passes: [mirrored({ hosted }, ['html', 'text']), mirrored({ mode: 'never' }, ['html'])],
  },
  'mirror-link-forbidden': {
    finds: [
      ['html', mirrored({ mode: 'never' }, ['html'])],
      ['text', mirrored({ mode: 'by-id', hosted }, ['text'])],
    ],
    passes: [mirrored({ mode: 'always', hosted }, ['html']), mirrored({ mode: 'never' })],
  },
  'mirror-without-html': {
    finds: [
      ['mirror.mode', mirrored({ mode: 'always', hosted }, [], false), /or set mirror\.mode to auto\.$/],
      ['mirror.mode', mirrored({ mode: 'by-id', hosted }, [], false)],
      ['text', mirrored({ hosted }, ['text'], false), /or take {{ mirror_url }} out\.$/],
    ],
    passes: [mirrored({ mode: 'by-id', hosted }), mirrored({ mode: 'never' }, [], false), mirrored({}, [], false)],
  },
  'variable-unknown': {
    finds: [
      ['html', { requiredVariables: { html: ['first_nmae'] } }, /did you mean "first_name"\?$/],
      ['html', { knownVariables: new Set<string>() }, /or give it a default\.$/],
    ],
    passes: [{}],
  },
  'variable-never-there': {
    finds: [['text', { optionalVariables: { text: ['first_nmae'], html: ['first_name'] } }, /"first_name"\?$/]],
    passes: [{ optionalVariables: { text: ['first_name'] } }],
  },
  'placeholder-text': {
    finds: [
      ['html', html('<p>Lorem <b>ipsum</b> dolor</p>'), /^"Lorem ipsum" looks/],
      ['html', html('<p>TODO: prices</p>')],
      ['html', html('<p>xxx</p>')],
      ['html', html('<p>Insert the name of the shop here</p>')],
      ['html', html('<p>Your headline here</p>')],
      ['html', html('<p>Dear [FIRST NAME],</p>')],
      ['html', html('<p>Dear *|FNAME|*,</p>')],
      ['text', html('<p>Text</p>', 'Dear %%first_name%%,')],
      ['subject', shown({ subject: 'News for [NAME]' })],
      ['sender.name', shown({ sender: { address: 'a@b.example', name: 'TBD' } })],
    ],
    passes: [
      html(
        '<style>.xxx { color: red }</style><p>{{ todo }} to do, XXXL, [1], [sic], insert bulbs, here too, and 50 %</p>',
      ),
      html('<!-- TODO --><p>[{{ NAME }}]</p><title>xxx</title>'),
      shown({ subject: 'Was heißt „todo“?' }),
    ],
  },
  'placeholder-link': {
    finds: [
      ['html', link('https://www.example.com/plan')],
      ['text', text('See http://example.org.')],
    ],
    passes: [
      link('https://shop.example/'),
      link('https://notexample.com/'),
      link('https://shop.example/?u=example.com'),
    ],
  },
  'link-scheme': {
    finds: [
      ['html', link('java&#10;script:alert(1)')],
      ['html', link('file:///etc/passwd')],
      ['html', link('ftp://a.example/x')],
      ['html', link('data:text/html,x')],
    ],
    passes: [link('https://a.example/'), link('mailto:a@b.example'), link('tel:+441'), link('{{ url }}')],
  },
  'link-malformed': {
    finds: [
      ['html', link('www.a.example')],
      ['html', link('https://')],
      ['html', link('https:a.example')],
      ['html', link('https://localhost/x')],
      ['html', link('')],
    ],
    passes: [link('#top'), link('{{ unsubscribe_url }}'), link('https://{{ host }}/'), link('mailto:a@b.example')],
  },
  'link-insecure': {
    finds: [
      ['html', link('http://a.example/')],
      ['text', text('See HTTP://a.example/{{ id }}')],
    ],
    passes: [link('https://a.example/?next=http://b.example'), link('{{ url }}'), link('httpx://a.example')],
  },
  'link-stray-characters': {
    finds: [
      ['html', link('https://a.example/b c')],
      ['html', link('https://a.example/b&c=1')],
      ['html', link('https://a.example/?a=1&amp;amp;b=2')],
      ['html', link('https://a.example/?a=1&')],
    ],
    passes: [link('https://a.example/?x=1&y=2'), link('https://a.example/{{ path | url_encode }}')],
  },
  'link-without-label': {
    finds: [
      ['html', link('https://a.example/', '')],
      ['html', link('https://a.example/', '<img src="x.png" alt="">')],
    ],
    passes: [link('https://a.example/', '<img src="x.png" alt="Plan">'), text('https://a.example/')],
  },
  'image-without-alt': {
    finds: [['html', html('<img src="x.png"><img src="y.png" alt="">'), /"x\.png"/]],
    passes: [html('<img src="y.png" alt="">')],
  },
  'image-third-party-default': {
    finds: [['html', html('<img alt="" src="https://www.mailjet.com/images/theme/v1/icons/ico-social/x.png">')]],
    passes: [html('<img alt="" src="https://a.example/x.png">')],
  },
  'image-only': {
    finds: [
      ['html', html('<a href="https://a.example/"><img src="x.png" alt="Sale"></a><p>Imprint</p>'), /7 characters/],
      ['html', html(`<img src="x.png" alt=""><style>${words}</style>`), /0 characters/],
    ],
    passes: [html(`<img src="x.png" alt=""><p>${words}</p>`), html('<p>Imprint</p>'), text('Text')],
  },
  'html-clipped': {
    finds: [['html', html('x'.repeat(102 * 1024 + 1)), /103 KB/]],
    passes: [html('x'.repeat(102 * 1024))],
  },
  'message-large': {
    finds: [['attachments', { files: [{ name: 'a.pdf', type: 'application/pdf', inline: false, bytes: 2_000_000 }] }]],
    passes: [{ files: [{ name: 'a.pdf', type: 'application/pdf', inline: false, bytes: 1024 * 1024 }] }],
  },
  'attachment-blocked': {
    finds: [
      ['attachments', { files: [{ name: 'Setup.EXE', type: 'application/x-msdownload', inline: false, bytes: 1 }] }],
    ],
    passes: [{ files: [{ name: 'exe.pdf', type: 'application/pdf', inline: false, bytes: 1 }] }],
  },
  'html-without-lang': {
    finds: [
      ['html', html('<html><body>Text</body></html>')],
      ['html', html('<html lang="und"><body>Text</body></html>')],
    ],
    passes: [
      html('<html lang="en"><body>Text</body></html>'),
      html('<html lang="{{ locale }}">Text'),
      html('<p>A piece</p>'),
    ],
  },
  'heading-order': {
    finds: [['html', html('<h1>A</h1><h3>B</h3>'), /h3 follows an h1: use h2/]],
    passes: [html('<h2>A</h2><h3>B</h3><h1>C</h1><h2>D</h2>'), html('<h3>A</h3>')],
  },
  'link-text-vague': {
    finds: [
      ['html', link('https://a.example/', 'Click <b>here</b>!')],
      ['html', link('https://a.example/', '→ Read more')],
      ['html', link('https://a.example/', 'こちら')],
    ],
    passes: [link('https://a.example/', 'Read more about frost'), text('https://a.example/here')],
  },
  'table-without-role': {
    finds: [
      ['html', html('<table><tr><td>x</td></tr></table>'), /^A table has/],
      ['html', html('<table><tr><td><table></table></td></tr></table>'), /^2 tables have/],
    ],
    passes: [html('<table role="presentation"></table>'), html('<table><tr><th>Price</th></tr></table>')],
  },
};
