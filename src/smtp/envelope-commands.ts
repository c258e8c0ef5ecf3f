import type { RelayCapabilities } from './relay-capabilities.js';
import { isAscii, type Envelope, type TransactionResult } from './transaction.js';

/** One line each, CRLF included. */
export interface EnvelopeCommands {
  mail: string;
  rcpt: string;
}

export const dataCommand = 'DATA\r\n';

/** Whatever could end the address or the line early. The address was parsed long ago: this is the last door. */
// oxlint-disable-next-line no-control-regex
const notInAnAddress = /[\x00-\x20<>\x7f]/;

/**
 * @param size - of the message in bytes, as RFC 1870 §5 counts: not dot-stuffed, without the final dot
 * @returns the commands, or why this relay cannot be given this message
 */
export function envelopeCommands(
  envelope: Envelope,
  size: number,
  { smtpUtf8, size: longest }: RelayCapabilities,
): EnvelopeCommands | TransactionResult {
  const { sender, recipient } = envelope;
  // An empty sender is the null reverse-path (RFC 5321 §4.5.5).
  if (recipient === '' || notInAnAddress.test(sender) || notInAnAddress.test(recipient)) {
    return refuse('address-invalid', 'the envelope has an address that SMTP cannot carry');
  }
  const ascii = isAscii(envelope);
  if (!ascii && !smtpUtf8) {
    return refuse(
      'address-invalid',
      'the relay does not offer SMTPUTF8 (RFC 6531), which an address with characters beyond ASCII before the @ needs',
    );
  }
  if (longest !== undefined && size > longest) {
    return refuse('refused', `the message has ${size} bytes, and the relay takes at most ${longest} (SIZE, RFC 1870)`);
  }
  const parameters = `${longest === undefined ? '' : ` SIZE=${size}`}${ascii ? '' : ' SMTPUTF8'}`;
  return { mail: `MAIL FROM:<${sender}>${parameters}\r\n`, rcpt: `RCPT TO:<${recipient}>\r\n` };
}

function refuse(reason: 'address-invalid' | 'refused', reply: string): TransactionResult {
  return { outcome: 'rejected', reason, reply };
}
