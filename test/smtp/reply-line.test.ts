import * as fc from 'fast-check';
import { oneLineReply } from '../../src/smtp/reply-line.js';

describe('oneLineReply', () => {
  test.each([
    ['250 2.0.0 queued as 1', '250 2.0.0 queued as 1'],
    ['550-5.1.1 The account\n550-5.1.1 does not\r\n550 5.1.1 exist.', '550 5.1.1 The account does not exist.'],
    ['550-No\n550 such user', '550 No such user'],
    ['250', '250'],
    ['250 a\tb\0c\x1b[31md\u202e', '250 a b c [31md'],
    ['', ''],
  ])('%j → %j', (reply, line) => {
    expect(oneLineReply(reply)).toBe(line);
  });

  test('gives one clean line of at most 500 characters, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000, size: 'max' }), (reply) => {
        const line = oneLineReply(reply);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(Array.from(line).length).toBeLessThanOrEqual(500);
        expect(Buffer.from(line, 'utf8').toString('utf8')).toBe(line);
      }),
    );
  });

  test('says that it cut something off', () => {
    expect(oneLineReply(`550 ${'x'.repeat(1_000_000)}`)).toMatch(/^550 x{495}…$/);
  });
});
