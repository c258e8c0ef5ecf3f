import type { Socket } from 'node:net';
import { Deadline } from './deadline.js';
import { Dialogue, isPositive, type Job, type Step } from './dialogue.js';
import { dotStuffed, endOf } from './dot-stuffing.js';
import { envelopeCommands } from './envelope-commands.js';
import type { OpenedConnection } from './open-connection.js';
import type { RelayCapabilities } from './relay-capabilities.js';
import { oneLineReply } from './reply-line.js';
import { ReplyMalformedError, ReplyParser, type Reply } from './reply-parser.js';
import {
  explainLoss,
  explainRefusal,
  type DueReply,
  type TransactionResult,
  type TransactionTimeouts,
} from './transaction.js';

export interface SessionTimeouts extends TransactionTimeouts {
  /** Milliseconds without work after which {@link SessionOwner.idleTooLong} is called. */
  idle: number;
}

/** Who gives a session its messages. Called from events of the socket and from within the session's own methods. */
export interface SessionOwner {
  /**
   * The message that this session is to send next.
   *
   * @param behind - its envelope would go out behind the message being handed over, and wait for that one's reply
   */
  nextJob(session: SmtpSession, behind: boolean): Job | undefined;
  /** Nothing more to do until `resume` or `quit`. */
  rested(session: SmtpSession): void;
  idleTooLong(session: SmtpSession): void;
  /**
   * The connection ended before anything of this message was handed over, and not by the message's own doing: others
   * had gone over it. `result` holds if the message is not tried again.
   */
  handBack(job: Job, result: TransactionResult): void;
  ended(session: SmtpSession): void;
}

/** Milliseconds for the answer to QUIT; nothing depends on it. */
const quitTimeout = 2_000;

/**
 * One connection to a relay, one message after the other. Every message is settled or handed back once, whatever the
 * relay does, and how far it got is known: not a byte of it leaves before `354` was read.
 *
 * Where the relay offers PIPELINING (RFC 2920 §3.1) an envelope is one write, and the next message's envelope rides on the
 * message before it: one write and one read a message.
 */
export class SmtpSession {
  /** Messages begun so far. */
  begun = 0;
  readonly #socket: Socket;
  readonly #capabilities: RelayCapabilities;
  readonly #replies = new ReplyParser();
  readonly #deadline = new Deadline(() => this.#runOut());
  /** Replies to it are due now. */
  #current: Dialogue | undefined;
  /** Its envelope went out behind the current message, and is answered after it. */
  #following: Dialogue | undefined;
  /** A reply is due that belongs to no message. */
  #errand: 'lone-dot' | 'quit' | undefined;
  /** The last transaction was given up, and the relay still thinks of it. */
  #resetFirst = false;
  #finished = 0;
  #over = false;

  /** @param connection - with nobody else listening */
  constructor(
    { socket, capabilities }: OpenedConnection,
    private readonly timeouts: SessionTimeouts,
    private readonly owner: SessionOwner,
  ) {
    this.#socket = socket;
    this.#capabilities = capabilities;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lose(`connection lost: ${error.code ?? error.message}`));
    // Half closed is closed: whoever says nothing any more cannot answer.
    socket.on('end', () => this.#lose('the relay closed the connection'));
    socket.on('close', () => this.#lose('the connection was closed'));
  }

  /** Asks for a message and begins it. For a new session, and one that rests. */
  resume(): void {
    this.#current = this.#fetch(false);
    if (this.#current) {
      this.#resetFirst = false;
      return this.#sayCommand(this.#current);
    }
    this.#deadline.allow(this.timeouts.idle);
    this.owner.rested(this);
  }

  /** Only while the session rests. It has ended when the relay has let go of it. */
  quit(): void {
    if (this.#over) return;
    this.#errand = 'quit';
    this.#deadline.allow(quitTimeout);
    this.#socket.write('QUIT\r\n', 'latin1');
  }

  /** Ends the connection now. */
  abort(): void {
    this.#lose('sending was stopped');
  }

  /** Settles on the way what this relay cannot be given. */
  #fetch(behind: boolean): Dialogue | undefined {
    for (let job = this.owner.nextJob(this, behind); job; job = this.owner.nextJob(this, behind)) {
      const commands = envelopeCommands(job.envelope, job.bytes.length, this.#capabilities);
      if (!('outcome' in commands)) {
        this.begun += 1;
        return new Dialogue(job, commands, this.#capabilities.pipelining, this.#resetFirst);
      }
      job.settle(commands);
    }
    return undefined;
  }

  /** What is said next is said only when all that has arrived was read: a reply that came before was not asked for. */
  #read(chunk: Buffer): void {
    let step: Step = 'await-reply';
    try {
      this.#replies.push(chunk);
      for (let reply = this.#replies.next(); reply && !this.#over; reply = this.#replies.next()) {
        step = step === 'await-reply' ? this.#take(reply) : this.#breakOff(reply);
      }
    } catch (error) {
      if (!(error instanceof ReplyMalformedError)) throw error;
      this.#lose(`the relay said what is no reply: ${quote(error.message)}`);
    }
    if (!this.#over) this.#act(step);
  }

  #act(step: Step): void {
    if (step === 'finished') return this.resume();
    if (step === 'say-lone-dot') {
      this.#deadline.allow(this.timeouts.message);
      this.#socket.write('\r\n.\r\n', 'latin1');
    }
    if (step === 'hand-over' && this.#current) this.#handOver(this.#current);
    if (step === 'say-command' && this.#current) this.#sayCommand(this.#current);
  }

  /** Killed from here to `354`, the relay has nothing of the message. */
  #sayCommand(dialogue: Dialogue): void {
    if (dialogue.due === 'mail' || dialogue.due === 'rset') this.#deadline.allow(this.timeouts.envelope);
    this.#socket.write(dialogue.command);
  }

  /**
   * Killed from here to the reply, the message is in doubt (RFC 1047): the ledger row `sending`, committed before, makes
   * that known. Of the message whose envelope rides along the relay has nothing.
   */
  #handOver(dialogue: Dialogue): void {
    const { bytes } = dialogue.job;
    dialogue.due = 'body';
    this.#following = this.#capabilities.pipelining ? this.#fetch(true) : undefined;
    this.#deadline.allow(this.timeouts.message);
    // One system call, and no copy of the message.
    this.#socket.cork();
    this.#socket.write(dotStuffed(bytes));
    this.#socket.write(endOf(bytes) + (this.#following?.command ?? ''));
    this.#socket.uncork();
  }

  #take(reply: Reply): Step {
    const dialogue = this.#current;
    if (!dialogue || reply.code === 421) return this.#takeAside(reply);
    // It answers a message that it does not have in full, and may answer it again.
    const early = dialogue.due === 'body' && this.#socket.writableLength > 0;
    if (early && isPositive(reply.code)) return this.#breakOff(reply);
    const step = dialogue.take(reply);
    if (step === 'break-off') return this.#breakOff(reply);
    if (dialogue.result && (step === 'finished' || step === 'say-lone-dot')) {
      dialogue.job.settle(dialogue.result);
      this.#finished += 1;
      this.#resetFirst = step === 'finished' && dialogue.due !== 'body' && dialogue.due !== 'rset';
      this.#errand = step === 'say-lone-dot' ? 'lone-dot' : undefined;
      this.#current = this.#following;
      this.#following = undefined;
      if (early) return this.#breakOff(reply);
      if (this.#current) {
        this.#deadline.allow(this.timeouts.envelope);
        return 'await-reply';
      }
    }
    return step;
  }

  /** What answers no message. */
  #takeAside(reply: Reply): Step {
    const errand = this.#errand;
    this.#errand = undefined;
    if (reply.code === 421 || errand === undefined) return this.#breakOff(reply);
    if (errand === 'lone-dot') return 'finished';
    this.#socket.end();
    return 'await-reply';
  }

  #breakOff(reply: Reply): Step {
    // RFC 5321 §3.8: that the relay is closing it may say at any time, and it hears nothing more.
    if (reply.code === 421) this.#end((due, { envelope }) => explainRefusal(reply, due, envelope));
    else this.#lose(`the relay said out of turn: ${quote(reply.text)}`);
    return 'break-off';
  }

  #runOut(): void {
    if (!this.#current && !this.#errand) return this.owner.idleTooLong(this);
    const { envelope, message } = this.timeouts;
    this.#lose(`no reply within ${(this.#current?.due === 'body' ? message : envelope) / 1_000} s`);
  }

  #lose(what: string): void {
    this.#end((due) => explainLoss(what, due));
  }

  /** @param explain - what the end means for a message to which a reply was due */
  #end(explain: (due: DueReply, job: Job) => TransactionResult): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline.clear();
    this.#socket.destroy();
    const [current, following] = [this.#current, this.#following];
    if (following) this.owner.handBack(following.job, explain('mail', following.job));
    if (current) {
      const { job, due, result } = current;
      const ownEnd = result !== undefined || due === 'body' || this.#finished === 0;
      if (ownEnd) job.settle(result ?? explain(due, job));
      else this.owner.handBack(job, explain(due, job));
    }
    this.owner.ended(this);
  }
}

const quote = (text: string): string => `"${oneLineReply(text.slice(0, 100))}"`;
