import type { Reason } from '../delivery/message-status.js';
import { classifyReply, type Stage } from './classify-reply.js';
import { oneLineReply } from './reply-line.js';
import type { Reply } from './reply-parser.js';

/** One recipient: a refusal then concerns this message and no other. */
export interface Envelope {
  sender: string;
  recipient: string;
  /** The message's own headers have an address beyond ASCII (RFC 6532), whatever the envelope has. */
  smtpUtf8?: true;
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
      /** With it: the relay said so in reply to this message, and did not fail before it could. */
      answered?: true;
    }
  /** RFC 1047: handed over after `354`, and no reply seen. Only a person or later evidence can tell. */
  | { outcome: 'in-doubt'; detail: string };

/** What a relay says to an envelope of which no message follows. */
export type TrialResult =
  | Exclude<TransactionResult, { outcome: 'sent' | 'in-doubt' }>
  /** RCPT was granted, and taken back by RSET. */
  | { outcome: 'accepted'; reply: string };

/** Longest waits in milliseconds, RFC 5321 §4.5.3.2. */
export interface TransactionTimeouts {
  /** From MAIL to the reply to DATA (§4.5.3.2.2, .3: 5 minutes each; here for all of them). */
  envelope: number;
  /** From `354` to the reply to the final dot (§4.5.3.2.6: 10 minutes). */
  message: number;
}

export const defaultTransactionTimeouts: TransactionTimeouts = { envelope: 300_000, message: 600_000 };

/** What the relay's next reply answers: `body` is the one to the final dot, and due from the first byte of the message. */
export type DueReply = 'rset' | Exclude<Stage, 'connect'>;

// oxlint-disable-next-line no-control-regex
const beyondAscii = /[^\x00-\x7f]/;

export const isAscii = ({ sender, recipient, smtpUtf8 }: Envelope): boolean =>
  smtpUtf8 !== true && !beyondAscii.test(sender) && !beyondAscii.test(recipient);

/** What a refusal (4xx or 5xx) means for the message that it answers. */
export function explainRefusal(
  { code, text }: Reply,
  due: DueReply,
  envelope: Envelope,
): Exclude<TransactionResult, { outcome: 'sent' | 'in-doubt' }> {
  const stage = due === 'rset' ? 'connect' : due;
  const known = { ...classifyReply(text, stage), reply: oneLineReply(text) };
  // RFC 5321 §3.8: the relay is closing, whatever was being said.
  if (code === 421) return { ...known, relayFault: true };
  // A refusal of MAIL is of us or of our sender, unless it is about this very message's size or SMTPUTF8: final for
  // nobody, for it says nothing of the recipient.
  const ofThisMessage = code === 552 || /^5\d\d[ -]5\.(?:2\.3|3\.4)\b/.test(text) || !isAscii(envelope);
  if (stage === 'connect' || (stage === 'mail' && !ofThisMessage)) {
    return { ...known, outcome: 'deferred', relayFault: true, answered: true };
  }
  return known;
}

const names: Readonly<Record<DueReply, string>> = {
  rset: 'RSET',
  mail: 'MAIL',
  rcpt: 'RCPT',
  data: 'DATA',
  body: 'it',
};

/**
 * What it means for a message that the connection ended while a reply was due.
 *
 * @param what - happened, as a sentence without its full stop
 */
export function explainLoss(what: string, due: DueReply): TransactionResult {
  if (due === 'body')
    return { outcome: 'in-doubt', detail: oneLineReply(`after the message was handed over: ${what}`) };
  const reply = oneLineReply(`${what} (the reply to ${names[due]} was due)`);
  return { outcome: 'deferred', reason: 'unreachable', reply, relayFault: true };
}
