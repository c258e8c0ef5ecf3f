import { z } from 'zod';
import { singleLine } from './definition-text.js';

/**
 * Headers that Sealpost or a mail system on the way writes, for what they say must be true; with the setting that does
 * what an author may want of one.
 */
const owned = new Map<string, string | undefined>([
  ['from', 'sender'],
  ['sender', 'sender'],
  ['reply-to', 'sender.replyTo'],
  ['return-path', 'sender.errorAddress'],
  ['errors-to', 'sender.errorAddress'],
  ['subject', 'subject'],
  ['bcc', 'bcc'],
  ['list-unsubscribe', 'unsubscribe'],
  ['list-unsubscribe-post', 'unsubscribe.oneClick'],
  ['list-id', 'list'],
  ['feedback-id', 'feedbackId'],
  ['precedence', 'precedence'],
  ['auto-submitted', 'autoSubmitted'],
  ...(
    'to cc date message-id mime-version received dkim-signature domainkey-signature authentication-results received-spf ' +
    'delivered-to envelope-to x-original-to original-recipient disposition-notification-to return-receipt-to'
  )
    .split(' ')
    .map((name): [string, undefined] => [name, undefined]),
]);
const ownedFamilies = ['content-', 'resent-', 'arc-', 'list-', 'x-sealpost-'];

const maxHeaders = 50;

/** RFC 5322 §3.6.8; the length leaves room for an encoded-word on the header's first line. */
const headerName = /^[!-9;-~]{1,40}$/;

function faultOf(name: string, names: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  if (!headerName.test(name)) return 'is no name of a header: 1–40 ASCII characters without a space or ":"';
  if (owned.has(folded) || ownedFamilies.some((family) => folded.startsWith(family))) {
    const setting = owned.get(folded);
    return `is a header of the system and cannot be overridden${setting === undefined ? '' : `: use the setting ${setting}`}`;
  }
  if (names.filter((other) => other.toLowerCase() === folded).length > 1) return 'stands there twice';
  return undefined;
}

/** Extra headers by name; values are Liquid templates. */
export const extraHeadersSchema = z
  .record(z.string(), singleLine('a header', 998), 'headers must be names with their values')
  .check(({ value, issues }) => {
    const names = Object.keys(value);
    if (names.length > maxHeaders)
      issues.push({
        code: 'custom',
        message: `there are ${names.length} headers; ${maxHeaders} is the most`,
        input: value,
      });
    for (const name of names) {
      const fault = faultOf(name, names);
      if (fault !== undefined) issues.push({ code: 'custom', message: fault, path: [name], input: value });
    }
  });
