import * as fc from 'fast-check';
import { parseAddress } from '../../src/delivery/address.js';

describe('parseAddress accepts', () => {
  test.each([
    ['reader@mail.example', 'reader@mail.example', false],
    ['Reader@Mail.EXAMPLE', 'Reader@mail.example', false],
    ["o'neill+news=1@mail.example", "o'neill+news=1@mail.example", false],
    ['a.b.c@sub.mail.example', 'a.b.c@sub.mail.example', false],
    ['reader@bücher.example', 'reader@xn--bcher-kva.example', false],
    ['reader@BÜCHER.example', 'reader@xn--bcher-kva.example', false],
    ['reader@例え.テスト', 'reader@xn--r8jz45g.xn--zckzah', false],
    ['reader@例え。テスト', 'reader@xn--r8jz45g.xn--zckzah', false],
    ['reader@xn--bcher-kva.example', 'reader@xn--bcher-kva.example', false],
    ['grüße@mail.example', 'grüße@mail.example', true],
    ['reader@1.2.example', 'reader@1.2.example', false],
    [`${'a'.repeat(64)}@mail.example`, `${'a'.repeat(64)}@mail.example`, false],
    [`a@${'b'.repeat(63)}.example`, `a@${'b'.repeat(63)}.example`, false],
  ])('%s', (text, address, smtpUtf8) => {
    expect(parseAddress(text)).toMatchObject({ address, smtpUtf8 });
  });
});

describe('parseAddress refuses', () => {
  test.each([
    ['nothing', ''],
    ['no @', 'reader'],
    ['no local part', '@mail.example'],
    ['no domain', 'reader@'],
    ['a domain without a dot', 'reader@localhost'],
    ['two @', 'a@b@mail.example'],
    ['a quoted local part', '"a b"@mail.example'],
    ['a comment', 'reader(me)@mail.example'],
    ['angle brackets', '<reader@mail.example>'],
    ['a leading dot', '.reader@mail.example'],
    ['two dots', 'rea..der@mail.example'],
    ['a trailing dot', 'reader.@mail.example'],
    ['a space', 'rea der@mail.example'],
    ['surrounding space', ' reader@mail.example'],
    ['a line break', 'reader@mail.example\r\nRCPT TO:<x@y.example>'],
    ['a line feed at the end', 'reader@mail.example\n'],
    ['NUL', 'reader\0@mail.example'],
    ['DEL', 'reader\x7f@mail.example'],
    ['a no-break space', 'rea\u00a0der@mail.example'],
    ['a bidi override', 'rea\u202eder@mail.example'],
    ['a zero-width space', 'rea\u200bder@mail.example'],
    ['a lone surrogate', 'rea\ud800der@mail.example'],
    ['an IPv4 address', 'reader@127.0.0.1'],
    ['an IPv4 address in full-width digits', 'reader@１２７.0.0.1'],
    ['an address literal', 'reader@[127.0.0.1]'],
    ['an underscore in the domain', 'reader@my_mail.example'],
    ['a hyphen at the start of a label', 'reader@-mail.example'],
    ['a hyphen at the end of a label', 'reader@mail-.example'],
    ['an empty label', 'reader@mail..example'],
    ['a trailing dot in the domain', 'reader@mail.example.'],
    ['a broken A-label', 'reader@xn--a.example'],
    ['a port', 'reader@bücher.example:25'],
    ['a path', 'reader@bücher.example/x'],
    ['an escape', 'reader@b%C3%BCcher.example'],
    ['an escape beside other scripts', 'reader@bücher%2Eexample'],
    ['a full-width @ in the domain', 'reader@a＠bücher.example'],
    ['a local part of 65 octets', `${'a'.repeat(65)}@mail.example`],
    ['a local part of 66 octets in 33 characters', `${'ü'.repeat(33)}@mail.example`],
    ['a label of 64', `a@${'b'.repeat(64)}.example`],
    ['a path over 254 octets', `${'a'.repeat(64)}@${'b.'.repeat(95)}example`],
  ])('%s', (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

const anyText = fc.string({ unit: 'binary', maxLength: 80 });
const addressLike = fc.oneof(
  anyText,
  fc.tuple(anyText, anyText).map(([local, domain]) => `${local}@${domain}.example`),
  fc.emailAddress(),
  fc
    .tuple(fc.emailAddress(), anyText, fc.nat(60))
    .map(([address, noise, at]) => address.slice(0, at) + noise + address.slice(at)),
);

describe('parseAddress', () => {
  test('whatever it accepts can stand in an SMTP command, and parses to itself', () => {
    fc.assert(
      fc.property(addressLike, (text) => {
        const parsed = parseAddress(text);
        if (!parsed) return;
        expect(parsed.address).toMatch(/^[^\s\p{Cc}\p{Cf}\p{Cs}<>"(),:;\\[\]@]+@[a-z0-9.-]+$/u);
        expect(Buffer.byteLength(parsed.address)).toBeLessThanOrEqual(254);
        expect(parseAddress(parsed.address)).toEqual(parsed);
        expect(parsed.smtpUtf8).toBe(Buffer.byteLength(parsed.address) !== parsed.address.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('the case of the domain makes no second address, that of the local part does', () => {
    expect(parseAddress('a@Mail.Example')?.key).toBe(parseAddress('a@mail.example')?.key);
    expect(parseAddress('a@bücher.example')?.key).toBe(parseAddress('a@xn--bcher-kva.example')?.key);
    expect(parseAddress('A@mail.example')?.key).not.toBe(parseAddress('a@mail.example')?.key);
    expect(parseAddress('u\u0308@mail.example')?.key).toBe(parseAddress('ü@mail.example')?.key);
  });
});
