import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { array, assert, property, string, uint8Array } from 'fast-check';
import { startInbox, type Inbox } from '../../src/local/inbox.js';
import {
  inboxMessages,
  listInbox,
  openInboxFolder,
  parseInboxMessage,
  readInboxMessage,
} from '../../src/local/inbox-files.js';
import { temporaryFolder } from './temporary-folder.js';

let inbox: Inbox | undefined;
afterEach(async () => {
  await inbox?.stop();
  inbox = undefined;
});

async function open(folder = join(temporaryFolder(), 'inbox')) {
  inbox = await startInbox(folder, { preferredPort: 0 });
  return { folder, port: Number(new URL(inbox.smtpUrl).port) };
}

/** A client that says exactly what it is told, as no library would, and returns the last line of each reply. */
async function dialogue(port: number, commands: readonly (string | Buffer)[]): Promise<string[]> {
  const socket: Socket = connect(port, '127.0.0.1');
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const reply = async (): Promise<string> => {
    for (;;) {
      const { value } = (await lines.next()) as { value?: string };
      if (value === undefined) return 'closed';
      if (value[3] !== '-') return value;
    }
  };
  const replies = [await reply()];
  for (const command of commands) {
    socket.write(command);
    if (!command.toString('latin1').endsWith('\r\n')) continue;
    replies.push(await reply());
  }
  socket.destroy();
  return replies;
}

const send = (port: number, message: string, to = ['a@b.example'], from = 'news@shop.example') =>
  dialogue(port, [
    'EHLO client.example\r\n',
    `MAIL FROM:<${from}>\r\n`,
    ...to.map((address) => `RCPT TO:<${address}>\r\n`),
    'DATA\r\n',
    `${message.replaceAll(/^\./gm, '..')}.\r\n`,
  ]);

test('a message is kept as a file, its envelope before it, byte for byte', async () => {
  const { folder, port } = await open();
  const message =
    'Delivered-To: forged@evil.example\r\nReturn-Path: <forged@evil.example>\r\nSubject: ä\r\n\r\n.dot\r\n..\r\n';
  const replies = await send(port, message, ['a@b.example', 'c@d.example']);
  expect(replies.at(-1)).toMatch(/^250 .*message 1$/);
  expect(readdirSync(folder)).toEqual(['000000001.eml']);
  const kept = await readInboxMessage(folder, 1);
  expect(kept).toMatchObject({
    number: 1,
    returnPath: 'news@shop.example',
    deliveredTo: ['a@b.example', 'c@d.example'],
  });
  expect(kept?.message.toString()).toBe(message);
  expect(kept?.raw.toString()).toBe(
    `Delivered-To: a@b.example\r\nDelivered-To: c@d.example\r\nReturn-Path: <news@shop.example>\r\n${message}`,
  );
  expect(statSync(join(folder, '000000001.eml')).mode & 0o077).toBe(0);
});

test('it speaks what a bulk sender uses, and takes what relays may refuse', async () => {
  const { folder, port } = await open();
  const socket = connect(port, '127.0.0.1');
  socket.once('data', () => socket.write('EHLO client.example\r\nQUIT\r\n'));
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  for (const extension of ['PIPELINING', '8BITMIME', 'SMTPUTF8', `SIZE ${50 * 1024 * 1024}`])
    expect(said).toContain(extension);
  for (const extension of ['AUTH', 'STARTTLS']) expect(said).not.toContain(extension);
  await send(port, 'x\r\n', ['a..b.@docomo.example', 'jörg@münchen.example'], '');
  expect(await readInboxMessage(folder, 1)).toMatchObject({
    returnPath: '',
    deliveredTo: ['a..b.@docomo.example', 'jörg@münchen.example'],
  });
});

test('many at a time are each kept once, in an order of their own', async () => {
  const { folder, port } = await open();
  const subjects = Array.from({ length: 200 }, (_, n) => `Subject: ${n}\r\n\r\n${'x'.repeat(n * 50)}\r\n`);
  await Promise.all(subjects.map((message, n) => send(port, message, [`r${n}@b.example`])));
  const kept = [];
  for await (const { number, deliveredTo, message } of inboxMessages(folder))
    kept.push({ number, deliveredTo, message });
  expect(kept.map(({ number }) => number)).toEqual(subjects.map((_, n) => n + 1));
  for (const { deliveredTo, message } of kept) {
    const subject = subjects[Number(/^Subject: (\d+)/.exec(message.toString())?.[1])];
    expect(message.toString()).toBe(subject);
    expect(deliveredTo).toEqual([`r${subjects.indexOf(subject ?? '')}@b.example`]);
  }
});

test('after a restart, numbers go on; what a kill left half-written does not count', async () => {
  const { folder, port } = await open();
  await send(port, 'one\r\n');
  await send(port, 'two\r\n');
  await inbox?.stop();
  writeFileSync(join(folder, 'unfinished'), 'Delivered-To: half');
  writeFileSync(join(folder, 'notes.txt'), '');
  const again = await open(folder);
  expect(await listInbox(folder)).toEqual([1, 2]);
  expect((await send(again.port, 'three\r\n')).at(-1)).toContain('message 3');
  expect(await listInbox(folder)).toEqual([1, 2, 3]);
});

test('one that is cut off before its end is not kept', async () => {
  const { folder, port } = await open();
  await dialogue(port, [
    'EHLO x\r\n',
    'MAIL FROM:<a@b.example>\r\n',
    'RCPT TO:<a@b.example>\r\n',
    'DATA\r\n',
    'Subject: cut',
  ]);
  expect((await send(port, 'whole\r\n')).at(-1)).toContain('message 1');
  expect(await listInbox(folder)).toEqual([1]);
});

test('one beyond the limit is refused', async () => {
  const { folder, port } = await open();
  const line = Buffer.from(`${'x'.repeat(998)}\r\n`);
  const body = Buffer.concat([...Array<Buffer>(53_000).fill(line), Buffer.from('.\r\n')]);
  const replies = await dialogue(port, [
    'EHLO x\r\n',
    'MAIL FROM:<a@b.example>\r\n',
    'RCPT TO:<a@b.example>\r\n',
    'DATA\r\n',
    body,
  ]);
  expect(replies.at(-1)).toMatch(/^552 /);
  expect(await listInbox(folder)).toEqual([]);
});

test('a folder or a message that is not there', async () => {
  const folder = join(temporaryFolder(), 'none');
  expect(await listInbox(folder)).toEqual([]);
  expect(await readInboxMessage(folder, 1)).toBeUndefined();
});

test('whatever the envelope and the message hold, they come back apart', () => {
  const folder = temporaryFolder();
  const files = openInboxFolder(folder);
  assert(
    property(string({ unit: 'binary' }), array(string({ unit: 'binary' })), uint8Array(), (from, to, bytes) => {
      const number = files.keep({ from, to }, [Buffer.from(bytes)]);
      const kept = parseInboxMessage(number, readFileSync(join(folder, `${String(number).padStart(9, '0')}.eml`)));
      expect(kept.deliveredTo).toHaveLength(to.length);
      expect(kept.message.equals(bytes)).toBe(true);
      expect([kept.returnPath, ...kept.deliveredTo].join('')).not.toMatch(/[\r\n]/);
    }),
  );
});
