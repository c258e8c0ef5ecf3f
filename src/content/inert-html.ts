const base = '<base target="_blank">';

/**
 * What a browser does for some tags before any policy is asked: it looks up hosts and opens connections, and follows
 * `refresh`. Named otherwise, they are nothing, wherever in the source they stand. A link that is followed would leave an
 * empty frame behind: with windows of their own, which the sandbox refuses, links do nothing.
 */
export function withoutLoading(html: string): string {
  const inert = html.replace(/<(link|meta|base)(?=[\s/>])/gi, '<x-$1');
  return inert.replace(/^(\s*<!doctype[^>]*>)?/i, `$1${base}`);
}

const schemeQuery = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;

/**
 * A message's HTML for a frame in which it loads and runs nothing, as in a mail program that is set to light or to dark,
 * whatever the reader's own browser is set to.
 */
export function framedHtml(html: string, scheme: 'light' | 'dark'): string {
  // Frames of another origin are not asked what the page around them prefers: the question is answered here.
  const answered = withoutLoading(html).replace(schemeQuery, (_, asked: string) =>
    asked.toLowerCase() === scheme ? '(min-width: 0)' : '(max-width: 0)',
  );
  // What sets no background of its own gets the scheme's, and what sets its text's colour alone may be hard to read on it.
  return answered.replace(base, `${base}<style>:root{color-scheme:only ${scheme}}</style>`);
}
