import { envelopeCommands } from '../../src/smtp/envelope-commands.js';
import { readCapabilities } from '../../src/smtp/relay-capabilities.js';

describe('readCapabilities', () => {
  const nothing = { pipelining: false, smtpUtf8: false };
  test.each([
    [[], nothing],
    [['PIPELINING', '8BITMIME', 'SMTPUTF8'], { pipelining: true, smtpUtf8: true }],
    [['pipelining'], { ...nothing, pipelining: true }],
    [['X-PIPELINING', 'PIPELININGS', 'AUTH PLAIN PIPELINING'], nothing],
    [['SIZE 1000'], { ...nothing, size: 1_000 }],
    [['SIZE 0'], { ...nothing, size: Infinity }],
    [['SIZE'], { ...nothing, size: Infinity }],
    [['SIZE as you like'], { ...nothing, size: Infinity }],
  ])('%j', (lines, expected) => {
    expect(readCapabilities(lines)).toEqual(expected);
  });
});

describe('envelopeCommands', () => {
  const all = { pipelining: true, smtpUtf8: true, size: 1_000 };
  const bare = { pipelining: false, smtpUtf8: false };
  const to = (recipient: string) => ({ sender: 'bounce@shop.example', recipient });

  test.each([
    [to('a@b.example'), bare, 'MAIL FROM:<bounce@shop.example>\r\n', 'RCPT TO:<a@b.example>\r\n'],
    [to('a@b.example'), all, 'MAIL FROM:<bounce@shop.example> SIZE=10\r\n', 'RCPT TO:<a@b.example>\r\n'],
    [to('ä@b.example'), all, 'MAIL FROM:<bounce@shop.example> SIZE=10 SMTPUTF8\r\n', 'RCPT TO:<ä@b.example>\r\n'],
    [
      { ...to('a@b.example'), smtpUtf8: true as const },
      all,
      'MAIL FROM:<bounce@shop.example> SIZE=10 SMTPUTF8\r\n',
      'RCPT TO:<a@b.example>\r\n',
    ],
    [{ ...to('a@b.example'), sender: '' }, bare, 'MAIL FROM:<>\r\n', 'RCPT TO:<a@b.example>\r\n'],
  ])('%j to a relay with %j', (envelope, capabilities, mail, rcpt) => {
    expect(envelopeCommands(envelope, 10, capabilities)).toEqual({ mail, rcpt });
  });

  test.each([
    'a@b.example\r\nDATA',
    'a\n@b.example',
    'a\0@b.example',
    '<a@b.example',
    'a@b.example> SIZE=1',
    'a b@c.example',
    'a\t@b.example',
    '',
  ])('the address %j is not said', (address) => {
    const refused = {
      outcome: 'rejected',
      reason: 'address-invalid',
      reply: expect.stringContaining('SMTP cannot carry'),
    };
    expect(envelopeCommands(to(address), 10, all)).toEqual(refused);
    if (address !== '') expect(envelopeCommands({ ...to('a@b.example'), sender: address }, 10, all)).toEqual(refused);
  });

  test.each([
    [{ ...to('a@b.example'), sender: 'ä@b.example' }, 10, bare, 'address-invalid', 'SMTPUTF8'],
    [to('ä@b.example'), 10, bare, 'address-invalid', 'SMTPUTF8'],
    [to('a@b.example'), 1_001, all, 'refused', '1001 bytes, and the relay takes at most 1000'],
  ])('%j with %d bytes to a relay with %j is refused', (envelope, size, capabilities, reason, sentence) => {
    expect(envelopeCommands(envelope, size, capabilities)).toEqual({
      outcome: 'rejected',
      reason,
      reply: expect.stringContaining(sentence),
    });
  });
});
