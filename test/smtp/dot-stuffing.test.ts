import * as fc from 'fast-check';
import { dotStuffed, endOf } from '../../src/smtp/dot-stuffing.js';

const onTheWire = (message: string) => {
  const bytes = Buffer.from(message, 'latin1');
  return dotStuffed(bytes).toString('latin1') + endOf(bytes);
};

/** As RFC 5321 §4.5.2 tells the receiver to do. */
function received(wire: string): string {
  const end = wire.startsWith('.\r\n') ? 0 : wire.indexOf('\r\n.\r\n') + 2;
  expect(end + 3).toBe(wire.length);
  return wire.slice(0, end).replace(/(?<=^|\r\n)\./g, '');
}

describe('dotStuffed', () => {
  test.each([
    ['a\r\n', 'a\r\n.\r\n'],
    ['a', 'a\r\n.\r\n'],
    ['', '\r\n.\r\n'],
    ['.\r\n', '..\r\n.\r\n'],
    ['.a\r\nb.\r\n..c\r\n', '..a\r\nb.\r\n...c\r\n.\r\n'],
    ['a\r\n.\r\nMAIL FROM:<x>\r\n', 'a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n'],
    // A bare LF is against the rules: it must not end the message at a relay that does not mind.
    ['a\n.\nMAIL FROM:<x>\r\n', 'a\n..\nMAIL FROM:<x>\r\n.\r\n'],
    ['a\n.\r\nMAIL FROM:<x>\r\n', 'a\n..\r\nMAIL FROM:<x>\r\n.\r\n'],
  ])('%j goes out as %j', (message, expected) => {
    expect(onTheWire(message)).toBe(expected);
  });

  test('a message without such lines is not copied', () => {
    const bytes = Buffer.from('a.\r\nb\r\n');
    expect(dotStuffed(bytes)).toBe(bytes);
  });

  test('every message arrives as it was and ends where it ends', () => {
    const line = fc.string({ unit: fc.constantFrom('.', 'a', ' '), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const message = lines.map((one) => `${one}\r\n`).join('');
        if (message !== '') expect(received(onTheWire(message))).toBe(message);
      }),
    );
  });

  test('no message ends itself, whatever a relay takes for the end of a line', () => {
    const anything = fc.string({ unit: fc.constantFrom('.', 'a', '\r', '\n'), maxLength: 20 });
    fc.assert(
      fc.property(anything, (message) => {
        expect(onTheWire(message).slice(0, -3)).not.toMatch(/(?:^|\n)\.\r?\n/);
      }),
    );
  });
});
