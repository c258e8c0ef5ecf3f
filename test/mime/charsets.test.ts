import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { charsetEncoder } from '../../src/mime/charset-encoder.js';
import { compileMessage, type MessageFrame } from '../../src/mime/compose-message.js';
import { relaxBody } from '../../src/mime/relaxed-canonicalisation.js';
import { alphabetOf, decoderOf, type Forced, forcedCharsets, labelOf, multiByte } from './charset-decoder.js';

const boundary = '=_0123456789abcdef0123456789abcdef';

interface Texts {
  subject: string;
  name: string;
  listName: string;
  extra: string;
  /** Static pieces with a value between each two. */
  text: string[];
  html: string[];
}

const pick = (pieces: readonly string[], rest: 0 | 1) => pieces.filter((_, i) => i % 2 === rest);
const template = (pieces: readonly string[]) => ({ source: pieces.join(''), strings: pick(pieces, 0) });

/** An address may be in UTF-8 (RFC 6532), and a word of ASCII in an extra header stays whole. */
const lineOf: Record<string, RegExp> = { To: /^.{1,76}$/, 'X-Note': /^[\x20-\x7e]{1,998}$/ };

function compile(charset: Forced, { name, listName, extra, text, html }: Texts) {
  const frame: MessageFrame = {
    from: { name, address: 'news@shop.example' },
    replyTo: { name: listName, address: 'answers@shop.example' },
    list: { id: 'news.shop.example', name: listName },
    extra: [['X-Note', extra]],
    text: template(text),
    html: template(html),
    encoder: charsetEncoder(charset),
  };
  const compose = compileMessage(frame);
  return (texts: Pick<Texts, 'subject' | 'text' | 'html'>) =>
    compose({
      to: 'grüße@mail.example',
      subject: texts.subject,
      text: pick(texts.text, 1),
      html: pick(texts.html, 1),
      messageId: '<0123456789abcdef0123456789abcdef@shop.example>',
      boundary,
      date: new Date('2026-11-02T09:00:00Z'),
    });
}

const compose = (charset: Forced, texts: Texts) => compile(charset, texts)(texts);

/** Text as a forced encoding has it: words of its language between those of ASCII, and what encoders get wrong. */
function lineIn(charset: Forced): fc.Arbitrary<string> {
  const alphabet = alphabetOf(charset);
  const word = fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 12 }).map((list) => list.join(''));
  const ascii = fc.constantFrom(
    ' ',
    'a',
    '.',
    '=',
    '=?utf-8?q?x?=',
    '"\\',
    '<&>',
    'two words',
    '~',
    'x'.repeat(40),
    '?=',
  );
  return fc.array(fc.oneof(word, ascii), { maxLength: 12 }).map((list) => list.join(''));
}

const textIn = (charset: Forced): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(lineIn(charset), fc.constantFrom('\n', '\r\n', '\r', '\t', '  ', '.\n', ' \n', 'x'.repeat(75))), {
      maxLength: 8,
    })
    .map((list) => list.join(''));

const piecesIn = (charset: Forced) =>
  fc
    .array(fc.tuple(textIn(charset), textIn(charset)), { maxLength: 4 })
    .chain((pairs) => textIn(charset).map((last) => [...pairs.flat(), last]));

/** Parsers trim headers and fold runs of space. */
const header = (charset: Forced) => lineIn(charset).map((text) => text.trim().replace(/\s+/g, ' '));

const textsIn = (charset: Forced): fc.Arbitrary<Texts> =>
  fc.record({
    subject: header(charset),
    name: header(charset),
    listName: header(charset),
    extra: header(charset),
    text: piecesIn(charset),
    html: piecesIn(charset),
  });

/** RFC 2047 §2 and §5 as a reader applies them, each word on its own: a character split over two would not come back. */
function decodeHeader(charset: Forced, value: string): string {
  const decode = decoderOf(charset);
  return value
    .replace(/\r\n(?=[ \t])/g, '')
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?([^?]+)\?([QB])\?([^?]*)\?=/g, (word, label: string, kind: string, payload: string) => {
      expect(label).toBe(labelOf(charset));
      expect(word.length).toBeLessThanOrEqual(75);
      const bytes = kind === 'B' ? Buffer.from(payload, 'base64') : unquote(payload.replaceAll('_', ' '));
      expectAsciiAtBothEnds(charset, bytes);
      return decode(bytes);
    });
}

function unquote(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1');
}

/** RFC 1468: a text, a line of it and an encoded-word begin and end in ASCII. */
function expectAsciiAtBothEnds(charset: Forced, bytes: Buffer): void {
  if (charset !== 'iso-2022-jp') return;
  for (const line of bytes.toString('latin1').split('\r\n')) {
    // eslint-disable-next-line no-control-regex -- escape sequences
    const switches = line.match(/\x1b(\$B|\(B)/g) ?? [];
    expect(switches).toEqual(switches.map((_, i) => (i % 2 === 0 ? '\x1b$B' : '\x1b(B')));
    expect(switches.length % 2).toBe(0);
    expect(line.split('\x1b')).toHaveLength(switches.length + 1);
  }
}

/** The text and HTML parts, decoded by hand: some parsers lack some of the encodings. */
function partsOf(charset: Forced, body: string): { text: string; html: string } {
  const [, plain = '', html = ''] = body.split(`--${boundary}`);
  const read = (part: string, type: string): string => {
    const [, named, encoding, encoded = ''] =
      /^\r\nContent-Type: (.*)\r\nContent-Transfer-Encoding: (.*)\r\n\r\n([^]*)\r\n$/.exec(part) ?? [];
    expect(named).toBe(`text/${type}; charset=${labelOf(charset)}`);
    if (multiByte.includes(charset)) expect(encoding).toBe('base64');
    const bytes = encoding === 'base64' ? Buffer.from(encoded, 'base64') : unquote(encoded.replaceAll('=\r\n', ''));
    expectAsciiAtBothEnds(charset, bytes);
    return decoderOf(charset)(bytes);
  };
  return { text: read(plain, 'plain'), html: read(html, 'html') };
}

const onTheWire = (pieces: readonly string[]) => pieces.map((piece) => piece.replace(/\r\n?|\n/g, '\r\n')).join('');
/** Unicode takes a letter with its marks, and the same as one character, for one text. */
const same = (text: string) => text.normalize('NFC');

describe.each(forcedCharsets)('%s', (charset) => {
  test('headers and parts come back as they were', () => {
    fc.assert(
      fc.property(textsIn(charset), (texts) => {
        const { headers, bytes, bodyOffset } = compose(charset, texts);
        const valueOf = (name: string) => decodeHeader(charset, headers.find(([key]) => key === name)?.[1] ?? '');
        expect(same(valueOf('Subject'))).toBe(same(texts.subject));
        expect(same(valueOf('X-Note'))).toBe(same(texts.extra));
        expect(headers.find(([key]) => key === 'To')).toEqual(['To', 'grüße@mail.example']);
        const { text, html } = partsOf(charset, bytes.toString('latin1', bodyOffset));
        expect(same(text)).toBe(same(onTheWire(texts.text)));
        expect(same(html)).toBe(same(onTheWire(texts.html)));
      }),
      { numRuns: 40 },
    );
  });

  // Node, and so the parser, has no decoder of the one, and an old Node a wrong one of the other.
  if (charset !== 'iso-8859-16' && charset !== 'windows-1252')
    test('an independent parser reads the same', async () => {
      await fc.assert(
        fc.asyncProperty(textsIn(charset), async (texts) => {
          const parsed = await new PostalMime().parse(compose(charset, texts).bytes);
          expect(same(parsed.subject ?? '')).toBe(same(texts.subject));
          expect(same(parsed.from?.name ?? '')).toBe(same(texts.name));
          expect(same(parsed.replyTo?.[0]?.name ?? '')).toBe(same(texts.listName));
          expect(normal(parsed.text)).toBe(normal(onTheWire(texts.text)));
          expect(normal(parsed.html)).toBe(normal(onTheWire(texts.html)));
        }),
        { numRuns: 25 },
      );
    });

  test('its lines are in 7 bits and short, and its relaxed form is that of the bytes', () => {
    fc.assert(
      fc.property(textsIn(charset), (texts) => {
        const { headers, bytes, bodyOffset, bodyHash } = compose(charset, texts);
        for (const line of bytes.toString('latin1', bodyOffset).split('\r\n'))
          expect(line).toMatch(/^(?!\.)(?:[\t\x20-\x7e]{0,75}[\x21-\x7e])?$/);
        for (const [name, value] of headers)
          for (const line of `${name}: ${value}`.split('\r\n'))
            expect(line).toMatch(lineOf[name] ?? /^[\x20-\x7e]{1,76}$/);
        expect(bodyHash).toEqual(
          createHash('sha256')
            .update(relaxBody(bytes.subarray(bodyOffset)))
            .digest(),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('the same message is the same bytes, whatever was made before it', () => {
    fc.assert(
      fc.property(textsIn(charset), textsIn(charset), (texts, others) => {
        const render = compile(charset, texts);
        const { bytes } = render(texts);
        render({ ...others, text: texts.text.toReversed(), html: texts.html.toReversed() });
        expect(render(texts).bytes).toEqual(bytes);
        expect(compose(charset, structuredClone(texts)).bytes).toEqual(bytes);
      }),
      { numRuns: 15 },
    );
  });
});

const normal = (text: string | undefined) => same((text ?? '').replace(/\r\n?|\n/g, '\n').replace(/\n+$/, ''));

const alone = (text: string): Texts => ({
  subject: text,
  name: text,
  listName: text,
  extra: text,
  text: ['', text, ''],
  html: [text],
});

test.each<[Forced, string, string, string]>([
  ['iso-8859-1', 'Grüße', '=?iso-8859-1?Q?Gr=FC=DFe?=', 'quoted-printable\r\n\r\nGr=FC=DFe'],
  ['windows-1251', 'Привет', '=?windows-1251?B?z/Do4uXy?=', 'quoted-printable\r\n\r\n=CF=F0=E8=E2=E5=F2'],
  ['iso-2022-jp', 'Tea あい', '=?iso-2022-jp?B?VGVhIBskQiQiJCQbKEI=?=', 'base64\r\n\r\nVGVhIBskQiQiJCQbKEI='],
  ['euc-kr', '안녕', '=?euc-kr?B?vsiz5w==?=', 'base64\r\n\r\nvsiz5w=='],
  ['shift_jis', 'A', 'A', 'base64\r\n\r\nQQ=='],
])('%s: %s', (charset, text, subject, body) => {
  const { headers, bytes } = compose(charset, alone(text));
  expect(headers).toContainEqual(['Subject', subject]);
  expect(headers).toContainEqual(['List-Id', `${subject} <news.shop.example>`]);
  expect(bytes.toString('latin1')).toContain(body);
});

test.each<[string, (texts: Texts, text: string) => void]>([
  ['From', (texts, text) => (texts.name = text)],
  ['Reply-To', (texts, text) => (texts.listName = text)],
  ['Subject', (texts, text) => (texts.subject = text)],
  ['X-Note', (texts, text) => (texts.extra = text)],
  ['text', (texts, text) => (texts.text = ['', text, ''])],
  ['text', (texts, text) => (texts.text = [text])],
  ['html', (texts, text) => (texts.html = ['', text, ''])],
])('what cannot be written in %s is named with it', (part, change) => {
  const texts = alone('x');
  change(texts, '日本\x1b$B');
  expect(() => compose('iso-2022-jp', texts)).toThrow(
    new RangeError(`${part}: U+001B cannot be written in iso-2022-jp`),
  );
});
