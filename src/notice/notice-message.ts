import { canonicalJson } from '../delivery/canonical-json.js';
import { domainOf } from '../delivery/address.js';
import { compileMessage, type ComposedMessage } from '../mime/compose-message.js';
import type { Mailbox } from '../mime/header-value.js';
import { sha256 } from '../mime/sealed-hash.js';
import type { MailText } from './mail-text.js';

/** What tells one mail to one operator from all others. */
export interface NoticeName {
  delivery: string;
  /** Of what is decided on. */
  seal?: string;
  reason: string;
  number: number;
  operator: string;
}

/**
 * Prepares a mail to several operators. The same mail to the same operator is the same bytes however often it is made, so
 * that a mail program shows one that came twice once.
 *
 * @param mail.at - when it was due, milliseconds since the epoch
 */
export function compileNotice({
  from,
  mail,
  at,
}: {
  from: Mailbox;
  mail: MailText;
  at: number;
}): (to: string, name: NoticeName) => ComposedMessage {
  const compose = compileMessage({
    from,
    // RFC 3834: no out-of-office program answers.
    autoSubmitted: 'auto-generated',
    html: { source: mail.html, strings: [mail.html] },
    text: { source: mail.text, strings: [mail.text] },
  });
  return (to, name) => {
    const token = sha256(canonicalJson({ ...name })).toString('hex');
    return compose({
      to,
      subject: mail.subject,
      date: new Date(at),
      messageId: `<${token.slice(0, 40)}@${domainOf(from.address)}>`,
      boundary: `=_${token}`,
      text: [],
      html: [],
    });
  };
}
