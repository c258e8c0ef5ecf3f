import { addressPattern } from '../content/address-spellings.js';

/** `a…@shop.example`: enough to see what kind of recipient it is, and not who. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address.slice(0, Math.max(at, 0));
  return at < 0 ? '…' : `${first}…${address.slice(at)}`;
}

/** What opens a message's own pages: whoever has the link can unsubscribe the recipient. */
const pageToken = /((?:\/|%2f)[um](?:\/|%2f))[\w-]{39}(?![\w-])/gi;

/** Masks one address wherever it stands in a text, also as HTML and as a part of a URL, and links to the message's pages. */
export function maskIn(text: string, address: string): string {
  const links = text.replace(pageToken, '$1…');
  const pattern = addressPattern(address);
  return pattern ? links.replace(pattern, () => maskedAddress(address)) : links;
}
