import * as fc from 'fast-check';
import { isRecipientFault } from '../../src/mime/compile-revision.js';
import { headersOf, parsed, rendering } from './one-revision.js';

const sender = {
  name: '{{ clerk }} of the Shop',
  address: '{{ branch }}@shop.example',
  replyTo: { name: '{{ clerk }}', address: 'care+{{ branch }}@shop.example' },
  errorAddress: 'bounce-{{ branch }}@shop.example',
};
const fields = { clerk: 'Käthe', branch: 'berlin' };

test('sender, reply-to and return path are each recipient’s own', async () => {
  const message = rendering({ sender })({ fields });
  const mail = await parsed(message);
  expect(mail.from).toEqual({ name: 'Käthe of the Shop', address: 'berlin@shop.example' });
  expect(mail.replyTo).toEqual([{ name: 'Käthe', address: 'care+berlin@shop.example' }]);
  expect(message.envelope).toEqual({ sender: 'bounce-berlin@shop.example', recipient: 'reader@mail.example' });
});

test('without a return path of its own, a message has its sender’s', () => {
  const render = rendering({ sender: { address: '{{ branch }}@shop.example' } });
  expect(render({ fields }).envelope.sender).toBe('berlin@shop.example');
});

test('Message-IDs are of the domain that all senders share', async () => {
  const { messageId } = await parsed(rendering({ sender: { address: '{{ branch }}@Bücher.example' } })({ fields }));
  expect(messageId).toMatch(/^<[0-9a-f]{32}@xn--bcher-kva\.example>$/);
});

test.each([
  ['', 'an empty value'],
  ['a b', 'a space'],
  ['a@evil.example,b', 'a second address'],
  ['grüße', 'letters beyond ASCII'],
  ['"a"', 'quotes'],
  ['a'.repeat(65), 'too long a name'],
  ['<a', 'an angle bracket'],
])('a recipient whose value makes no address of the sender fails: %j (%s)', (branch) => {
  const render = rendering({ sender: { address: '{{ branch }}@shop.example' } });
  const fault = faultOf(() => render({ fields: { branch } }));
  expect(isRecipientFault(fault)).toBe(true);
  if (branch) expect(String(fault)).not.toContain(branch);
});

test.each([
  ['address', { address: '{{ branch }}{% break %}@shop.example' }],
  ['replyTo', { address: 'news@shop.example', replyTo: { address: '{{ branch }}{% break %}@shop.example' } }],
  ['errorAddress', { address: 'news@shop.example', errorAddress: '{{ branch }}{% break %}@shop.example' }],
])('sender.%s never leaves its domain, whatever the template does', (_part, own) => {
  const render = rendering({ sender: own });
  const fault = faultOf(() => render({ fields: { branch: 'ceo@evil.example' } }));
  expect(String(fault)).toContain('is not an address of the domain that the definition names');
  expect(isRecipientFault(fault)).toBe(true);
});

test('a long word in ASCII stays as it is in an extra header, for whoever reads it need not decode RFC 2047', async () => {
  const value = JSON.stringify({ unique_args: 'x'.repeat(300) });
  const { bytes } = rendering({ headers: { 'X-Args': value } })();
  expect(bytes.toString('latin1')).toContain(`X-Args: ${value}\r\n`);
});

function faultOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const headers = {
  'X-Campaign': 'winter',
  'X-Branch': 'branch {{ branch }}',
  'X-Note': "{{ note | default: '' }}",
  Organization: 'Gärtnerei',
};

test('extra headers are there, encoded where they must be, and none that is empty', async () => {
  const found = await headersOf(rendering({ headers })({ fields }));
  expect(found).toMatchObject({ 'x-campaign': 'winter', 'x-branch': 'branch berlin', organization: 'Gärtnerei' });
  expect(found).not.toHaveProperty('x-note');
});

test('extra headers are sealed', () => {
  const leafOf = (branch: string) => rendering({ headers })({ fields: { branch } }).leaf;
  expect(leafOf('berlin')).not.toEqual(leafOf('bonn'));
  expect(leafOf('berlin')).toEqual(leafOf('berlin'));
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '\r\nBcc: a@evil.example',
        '\r\n\r\nbody',
        '\0',
        '\u2028',
        '=?utf-8?q?=0D=0ABcc:_x?=',
        ' ',
        'ü',
        '😀',
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join('')),
);

test('no value makes a header of its own', async () => {
  const render = rendering({ headers, sender: { ...sender, address: 'news@shop.example' } });
  const names = (await parsed(render({ fields: { ...fields, note: 'x' } }))).headers.map(({ key }) => key);
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (clerk, note) => {
      const mail = await parsed(render({ fields: { ...fields, clerk, note } }));
      const found = mail.headers.map(({ key }) => key);
      expect(names).toEqual(expect.arrayContaining(found));
      expect(new Set(found).size).toBe(found.length);
      expect(mail.from?.address).toBe('news@shop.example');
      expect(mail.text).toBe('Hello\n');
    }),
  );
});

test.each([
  ['subject', { subject: '{{ long }}' }, 'subject: the text is longer than 998 characters'],
  ['a header', { headers: { 'X-Long': '{{ long }}' } }, 'headers.X-Long: the text is longer than 998 characters'],
  [
    'sender’s name',
    { sender: { ...sender, name: '{{ long }}' } },
    'sender.name: the text is longer than 998 characters',
  ],
])('%s of a megabyte is not sent', (_what, settings, sentence) => {
  const fault = faultOf(() => rendering(settings)({ fields: { ...fields, long: 'x'.repeat(1_000_000) } }));
  expect(fault).toMatchObject({ message: sentence });
  expect(isRecipientFault(fault)).toBe(true);
});
