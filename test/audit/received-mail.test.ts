import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { readMail } from '../../src/audit/received-mail.js';
import { matchLeaf } from '../../src/audit/sealed-mail.js';
import { relaxBody, relaxHeader } from '../../src/mime/relaxed-canonicalisation.js';
import { messageIdentities } from '../../src/mime/sealed-hash.js';
import { rendering } from '../mime/one-revision.js';

const settings = {
  subject: 'Grüße an {{ first_name }}, in einem Betreff, der so lang ist, dass er auf mehrere Zeilen gebrochen wird',
  sender: { name: 'Gärten', address: 'news@shop.example' },
};
const sent = rendering(settings, { html: '<p>Grüße,  {{ first_name }}</p>', text: 'Grüße,  {{ first_name }}\n' });
const mail = sent({ address: 'grüße@mail.example', fields: { first_name: 'Jürgen' } });
const { envelopeSalt: salt } = messageIdentities({
  secret: Buffer.alloc(32, 7),
  hash: '0'.repeat(64),
  domain: 'shop.example',
})({ proof: 0, seq: 1 });
const envelope = { salt, sender: 'news@shop.example', recipient: 'grüße@mail.example' };
const text = mail.bytes.toString('latin1');
const match = (arrived: string, opened = envelope) =>
  matchLeaf(readMail(Buffer.from(arrived, 'latin1')), opened, mail.leaf);
const sealedNames = ['from', 'to', 'subject', 'message-id', 'mime-version', 'content-type'];

test.each<[what: string, arrived: string]>([
  ['as it left', text],
  ['with line feeds alone, as programs save it', text.replaceAll('\r\n', '\n')],
  ['with what servers put above', `Received: by mx\r\nX-Spam: no\r\nReturn-Path: <x@y>\r\n${text}`],
  ['with a signature between', text.replace('\r\nTo:', '\r\nDKIM-Signature: v=1; bh=abc\r\nTo:')],
  ['with headers added below', text.replace('\r\n\r\n', '\r\nX-Filter: seen\r\nX-Other: 1\r\n\r\n')],
  ['folded otherwise', text.replace(/\r\n (?==\?)/g, '\r\n\t  ')],
  ['with names in other letters', text.replace('Subject:', 'SUBJECT :')],
  ['with another Date', text.replace(/\r\nDate: [^\r]*/, '\r\nDate: Tue, 24 Nov 2026 12:00:00 +0000')],
  ['with white space at the ends of lines', text.replaceAll('</p>', '</p> \t')],
  ['with empty lines at the end', `${text}\r\n\r\n`],
])('a mail %s is the one that was sealed', (_, arrived) => {
  const found = match(arrived);
  expect(found?.sealed).toEqual(expect.arrayContaining(sealedNames));
});

test.each<[what: string, arrived: string, other: Partial<typeof envelope>]>([
  ['another subject', text.replace('Subject: ', 'Subject: x'), {}],
  ['another word', text.replace('Gr=C3=BC=C3=9Fe', 'Gr=C3=BC=C3=9Fen'), {}],
  ['a header put between those that are sealed', text.replace('\r\nTo:', '\r\nBcc: x@y\r\nTo:'), {}],
  ['a header taken away', text.replace(/MIME-Version[^\r]*\r\n/, ''), {}],
  ['headers in another order', text.replace(/(From:.*\r\n)(To:.*\r\n)/, '$2$1'), {}],
  ['nothing in it', '', {}],
  ['another recipient', text, { recipient: 'other@mail.example' }],
  ['another sender', text, { sender: 'other@shop.example' }],
  ['another salt', text, { salt: '0'.repeat(32) }],
])('a mail with %s is not', (_, arrived, other) => {
  expect(match(arrived, { ...envelope, ...other })).toBeUndefined();
});

test('what stands around the sealed headers is named', () => {
  const arrived = `X-Spam: no\r\n${text.replace('\r\n\r\n', '\r\nX-Filter: seen\r\n\r\n')}`;
  expect(match(arrived)?.added).toEqual(['x-spam', 'x-filter']);
});

test('body hashes of signatures are read, folded ones too', () => {
  const head = 'DKIM-Signature: v=1; a=rsa-sha256; bh=ab\r\n c=; b=x\r\nDkim-signature: bh = yz; v=1\r\n\r\n';
  expect(readMail(Buffer.from(head)).signedBodyHashes).toEqual(['abc=', 'yz']);
});

const bytes = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\r\n', '\xa0', 'é', ':'), maxLength: 60 });

test('reads bodies and headers as the code that writes them does', () => {
  fc.assert(
    fc.property(bytes, bytes, (body, value) => {
      const folded = value.replaceAll('\r\n', '\r\n ');
      const arrived = readMail(Buffer.from(`X-One:${folded}\r\n\r\n${body}`, 'latin1'));
      const relaxed = relaxBody(Buffer.from(body, 'latin1'));
      const isSame = arrived.bodyHash.equals(createHash('sha256').update(relaxed).digest());
      return isSame && arrived.headers.map((header) => header.relaxed).join('|') === relaxHeader('X-One', folded);
    }),
  );
});
