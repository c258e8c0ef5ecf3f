/** One reply of a relay's (RFC 5321 §4.2). */
export interface Reply {
  /** From 200 to 599. */
  code: number;
  /** All its lines as they came, joined by LF. */
  text: string;
}

/** What a relay sent is no reply, or one that never ends. The message quotes the beginning, as it came. */
export class ReplyMalformedError extends Error {
  override readonly name = 'ReplyMalformedError';
}

/** Characters of one reply, all lines together. RFC 5321 §4.5.3.1.5 allows 512 a line; nobody says much in front of MAIL. */
const longestReply = 16_384;

/** RFC 5321 §4.2: a client must also take a code without any text. */
const replyLine = /^[2-5]\d\d(?:[ -]|$)/;

/**
 * Cuts what a relay sends into replies, however the network has split it. It keeps no more than one reply's length, so
 * that a relay which never ends one costs nothing.
 */
export class ReplyParser {
  /** A character a byte: a chunk may end within a character of UTF-8. */
  #input = '';
  #at = 0;
  /** The lines so far of a reply that goes on, each with its LF. */
  #begun = '';

  push(chunk: Buffer): void {
    this.#input = this.#input.slice(this.#at) + chunk.toString('latin1');
    this.#at = 0;
  }

  /**
   * @returns undefined when more must come first
   * @throws ReplyMalformedError after which nothing more can be understood
   */
  next(): Reply | undefined {
    for (;;) {
      const end = this.#input.indexOf('\n', this.#at);
      if (this.#begun.length + (end < 0 ? this.#input.length : end) - this.#at > longestReply) {
        throw new ReplyMalformedError(this.#begun + this.#input.slice(this.#at, this.#at + 100));
      }
      if (end < 0) return undefined;
      const line = this.#input.slice(this.#at, this.#input[end - 1] === '\r' && end > this.#at ? end - 1 : end);
      this.#at = end + 1;
      const reply = this.#take(line);
      if (reply) return reply;
    }
  }

  #take(line: string): Reply | undefined {
    // Blank lines between replies say nothing, and some relays send them.
    if (line === '' && this.#begun === '') return undefined;
    // RFC 5321 §4.2.1: all lines of a reply have the same code.
    if (!replyLine.test(line) || (this.#begun !== '' && !this.#begun.startsWith(line.slice(0, 3)))) {
      throw new ReplyMalformedError(this.#begun + line);
    }
    if (line[3] === '-') {
      this.#begun += `${line}\n`;
      return undefined;
    }
    const text = decode(this.#begun + line);
    this.#begun = '';
    return { code: Number(line.slice(0, 3)), text };
  }
}

/** Nothing says which charset a reply is in (RFC 5321 §4.2.1): UTF-8 where the bytes are that, else Latin-1. */
function decode(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? bytes : text;
}
