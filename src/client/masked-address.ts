import { escapeHtml } from '../content/escape-html.js';

/** `a…@shop.example`: enough to see what kind of recipient it is, and not who. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address.slice(0, Math.max(at, 0));
  return at < 0 ? '…' : `${first}…${address.slice(at)}`;
}

/** What opens a message's own pages: whoever has the link can unsubscribe the recipient. */
const pageToken = /(\/[um]\/)[\w-]{39}(?![\w-])/g;

/** Masks one address wherever it stands in a text, also as HTML and as a part of a URL, and links to the message's pages. */
export function maskIn(text: string, address: string): string {
  const masked = maskedAddress(address);
  const encoded = encodeURIComponent(address.toWellFormed());
  return [address, escapeHtml(address), encoded, encodeURI(address.toWellFormed())].reduce(
    (written, form) => (form === '' ? written : written.replaceAll(form, () => masked)),
    text.replace(pageToken, '$1…'),
  );
}
