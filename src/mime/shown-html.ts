import { Parser } from 'htmlparser2';
import { imageReference } from '../content/inline-images.js';

/** Characters of images in one page; an image that is shown again and again would fill the memory. */
const maxImages = 20_000_000;

/**
 * A message's HTML as a browser may show it: with the images that the message carries, and without the `meta` tags that
 * would speak for the web server, such as one that leads elsewhere (`refresh`).
 *
 * @param images - URLs by Content-ID, without angle brackets
 */
export function shownHtml(html: string, images: ReadonlyMap<string, string>): string {
  let left = maxImages;
  const withImages = html.replace(imageReference, (written: string, before: string, id: string) => {
    const url = images.get(id);
    if (url === undefined || url.length > left) return written;
    left -= url.length;
    return before.slice(0, -'cid:'.length) + url;
  });
  return withoutMeta(withImages);
}

function withoutMeta(html: string): string {
  let shown = '';
  let done = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name !== 'meta' || !speaksForServer(attributes)) return;
      shown += html.slice(done, parser.startIndex);
      done = parser.endIndex + 1;
    },
  });
  parser.end(html);
  return shown + html.slice(done);
}

function speaksForServer(attributes: Readonly<Record<string, string>>): boolean {
  return (
    'http-equiv' in attributes || 'charset' in attributes || attributes['name']?.trim().toLowerCase() === 'referrer'
  );
}
