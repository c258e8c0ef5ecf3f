import { Parser } from 'htmlparser2';

const imageReference = /(["'(=\s])cid:([^"'()\s>]+)/gi;

/**
 * A message's HTML as a browser may show it: without the `meta` tags that would speak for the web server, such as one
 * that leads elsewhere (`refresh`), and with the images that its own parts hold.
 *
 * @param imageOf - URL of the image with a Content-ID, which comes without angle brackets
 */
export function shownHtml(html: string, imageOf: (contentId: string) => string | undefined): string {
  const withImages = (tag: string) =>
    tag.replace(imageReference, (written: string, before: string, id: string) => {
      const url = imageOf(id) ?? imageOf(decoded(id));
      return url === undefined ? written : before + url;
    });
  let shown = '';
  let done = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      const { startIndex, endIndex } = parser;
      const left = name === 'meta' && speaksForServer(attributes);
      shown += html.slice(done, startIndex) + (left ? '' : withImages(html.slice(startIndex, endIndex + 1)));
      done = endIndex + 1;
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

/** RFC 2392 §2: a `cid:` URL is percent-encoded. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
