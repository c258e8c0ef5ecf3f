const commandEnd = Buffer.from('\r\n');
const messageEnd = Buffer.from('\r\n.\r\n');
const headEnd = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);

/** What the sink offers: no TLS, no SIZE, nothing that costs time. */
const extensions = ['sink', 'PIPELINING', '8BITMIME', 'SMTPUTF8'];
const greetings = extensions.map((line, i) => `250${i < extensions.length - 1 ? '-' : ' '}${line}\r\n`).join('');

/** One message as it came. */
export interface ReceivedMessage {
  /** With angle brackets; undefined where there is none. */
  messageId: string | undefined;
  recipients: string[];
  /** On the wire, without the final dot. */
  bytes: number;
}

/** One SMTP connection of the sink: it takes everything and keeps nothing. */
export class SinkSession {
  /** Not yet understood. Within a message it begins with the CRLF of DATA, so that a dot on the first line ends it too. */
  #buffer: Buffer = nothing;
  #inMessage = false;
  /** Up to here no end of the message was found. */
  #searched = 0;
  #recipients: string[] = [];

  constructor(private readonly onMessage: (message: ReceivedMessage) => void) {}

  /**
   * @param chunk - bytes from the client, split anywhere
   * @returns what to answer, and whether the connection ends with it
   */
  feed(chunk: Buffer): { replies: string; quit: boolean } {
    this.#buffer = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, chunk]) : chunk;
    let replies = '';
    for (;;) {
      const reply = this.#inMessage ? this.#endMessage() : this.#nextCommand();
      if (reply === undefined) return { replies, quit: false };
      replies += reply;
      if (reply.startsWith('221')) return { replies, quit: true };
    }
  }

  #endMessage(): string | undefined {
    const end = this.#buffer.indexOf(messageEnd, this.#searched);
    if (end < 0) {
      this.#searched = Math.max(0, this.#buffer.length - messageEnd.length + 1);
      return undefined;
    }
    const message = this.#buffer.subarray(commandEnd.length, end + commandEnd.length);
    this.onMessage({ messageId: messageIdOf(message), recipients: this.#recipients, bytes: message.length });
    this.#buffer = this.#buffer.subarray(end + messageEnd.length);
    this.#inMessage = false;
    this.#recipients = [];
    return '250 2.0.0 taken\r\n';
  }

  #nextCommand(): string | undefined {
    const end = this.#buffer.indexOf(commandEnd);
    if (end < 0) return undefined;
    const line = this.#buffer.toString('utf8', 0, end);
    const verb = line.slice(0, 4).toUpperCase();
    this.#inMessage = verb === 'DATA';
    this.#searched = 0;
    this.#buffer = this.#buffer.subarray(this.#inMessage ? end : end + commandEnd.length);
    if (verb === 'RCPT') this.#recipients.push(line.slice('RCPT TO:'.length));
    if (verb === 'RSET') this.#recipients = [];
    return replyTo[verb] ?? '250 2.0.0 ok\r\n';
  }
}

const replyTo: Readonly<Record<string, string>> = {
  EHLO: greetings,
  DATA: '354 go on\r\n',
  QUIT: '221 2.0.0 bye\r\n',
};

function messageIdOf(message: Buffer): string | undefined {
  const head = message.toString('latin1', 0, Math.max(0, message.indexOf(headEnd)) || message.length);
  return /^Message-ID:\s*(<[^>]*>)/im.exec(head)?.[1];
}
