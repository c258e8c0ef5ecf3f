import * as fc from 'fast-check';
import { encodeText } from '../../src/mime/quoted-printable.js';

const encoded = (text: string) => {
  const { encoding, bytes } = encodeText(text);
  return [encoding, bytes.toString('latin1')];
};

describe('encodeText', () => {
  test.each([
    ['', ''],
    ['plain', 'plain'],
    ['a = b', 'a =3D b'],
    ['Straße in Köln am Rhein', 'Stra=C3=9Fe in K=C3=B6ln am Rhein'],
    ['trailing ', 'trailing=20'],
    ['trailing\t\nnext line', 'trailing=09\r\nnext line'],
    ['one\rtwo\nthree\r\nfour', 'one\r\ntwo\r\nthree\r\nfour'],
    [' \n'.repeat(200), '=20\r\n'.repeat(200)],
    ['.', '.'],
    ['nothing hidden\0here but NUL', 'nothing hidden=00here but NUL'],
    ['x'.repeat(75), 'x'.repeat(75)],
    ['x'.repeat(80), `${'x'.repeat(75)}=\r\n${'x'.repeat(5)}`],
    [`${'x'.repeat(74)}=`, `${'x'.repeat(74)}=\r\n=3D`],
  ])('%j', (text, bytes) => {
    expect(encoded(text)).toEqual(['quoted-printable', bytes]);
  });

  test('takes base64 where it is shorter', () => {
    expect(encoded('日本語')).toEqual(['base64', '5pel5pys6Kqe']);
    expect(encoded('ü'.repeat(60))[1]).toMatch(/^[A-Za-z0-9+/]{76}\r\n[A-Za-z0-9+/]{76}\r\n\S+$/);
  });

  test('decodes to the same text, line ends apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500, size: 'max' }), (text) => {
        const { encoding, bytes } = encodeText(text);
        const source = bytes.toString('latin1');
        const decoded =
          encoding === 'base64'
            ? Buffer.from(source, 'base64')
            : Buffer.from(
                source
                  .replace(/=\r\n/g, '')
                  .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
                'latin1',
              );
        expect(decoded.toString('utf8')).toBe(text.replace(/\r\n?|\n/g, '\r\n'));
        for (const line of source.split('\r\n')) expect(line).toMatch(/^(?:[\t\x20-\x7e]{0,75}[\x21-\x7e])?$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
