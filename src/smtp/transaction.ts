import type { Readable, Writable } from 'node:stream';
import type { NodemailerError } from 'nodemailer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Reason } from '../delivery/message-status.js';
import { classifyReply, type Stage } from './classify-reply.js';
import { oneLineReply } from './reply-line.js';

/** One recipient: a refusal then concerns this message and no other. */
export interface Envelope {
  sender: string;
  recipient: string;
}

/** How far one attempt at one message got, as far as anybody can know. Replies are of one line, at most 500 characters. */
export type TransactionResult =
  | { outcome: 'sent'; reply: string }
  | {
      /** The relay does not have the message, for certain. `deferred`: try again later; `rejected`: final. */
      outcome: 'deferred' | 'rejected';
      reason: Reason;
      /** What the relay said, or what we saw where it said nothing. */
      reply?: string;
      /** The relay itself fails or refuses us: the next message would fare the same. Absent for a refused recipient. */
      relayFault?: true;
    }
  /** RFC 1047: handed over after `354`, and no reply seen. Only a person or later evidence can tell. */
  | { outcome: 'in-doubt'; detail: string };

/** Longest waits in milliseconds, RFC 5321 §4.5.3.2. */
export interface TransactionTimeouts {
  /** From MAIL to the reply to DATA (§4.5.3.2.2, .3: 5 minutes each; here for all of them). */
  envelope: number;
  /** From `354` to the reply to the final dot (§4.5.3.2.6: 10 minutes). */
  message: number;
}

export const defaultTransactionTimeouts: TransactionTimeouts = { envelope: 300_000, message: 600_000 };

/**
 * Sends one message over an open connection. It never rejects, and settles once, whatever happens to the connection.
 *
 * At `kill -9` before `354` was seen the relay has nothing; from then to the result the message is in doubt, which the
 * ledger row `sending`, committed before, makes known.
 *
 * @param bytes - the message, CRLF throughout, not dot-stuffed
 */
export function sendMessage(
  connection: SMTPConnection,
  envelope: Envelope,
  bytes: Buffer,
  timeouts: TransactionTimeouts = defaultTransactionTimeouts,
): Promise<TransactionResult> {
  const refusal = refuseWithoutSmtpUtf8(connection, envelope);
  if (refusal) return Promise.resolve(refusal);
  return new Promise((resolve) => {
    let dataBegun = false;
    const explain = (error: NodemailerError | undefined) =>
      explainFailure(
        error ?? { message: 'the connection was closed' },
        dataBegun,
        isAscii(envelope.sender + envelope.recipient),
      );
    // Errors are made only where they are needed: a stack trace for each message is dear.
    let failure: NodemailerError | undefined;
    const giveUp = (milliseconds: number) =>
      setTimeout(() => {
        failure = Object.assign(new Error(`no reply within ${milliseconds / 1_000} s`), { code: 'ETIMEDOUT' });
        connection.close();
      }, milliseconds);
    let timer = giveUp(timeouts.envelope);

    const settle = (result: TransactionResult) => {
      clearTimeout(timer);
      connection.off('error', onError);
      connection.off('end', onEnd);
      resolve(result);
    };
    const onError = (error: NodemailerError) => (failure = error);
    // `close()` forgets the callback of `send`; where it does not, that one comes right after and knows the reply.
    const onEnd = () => queueMicrotask(() => settle(explain(failure)));
    connection.on('error', onError);
    connection.once('end', onEnd);

    // nodemailer asks a message for `pipe` once the reply to DATA is 354 (or the 2xx of some servers), not before:
    // the only way to know from outside whether the relay may have the message.
    const message = {
      pipe(stream: Writable) {
        dataBegun = true;
        clearTimeout(timer);
        timer = giveUp(timeouts.message);
        stream.end(bytes);
      },
    } as unknown as Readable;
    try {
      connection.send(
        { from: envelope.sender, to: [envelope.recipient], size: bytes.length },
        message,
        (error, info) => {
          settle(info && !error ? { outcome: 'sent', reply: oneLineReply(info.response) } : explain(error ?? failure));
        },
      );
    } catch (error) {
      // A socket that vanished under nodemailer; what was begun stays known.
      settle(explain(error instanceof Error ? error : failure));
      connection.close();
    }
  });
}

const isAscii = (text: string) => Buffer.byteLength(text) === text.length;

/** nodemailer would send such an address raw to a relay that never offered to take it. */
function refuseWithoutSmtpUtf8(
  connection: SMTPConnection,
  { sender, recipient }: Envelope,
): TransactionResult | undefined {
  if (isAscii(sender) && isAscii(recipient)) return undefined;
  const offered: unknown = Reflect.get(connection, '_supportedExtensions');
  if (Array.isArray(offered) && offered.includes('SMTPUTF8')) return undefined;
  return {
    outcome: 'rejected',
    reason: 'address-invalid',
    reply:
      'the relay does not offer SMTPUTF8 (RFC 6531), which an address with characters beyond ASCII before the @ needs',
  };
}

function explainFailure(
  error: Pick<NodemailerError, 'message' | 'code' | 'response' | 'command'>,
  dataBegun: boolean,
  asciiEnvelope: boolean,
): TransactionResult {
  const stage = dataBegun ? 'body' : (stages[error.command ?? ''] ?? 'connect');
  const code = /^[45]\d\d/.exec(error.response ?? '')?.[0];
  if (error.response !== undefined && code !== undefined)
    return explainReply(error.response, code, stage, asciiEnvelope);
  const detail = oneLineReply(error.code === undefined ? error.message : `${error.message} (${error.code})`);
  if (dataBegun) return { outcome: 'in-doubt', detail: `after the message was handed over: ${detail}` };
  // nodemailer's own refusals, of this message alone: larger than the relay's SIZE, or an address it will not write.
  if (error.code === 'EMESSAGE') return { outcome: 'rejected', reason: 'refused', reply: detail };
  if (error.code === 'EENVELOPE' && error.response === undefined) {
    return {
      outcome: 'rejected',
      reason: 'address-invalid',
      reply: oneLineReply('the envelope has an address that SMTP cannot carry'),
    };
  }
  return { outcome: 'deferred', reason: 'unreachable', reply: detail, relayFault: true };
}

function explainReply(response: string, code: string, stage: Stage, asciiEnvelope: boolean): TransactionResult {
  const reply = oneLineReply(response);
  // RFC 5321 §3.8: the relay is closing, whatever was being said.
  if (code === '421') return { ...classifyReply(response, stage), reply, relayFault: true };
  // A refusal of MAIL is of us or of our sender, unless it is about this very message's size or SMTPUTF8: final for
  // nobody, for it says nothing of the recipient.
  const ofThisMessage = code === '552' || /^5\d\d[ -]5\.(?:2\.3|3\.4)\b/.test(response) || !asciiEnvelope;
  if (stage === 'mail' && !ofThisMessage)
    return { ...classifyReply(response, stage), outcome: 'deferred', reply, relayFault: true };
  return { ...classifyReply(response, stage), reply };
}

/** By nodemailer's name of the command that failed; any other came before MAIL or from nowhere. */
const stages: Readonly<Record<string, Stage>> = { 'MAIL FROM': 'mail', 'RCPT TO': 'rcpt', DATA: 'data' };
