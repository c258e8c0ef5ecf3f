const commandEnd = Buffer.from('\r\n');
const finalDot = Buffer.from('.\r\n');
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
  /** It has a DKIM-Signature; nobody verifies it here. */
  signed: boolean;
  /** On the wire, without the final dot. */
  bytes: number;
}

/** One SMTP connection of the sink: it takes everything and keeps nothing. */
export class SinkSession {
  /** Not yet understood: a piece of a command, or all of the message that has come so far. */
  #buffer: Buffer = nothing;
  /** Where in the buffer the next command or the message begins. */
  #at = 0;
  #inMessage = false;
  /** Up to here no end of the message was found. */
  #searched = 0;
  #recipients: string[] = [];

  constructor(private readonly onMessage: (message: ReceivedMessage) => void) {}

  /**
   * @param chunk - bytes from the client, split anywhere
   * @returns what to answer, all of it in one write, and whether the connection ends with it
   */
  feed(chunk: Buffer): { replies: string; quit: boolean } {
    this.#searched -= this.#at;
    this.#buffer = this.#at < this.#buffer.length ? Buffer.concat([this.#buffer.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
    let replies = '';
    for (;;) {
      const reply = this.#inMessage ? this.#endMessage() : this.#nextCommand();
      if (reply === undefined) return { replies, quit: false };
      replies += reply;
      if (reply === replyTo['QUIT']) return { replies, quit: true };
    }
  }

  #endMessage(): string | undefined {
    const dot = this.#findFinalDot();
    if (dot < 0) return undefined;
    const message = this.#buffer.subarray(this.#at, dot);
    this.onMessage({ ...headOf(message), recipients: this.#recipients, bytes: message.length });
    this.#at = dot + finalDot.length;
    this.#inMessage = false;
    this.#recipients = [];
    return '250 2.0.0 taken\r\n';
  }

  #findFinalDot(): number {
    // RFC 5321 §4.1.1.4: the CRLF after DATA is the one before the first line; a dot there ends an empty message.
    if (this.#buffer[this.#at] === finalDot[0] && this.#buffer.indexOf(finalDot, this.#at) === this.#at)
      return this.#at;
    const end = this.#buffer.indexOf(messageEnd, this.#searched);
    this.#searched = Math.max(this.#at, this.#buffer.length - messageEnd.length + 1);
    return end < 0 ? end : end + commandEnd.length;
  }

  #nextCommand(): string | undefined {
    const end = this.#buffer.indexOf(commandEnd, this.#at);
    if (end < 0) return undefined;
    const line = this.#buffer.toString('latin1', this.#at, end);
    const verb = line.slice(0, 4).toUpperCase();
    this.#at = end + commandEnd.length;
    this.#inMessage = verb === 'DATA';
    this.#searched = this.#at;
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

function headOf(message: Buffer): Pick<ReceivedMessage, 'messageId' | 'signed'> {
  const end = message.indexOf(headEnd);
  const head = message.toString('latin1', 0, end < 0 ? message.length : end);
  return { messageId: messageIdOf(head), signed: /^DKIM-Signature:/m.test(head) };
}

function messageIdOf(head: string): string | undefined {
  const at = head.indexOf('\nMessage-ID: <');
  // As everybody writes it, it is found without trying all letter cases.
  if (at >= 0) return head.slice(at + '\nMessage-ID: '.length, head.indexOf('>', at) + 1);
  return /^Message-ID:\s*(<[^>]*>)/im.exec(head)?.[1];
}
