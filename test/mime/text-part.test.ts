import * as fc from 'fast-check';
import { ByteBuffer } from '../../src/mime/byte-buffer.js';
import { encodeLines, wrapLines } from '../../src/mime/quoted-printable.js';
import { relaxBody } from '../../src/mime/relaxed-canonicalisation.js';
import { compileTextPart } from '../../src/mime/text-part.js';

/** Encodes with values at every other place. */
function encode(strings: readonly string[], values: readonly string[], source = strings.join('')) {
  const part = compileTextPart({ source, strings });
  const out = { wire: new ByteBuffer(), relaxed: new ByteBuffer() };
  part.encode(values, out);
  return { ...part, wire: out.wire.view().toString('latin1'), relaxed: out.relaxed.view().toString('latin1') };
}

const encoded = (...[first = '', ...rest]: string[]) => {
  const strings = [first, ...rest.filter((_, i) => i % 2 === 1)];
  const values = rest.filter((_, i) => i % 2 === 0);
  const { encoding, wire } = encode(strings, values);
  return [encoding, wire];
};

/** RFC 2045 §6.7 and §6.8 as a reader applies them. */
function decode(encoding: string, wire: string): string {
  if (encoding === 'base64') return Buffer.from(wire, 'base64').toString('utf8');
  const bytes = wire
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const withCrlf = (text: string) => text.replace(/\r\n?|\n/g, '\r\n').toWellFormed();

test.each([
  ['', ''],
  ['plain', 'plain'],
  ['a = b', 'a =3D b'],
  ['Straße in Köln am Rhein', 'Stra=C3=9Fe in K=C3=B6ln am Rhein'],
  ['trailing ', 'trailing=20'],
  ['trailing\t\nnext line', 'trailing=09\r\nnext line'],
  ['one\rtwo\nthree\r\nfour', 'one\r\ntwo\r\nthree\r\nfour'],
  [' \n'.repeat(200), '=20\r\n'.repeat(200)],
  ['.', '=2E'],
  ['a.\n..\nb', 'a.\r\n=2E.\r\nb'],
  ['nothing hidden\0here but NUL', 'nothing hidden=00here but NUL'],
  ['x'.repeat(75), 'x'.repeat(75)],
  ['x'.repeat(80), `${'x'.repeat(75)}=\r\n${'x'.repeat(5)}`],
  [`${'x'.repeat(74)}=`, `${'x'.repeat(74)}=\r\n=3D`],
  [`${'x'.repeat(73)}=y`, `${'x'.repeat(73)}=\r\n=3Dy`],
  [`${'x'.repeat(75)}.`, `${'x'.repeat(75)}=\r\n=2E`],
  [`${'x'.repeat(75)}.${'y'.repeat(73)}`, `${'x'.repeat(75)}=\r\n=2E${'y'.repeat(72)}=\r\ny`],
  [`.${'x'.repeat(73)}`, `=2E${'x'.repeat(72)}=\r\nx`],
])('%j is encoded as %j', (text, wire) => {
  expect(encoded(text)).toEqual(['quoted-printable', wire]);
});

test.each([
  [['Dear ', 'Käthe', ',\n'], 'Dear K=C3=A4the,\r\n'],
  [['', '.', '.'], '=2E.'],
  [['', '', '.'], '=2E'],
  [['Dear ', '', ',\n'], 'Dear=20,\r\n'],
  [['a  ', '', '  b'], 'a =20  b'],
  [['a ', ' b ', ' c'], 'a =20b=20 c'],
  [['a', 'b ', ' c'], 'ab=20 c'],
  [['a', 'one\ntwo \nthree', 'b'], 'aone\r\ntwo=20\r\nthreeb'],
  [['Hello again, reader ', '\ud83d', '\ude00'], 'Hello again, reader =EF=BF=BD=EF=BF=BD'],
  [['Dear ', '\nAda', ',\n'], 'Dear=20\r\nAda,\r\n'],
  // Soft breaks stand where a value or what follows it does not fit, and nowhere else.
  [[`${'x'.repeat(70)} `, 'Ada', '.\n'], `${'x'.repeat(70)} Ada.\r\n`],
  [[`${'x'.repeat(70)} `, 'Grace', '.\n'], `${'x'.repeat(70)} =\r\nGrace.\r\n`],
  [[`${'x'.repeat(70)} `, 'Eve', '. And more'], `${'x'.repeat(70)} Eve=\r\n=2E And more`],
  [['(', 'y'.repeat(80), ')'], `(${'y'.repeat(74)}=\r\n${'y'.repeat(6)})`],
])('%j with its values is encoded as %j', (pieces, wire) => {
  expect(encoded(...pieces)).toEqual(['quoted-printable', wire]);
});

test('a long value is wrapped as each of its places demands', () => {
  const block = 'word '.repeat(60);
  const { wire } = encode(['', '\nfour', '\n'], [block, block]);
  expect(wire.split('\r\n').map(({ length }) => length)).toEqual([76, 76, 76, 75, 3, 76, 76, 76, 76, 6, 0]);
  expect(decode('quoted-printable', wire)).toBe(`${block}\r\nfour${block}\r\n`);
});

test('a long value of one line is wrapped in its place as a text is', () => {
  const word = fc.array(fc.constantFrom('a', 'b', '.', '=', 'ü', '日', '\u{1f600}'), {
    minLength: 1,
    maxLength: 90,
    size: 'max',
  });
  const line = fc.array(
    word.map((characters) => characters.join('')),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(line, fc.integer({ min: 0, max: 74 }), (words, column) => {
      const value = `(${words.join(' ')})`;
      const before = 'x'.repeat(column);
      const wrapped = wrapLines(encodeLines(value, 'utf8'), column);
      fc.pre(wrapped.length > 78);
      expect(encode([before, ''], [value], 'a').wire).toBe(before + wrapped);
    }),
    { numRuns: 2_000 },
  );
});

test.each([300, 1_100, 40_000, 400_000])('a text or value of %d characters is whole', (length) => {
  const long = 'ü='.repeat(length / 2);
  for (const [strings, values] of [
    [['<', '>'], [long]],
    [[long, '.'], ['']],
    [['日本語', ''], [long]],
  ] as const) {
    const { encoding, wire, relaxed } = encode(strings, values);
    expect(decode(encoding, wire)).toBe(strings.join(values[0]));
    expect(relaxed).toBe(wire);
  }
});

test('base64 is taken where it is shorter, whatever the values', () => {
  expect(encoded('日本語')).toEqual(['base64', '5pel5pys6Kqe']);
  expect(encoded('日本', 'a'.repeat(100), '語')[0]).toBe('base64');
  expect(encoded('a', '日本語', 'b')[0]).toBe('quoted-printable');
  expect(encoded('ü'.repeat(60))[1]).toMatch(/^[A-Za-z0-9+/]{76}\r\n[A-Za-z0-9+/]{76}\r\n\S+$/);
});

/** Anything, with a taste for what encoders get wrong at an edge. */
const piece = fc.oneof(
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 300, size: 'max' }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom(' ', '  ', '\t', '\n', '\r', '.', '=', 'a', 'ü', 'word', '\ud800', '\0', 'x'.repeat(30)), {
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  },
  fc.integer({ min: 60, max: 90 }).map((length) => 'x'.repeat(length)),
);
const pieces = fc.array(fc.tuple(piece, piece), { maxLength: 6 });

test('any static texts and values decode to themselves, in lines that every relay leaves as they are', () => {
  fc.assert(
    fc.property(piece, pieces, fc.constantFrom(undefined, '日本語'), (first, rest, source) => {
      const strings = [first, ...rest.map(([, text]) => text)];
      const values = rest.map(([value]) => value);
      const { encoding, wire } = encode(strings, values, source);
      // Where two pieces meet, line breaks and surrogates stay what they are in each.
      const parts = strings.flatMap((text, i) => [withCrlf(text), withCrlf(values[i] ?? '')]);
      expect(decode(encoding, wire)).toBe(parts.join(''));
      for (const line of wire.split('\r\n')) expect(line).toMatch(/^(?!\.)(?:[\t\x20-\x7e]{0,75}[\x21-\x7e])?$/);
    }),
    { numRuns: 2_000 },
  );
});

test('the relaxed form is that of RFC 6376, made by an independent pass over the bytes', () => {
  fc.assert(
    fc.property(piece, pieces, (first, rest) => {
      const { wire, relaxed } = encode(
        [first, ...rest.map(([, text]) => text)],
        rest.map(([value]) => value),
      );
      // Something follows a part: its last line is not a body's end.
      expect(`${relaxed}|\r\n`).toBe(relaxBody(Buffer.from(`${wire}|`, 'latin1')).toString('latin1'));
    }),
    { numRuns: 2_000 },
  );
});

test('what a message was made of leaves no trace in the next one', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.constantFrom('a', '日本語'), (values, source) => {
      const part = compileTextPart({ source, strings: ['a ', ' b\n'] });
      const out = { wire: new ByteBuffer(), relaxed: new ByteBuffer() };
      for (const value of [...values, ...values.toReversed()]) {
        const start = out.wire.length;
        part.encode([value], out);
        expect(out.wire.view(start).toString()).toBe(encode(['a ', ' b\n'], [value], source).wire);
      }
    }),
  );
});
