import { compareWithInbox, readArrivals } from '../../src/cli/inbox-check.js';
import type { MessageIdFor } from '../../src/client/message-ids.js';
import { messageIdOf } from '../../src/local/inbox-mail.js';
import type { LedgerRow, MessageStatus } from '../../src/client/index.js';
import type { InboxMessage } from '../../src/local/inbox-files.js';

const messageIdFor: MessageIdFor = ({ proof, seq }) => `<${proof}-${seq}@shop.example>`;

const row = (seq: number, status: MessageStatus, address = `r${seq}@inbox.example`): LedgerRow => ({
  proof: 0,
  seq,
  row: seq + 1,
  seed: null,
  address,
  status,
  reason: null,
  leftOutBy: null,
  attempts: 1,
  settledAt: null,
  nextAttemptAt: null,
  possibleDuplicate: false,
  reply: null,
});

async function* arrived(...messages: [id: string, to: string][]): AsyncGenerator<InboxMessage> {
  for (const [index, [id, to]] of messages.entries()) {
    const message = Buffer.from(`From: a@b.example\r\nMessage-ID: ${id}\r\n\r\nMessage-ID: <in-the-body@x>\r\n`);
    yield { number: index + 1, returnPath: '', deliveredTo: [to], raw: message, message };
  }
}

const compare = async (rows: LedgerRow[], ...messages: [string, string][]) =>
  compareWithInbox(rows, await readArrivals(arrived(...messages)), messageIdFor);

describe('ledger and inbox agree', () => {
  test('when each sent message has arrived once and nothing else has', async () => {
    const rows = [row(1, 'sent'), row(2, 'ignored'), row(3, 'sent', 'grüße@xn--bcher-kva.example')];
    const check = await compare(
      rows,
      ['<0-1@shop.example>', 'r1@inbox.example'],
      ['<0-3@shop.example>', 'grüße@bücher.example'],
      ['<0-1@another.example>', 'r1@inbox.example'],
      ['<1-1@shop.example>', 'editor@reviewers.example'],
    );
    expect(check).toEqual({ arrived: 2, faults: [], faultCount: 0 });
  });

  test('where copies have arrived at the archive, which may be a recipient too', async () => {
    const archive = 'archive@shop.example';
    const rows = [row(1, 'sent'), row(2, 'sent', archive), row(3, 'sent')];
    const arrivals = await readArrivals(
      arrived(
        ['<0-1@shop.example>', archive],
        ['<0-1@shop.example>', 'r1@inbox.example'],
        ['<0-2@shop.example>', archive],
        ['<0-2@shop.example>', archive],
        ['<0-3@shop.example>', archive],
        ['<0-3@shop.example>', archive],
        ['<0-3@shop.example>', 'r3@inbox.example'],
      ),
    );
    const { faults } = await compareWithInbox(rows, arrivals, messageIdFor, archive);
    expect(faults).toEqual(['message 3 (row 4) is sent and has arrived 2 times']);
  });

  test.each([[[]], [[['<0-1@shop.example>', 'r1@inbox.example']]]] as [[string, string][]][])(
    'whether a message in doubt has arrived or not: %j',
    async (messages) => {
      expect((await compare([row(1, 'in-doubt')], ...messages)).faultCount).toBe(0);
    },
  );
});

describe('ledger and inbox differ', () => {
  const one: [string, string] = ['<0-1@shop.example>', 'r1@inbox.example'];
  test.each<[string, LedgerRow, [string, string][], string]>([
    ['a sent message is missing', row(1, 'sent'), [], 'is sent and has arrived 0 times'],
    ['a sent message came twice', row(1, 'sent'), [one, one], 'is sent and has arrived 2 times'],
    ['an excluded recipient has mail', row(1, 'ignored'), [one], 'is ignored and has arrived 1 times'],
    ['a failed one has arrived', row(1, 'failed'), [one], 'is failed and has arrived 1 times'],
    ['one in doubt came twice', row(1, 'in-doubt'), [one, one], 'is in-doubt and has arrived 2 times'],
    ['it came to another', row(1, 'sent'), [[one[0], 'x@y.example']], 'has arrived at somebody else'],
  ])('when %s', async (_what, ledgerRow, messages, sentence) => {
    const { faults, faultCount, arrived: right } = await compare([ledgerRow], ...messages);
    expect({ faults, faultCount, right }).toEqual({
      faults: [`message 1 (row 2) ${sentence}`],
      faultCount: 1,
      right: 0,
    });
  });

  test('all are counted and the first ones told', async () => {
    const check = await compare(Array.from({ length: 30 }, (_, seq) => row(seq, 'sent')));
    expect([check.faultCount, check.faults.length]).toEqual([30, 10]);
  });
});

test.each([
  ['Subject: x\r\nMESSAGE-ID: <a@b>\r\n\r\n', '<a@b>'],
  ['Message-ID:\r\n <a@b>\r\n\r\n', '<a@b>'],
  ['Subject: x\r\n\r\nMessage-ID: <a@b>\r\n', ''],
])('the Message-ID of %j is %j', (message, id) => {
  expect(messageIdOf({ message: Buffer.from(message) })).toBe(id);
});
