import { dataCommand, type EnvelopeCommands } from './envelope-commands.js';
import { oneLineReply } from './reply-line.js';
import type { Reply } from './reply-parser.js';
import {
  explainRefusal,
  type DueReply,
  type Envelope,
  type TransactionResult,
  type TrialResult,
} from './transaction.js';

/** One message to be sent once, or its envelope to be tried. */
export interface Job {
  readonly envelope: Envelope;
  /** CRLF throughout, not dot-stuffed. */
  readonly bytes: Buffer;
  /** Ends with RSET where DATA would come: nothing of the message is handed over. */
  readonly trial: boolean;
  settle(result: TransactionResult | TrialResult): void;
}

const resetCommand = 'RSET\r\n';

/** What follows from a reply. */
export type Step =
  /** More replies are due to what was said. */
  | 'await-reply'
  /** {@link Dialogue.command} is to be said. */
  | 'say-command'
  /** The message is to be said: `354` was read, and everything before it was granted. */
  | 'hand-over'
  /** `result` is known, and the relay waits for the end of a message: an empty one. */
  | 'say-lone-dot'
  /** `result` is known. */
  | 'finished'
  /** No relay may say this here: nothing that it says can be relied on any more. */
  | 'break-off';

export const isPositive = (code: number): boolean => code >= 200 && code < 300;
const isRefusal = (code: number) => code >= 400;

/**
 * What a relay says to one message, and what is known then. Pure: somebody else speaks and listens.
 *
 * With `pipelining` the commands are said together, and all their replies are awaited (RFC 2920 §3.1).
 */
export class Dialogue {
  /** Whoever hands the message over sets it to `body`, before the first byte. */
  due: DueReply;
  /** Set before the end when MAIL or RCPT was refused: nothing of the message is said from then on. */
  result: TransactionResult | TrialResult | undefined;
  #recipientTaken = false;

  /** @param resetFirst - MAIL within a transaction that was given up is an error (RFC 5321 §4.1.4) */
  constructor(
    readonly job: Job,
    private readonly commands: EnvelopeCommands,
    private readonly pipelining: boolean,
    resetFirst: boolean,
  ) {
    this.due = resetFirst ? 'rset' : 'mail';
  }

  /** What is to be said now: with pipelining all that comes before the message, else what the due reply answers. */
  get command(): string {
    const { mail, rcpt } = this.commands;
    if (this.pipelining) {
      const end = this.job.trial ? resetCommand : dataCommand;
      return (this.due === 'rset' ? resetCommand : '') + mail + rcpt + end;
    }
    switch (this.due) {
      case 'rset':
        return resetCommand;
      case 'mail':
        return mail;
      case 'rcpt':
        return rcpt;
      case 'data':
      case 'body':
        return dataCommand;
    }
  }

  /** @param reply - any but 421, which ends the connection whatever was said */
  take(reply: Reply): Step {
    switch (this.due) {
      case 'rset':
        if (!isPositive(reply.code)) return 'break-off';
        return this.result ? 'finished' : this.#advance('mail');
      case 'mail':
      case 'rcpt':
        return this.#takeEnvelope(this.due, reply);
      case 'data':
        return this.#takeData(reply);
      case 'body':
        return this.#takeFinal(reply);
    }
  }

  #advance(due: DueReply): Step {
    this.due = due;
    return this.pipelining ? 'await-reply' : 'say-command';
  }

  #takeEnvelope(due: 'mail' | 'rcpt', reply: Reply): Step {
    if (isRefusal(reply.code)) {
      this.result ??= explainRefusal(reply, due, this.job.envelope);
      if (!this.pipelining) return 'finished';
    } else if (!isPositive(reply.code)) {
      return 'break-off';
    } else if (due === 'rcpt') {
      this.#recipientTaken = true;
      if (this.job.trial) this.result ??= { outcome: 'accepted', reply: oneLineReply(reply.text) };
    }
    if (due === 'mail') return this.#advance('rcpt');
    return this.#advance(this.job.trial ? 'rset' : 'data');
  }

  #takeData(reply: Reply): Step {
    if (reply.code === 354 && !this.result) return 'hand-over';
    // RFC 2920 §3.1: it took DATA though there is nobody to send to. But where only MAIL was refused, an empty message
    // might reach the recipient.
    if (reply.code === 354 && !this.#recipientTaken) return 'say-lone-dot';
    if (!isRefusal(reply.code)) return 'break-off';
    this.result ??= explainRefusal(reply, 'data', this.job.envelope);
    return 'finished';
  }

  #takeFinal(reply: Reply): Step {
    if (isPositive(reply.code)) this.result = { outcome: 'sent', reply: oneLineReply(reply.text) };
    else if (isRefusal(reply.code)) this.result = explainRefusal(reply, 'body', this.job.envelope);
    else return 'break-off';
    return 'finished';
  }
}
