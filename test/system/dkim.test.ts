import { createHash, createHmac } from 'node:crypto';
import { keyVariable, makeKey, verifyDkim } from '../mime/verify-dkim.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

const keys = [
  makeKey('rsa-sha256', { domain: 'garden.example' }),
  makeKey('ed25519-sha256', { domain: 'garden.example' }),
];

let environment: TestEnvironment;
let relay: ScriptedRelay;
/** Recipients whose first copy the relay takes without a word of it. */
const dropped = new Set(['person2@shop.example']);

beforeAll(async () => {
  environment = await openEnvironment();
  relay = await startScriptedRelay({
    on: (stage, { recipient }) => (stage === 'dot' && dropped.delete(recipient) ? 'drop' : undefined),
    keep: true,
  });
  const variables = Object.fromEntries(keys.map((key, i) => [`DKIM_KEY_${i}`, keyVariable(key)]));
  await environment.startWorker({ SMTP_URL: `${relay.url}&connections=4`, ...variables });
});
afterAll(async () => {
  await environment.close();
  await relay.close();
});
beforeEach(() => relay.messages.splice(0));

const sha256 = (...parts: (string | Buffer)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();

/** What arrived, taken apart and hashed by RFC 6376 §3.4 with nothing of the product's. */
function takeApart(bytes: Buffer) {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = text
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line
        .slice(line.indexOf(':') + 1)
        .replace(/[ \t]+/g, ' ')
        .replace(/^ | $/g, ''),
    ]);
  const body = `${text
    .slice(end + 4)
    .replace(/[ \t]+/g, ' ')
    .replace(/ (?=\r\n)/g, '')
    .replace(/(?:\r\n)*$/, '')}\r\n`;
  const signatures = headers.filter(([name]) => name === 'dkim-signature').map(([, value]) => value);
  const sealed = headers.filter(([name]) => name !== 'date' && name !== 'dkim-signature');
  return {
    bodyHash: sha256(Buffer.from(body, 'latin1')),
    statedBodyHashes: signatures.map((value) => /\bbh=([^;]*);/.exec(value)?.[1]),
    headersHash: sha256(Buffer.from(sealed.map(([name, value]) => `${name}:${value}\r\n`).join(''), 'latin1')),
  };
}

/** What the ledger holds of the main target's messages: the sealed leaf, and what salts its envelope. */
async function ledger(deliveryId: string) {
  const { rows } = await environment.database.query<{
    seq: number;
    address: string;
    leaf: Buffer;
    secret: Buffer;
    hash: string;
  }>(
    `select m.seq, m.address, m.leaf, d.secret, r.hash from message m join delivery d on d.key = m.delivery
     join revision r on r.key = m.revision where d.id = $1 and m.proof = 0`,
    [deliveryId],
  );
  return new Map(rows.map((row) => [row.address, row]));
}

test('every message of a delivery carries two signatures that pass, over the body hash that was sealed', async () => {
  const names = ['Zoë', '.dot', 'O’Brien & sons', '日本', ' . '];
  const delivery = await environment.sealpost.start(
    definition({
      id: 'signed',
      approval: { mode: 'automatic' },
      sending: { inDoubt: 'resend' },
      proofs: { recipients: ['editor@reviewers.example'] },
      content: {
        html: '<p>Dear {{ first_name }}</p>\n.\n.<a href="{{ unsubscribe_url }}">unsubscribe</a>',
        text: '{{ first_name }}\n.\n..\n.{{ unsubscribe_url }}\n\n',
      },
      recipients: names.map((first_name, i) => ({ email: `person${i + 1}@shop.example`, first_name })),
    }),
    { operator: 'author' },
  );
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  expect((await delivery.show()).findings.filter(({ rule }) => rule.startsWith('dkim'))).toEqual([]);
  // A proof, five messages, and another copy of one.
  expect(relay.messages).toHaveLength(7);

  const sealed = await ledger('signed');
  for (const { bytes, sender, recipient } of relay.messages) {
    // RFC 5321 §4.5.2 doubles a dot at the beginning of a line: such a dot is encoded, and nothing has to be doubled.
    expect(bytes.toString('latin1')).toMatch(/^=2E/m);
    expect(await verifyDkim(bytes, keys)).toEqual(
      keys.map(({ selector }) => ({ selector, result: 'pass', aligned: true })),
    );
    const { bodyHash, statedBodyHashes, headersHash } = takeApart(bytes);
    expect(statedBodyHashes).toEqual([bodyHash.toString('base64'), bodyHash.toString('base64')]);
    const row = sealed.get(recipient);
    if (!row) continue;
    const names = createHmac('sha256', row.secret).update(['message', row.hash, 0, row.seq].join('\0')).digest('hex');
    const salt = names.slice(32);
    const leaf = sha256(Buffer.of(0), sha256(salt, sender, '\0', recipient), headersHash, bodyHash);
    expect(leaf.toString('hex')).toBe(row.leaf.toString('hex'));
  }
  expect(sealed.size).toBe(5);

  const copies = relay.messages.filter(({ recipient }) => recipient === 'person2@shop.example');
  expect(copies).toHaveLength(2);
  expect(copies[0]?.bytes).toEqual(copies[1]?.bytes);
});

test('a domain without a key is a warning, and its messages leave as they are', async () => {
  const delivery = await environment.sealpost.start(
    definition({
      id: 'unsigned',
      approval: { mode: 'automatic' },
      sender: { address: 'news@elsewhere.example' },
    }),
    { operator: 'author' },
  );
  await delivery.outcome();
  expect((await delivery.show()).findings.filter(({ rule }) => rule.startsWith('dkim'))).toMatchObject([
    {
      rule: 'dkim-missing',
      level: 'warning',
      place: 'sender.address',
      sentence: expect.stringContaining('garden.example'),
    },
  ]);
  expect(relay.messages).toHaveLength(5);
  for (const { bytes } of relay.messages) expect(await verifyDkim(bytes, keys)).toEqual([]);
});
