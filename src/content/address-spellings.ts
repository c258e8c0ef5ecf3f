import { domainToASCII, domainToUnicode } from 'node:url';
import { escapeHtml } from './escape-html.js';

/**
 * An address as it may stand in a text: as written, with its domain in its script or as A-label, composed or not, and each
 * of these as in a URL or in HTML. Upper and lower case do not count.
 *
 * @returns a global pattern; `undefined` for no address
 */
export function addressPattern(address: string): RegExp | undefined {
  const at = address.lastIndexOf('@');
  if (at < 0) return address === '' ? undefined : new RegExp(literal(address), 'giu');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  const domains = [domain, domainToASCII(domain), domainToUnicode(domain)].filter((one) => one !== '');
  const written = domains.flatMap((one) =>
    (['NFC', 'NFD'] as const).map((form) => `${local}@${one}`.normalize(form).toWellFormed()),
  );
  const spelled = [address, ...written].flatMap((one) => [
    one,
    escapeHtml(one),
    encodeURI(one.toWellFormed()),
    encodeURIComponent(one.toWellFormed()),
    percentEncoded(one.toWellFormed()),
  ]);
  // The longest first: one may be the beginning of another.
  const all = [...new Set(spelled)].toSorted((a, b) => b.length - a.length);
  return new RegExp(all.map(literal).join('|'), 'giu');
}

/** With the characters too that `encodeURIComponent` leaves as they are, as stricter encoders write them. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.codePointAt(0)?.toString(16).toUpperCase() ?? ''}`);

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
