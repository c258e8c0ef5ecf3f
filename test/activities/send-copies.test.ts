import { copyEnvelope } from '../../activities/send-copies.js';
import type { Envelope } from '../../src/smtp/transaction.js';

const sender = 'bounces+token@shop.example';

test.each<[string, string, string, Envelope]>([
  [
    'the return path is the original’s',
    'a@b.example',
    'archive@shop.example',
    { sender, recipient: 'archive@shop.example' },
  ],
  [
    'a To beyond ASCII needs SMTPUTF8 for the copy too',
    'grüße@b.example',
    'archive@shop.example',
    { sender, recipient: 'archive@shop.example', smtpUtf8: true },
  ],
  [
    'the archive’s domain goes as an A-label',
    'a@b.example',
    'archive@Bücher.example',
    { sender, recipient: 'archive@xn--bcher-kva.example' },
  ],
])('%s', (_, recipient, archive, expected) => {
  expect(copyEnvelope({ sender, recipient }, archive)).toEqual(expected);
});
