import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './child-program.js';
import { DistinctCount } from './distinct-count.js';
import { SinkSession, type ReceivedMessage } from './sink-session.js';

/** What the benchmark asks the sink for; `reset` forgets what there was and begins anew. */
export type SinkRequest =
  { kind: 'report' } | { kind: 'reset' } | { kind: 'delay'; /** Average, in ms. */ milliseconds: number };

export interface SinkReport {
  port: number;
  messages: number;
  /** How many different ones. */
  messageIds: number;
  recipients: number;
  /** Messages with a DKIM-Signature. */
  signed: number;
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
  #signed = 0;
  #bytes = 0;
  #connections = 0;
  #open = 0;
  readonly #messageIds = new DistinctCount();
  readonly #recipients = new DistinctCount();

  get messages(): number {
    return this.#messages;
  }

  opened(): void {
    this.#open += 1;
    this.#connections = Math.max(this.#connections, this.#open);
  }

  closed(): void {
    this.#open -= 1;
  }

  add({ messageId, recipients, signed, bytes }: ReceivedMessage): void {
    this.#messages += 1;
    if (signed) this.#signed += 1;
    this.#bytes += bytes;
    if (messageId !== undefined) this.#messageIds.add(messageId);
    for (const recipient of recipients) this.#recipients.add(recipient);
  }

  report(): Omit<SinkReport, 'port'> {
    return {
      messages: this.#messages,
      messageIds: this.#messageIds.size,
      recipients: this.#recipients.size,
      signed: this.#signed,
      bytes: this.#bytes,
      connections: this.#connections,
      open: this.#open,
    };
  }

  reset(): void {
    this.#messages = 0;
    this.#signed = 0;
    this.#bytes = 0;
    this.#connections = this.#open;
    this.#messageIds.clear();
    this.#recipients.clear();
  }
}

const tally = new Tally();
let delay = 0;
const server = createServer({ noDelay: true }, (socket) => {
  tally.opened();
  const session = new SinkSession((message) => tally.add(message));
  socket.on('data', (chunk: Buffer) => {
    const before = tally.messages;
    const { replies, quit } = session.feed(chunk);
    if (delay > 0 && tally.messages > before) return void answerLater(socket, replies, quit);
    answer(socket, replies, quit);
  });
  // A client that is killed is no matter of the sink's: what it left out is missing in the count.
  socket.on('error', () => undefined);
  socket.once('close', () => tally.closed());
  socket.write('220 sink ESMTP\r\n');
});
server.listen(0, '127.0.0.1');

function answer(socket: Socket, replies: string, quit: boolean): void {
  if (replies !== '' && !socket.destroyed) socket.write(replies, 'latin1');
  if (quit) socket.end();
}

/** As a relay that is busy: most answers come soon, a few take long. What the client says meanwhile waits. */
async function answerLater(socket: Socket, replies: string, quit: boolean): Promise<void> {
  socket.pause();
  await sleep(-Math.log(1 - Math.random()) * delay);
  answer(socket, replies, quit);
  socket.resume();
}

answerParent(async (request: SinkRequest): Promise<SinkReport> => {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  if (request.kind === 'reset') tally.reset();
  if (request.kind === 'delay') delay = request.milliseconds;
  return { port: (server.address() as AddressInfo).port, ...tally.report() };
});
