import { createServer, type AddressInfo } from 'node:net';
import { answerParent } from './child-program.js';
import { SinkSession, type ReceivedMessage } from './sink-session.js';

/** What the benchmark asks the sink for; `reset` answers with what there was and begins anew. */
export type SinkRequest = 'port' | 'report' | 'reset';

export interface SinkReport {
  port: number;
  messages: number;
  /** How many different ones. */
  messageIds: number;
  recipients: number;
  /** Of all messages, on the wire. */
  bytes: number;
  /** Most that were open at the same time. */
  connections: number;
  /** Open right now. */
  open: number;
}

/** Counts what arrived since the last reset. */
class Tally {
  #messages = 0;
  #bytes = 0;
  #connections = 0;
  #open = 0;
  readonly #messageIds = new Set<string>();
  readonly #recipients = new Set<string>();

  opened(): void {
    this.#open += 1;
    this.#connections = Math.max(this.#connections, this.#open);
  }

  closed(): void {
    this.#open -= 1;
  }

  add({ messageId, recipients, bytes }: ReceivedMessage): void {
    this.#messages += 1;
    this.#bytes += bytes;
    if (messageId !== undefined) this.#messageIds.add(messageId);
    for (const recipient of recipients) this.#recipients.add(recipient);
  }

  report(): Omit<SinkReport, 'port'> {
    return {
      messages: this.#messages,
      messageIds: this.#messageIds.size,
      recipients: this.#recipients.size,
      bytes: this.#bytes,
      connections: this.#connections,
      open: this.#open,
    };
  }

  reset(): void {
    this.#messages = 0;
    this.#bytes = 0;
    this.#connections = this.#open;
    this.#messageIds.clear();
    this.#recipients.clear();
  }
}

const tally = new Tally();
const server = createServer({ noDelay: true }, (socket) => {
  tally.opened();
  const session = new SinkSession((message) => tally.add(message));
  socket.on('data', (chunk: Buffer) => {
    const { replies, quit } = session.feed(chunk);
    if (replies !== '') socket.write(replies);
    if (quit) socket.end();
  });
  // A client that is killed is no matter of the sink's: what it left out is missing in the count.
  socket.on('error', () => undefined);
  socket.once('close', () => tally.closed());
  socket.write('220 sink ESMTP\r\n');
});
server.listen(0, '127.0.0.1');

answerParent<SinkRequest, SinkReport>(async (request) => {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const report = { port: (server.address() as AddressInfo).port, ...tally.report() };
  if (request === 'reset') tally.reset();
  return report;
});
