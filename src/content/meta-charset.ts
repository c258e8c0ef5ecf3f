const metaTag = /<meta\b(?:[^"'<>]|"[^"]*"|'[^']*')*>/gi;
/** A name is read from its beginning alone: else one without a value takes as many attempts as it has characters. */
const attribute = /(?<![^\s"'=<>/])([^\s"'=<>/]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)/g;

/** @returns the HTML with `charset` in place of the character encoding that its meta tags name */
export function nameCharset(html: string, charset: string): string {
  return html.replace(metaTag, (tag) => {
    const isContentType = /\bhttp-equiv\s*=\s*(?:["']\s*)?content-type\b/i.test(tag);
    return tag.replace(attribute, (whole, name: string, equals: string, value: string) => {
      if (name.toLowerCase() === 'charset') return `${name}${equals}"${charset}"`;
      if (name.toLowerCase() !== 'content' || !isContentType) return whole;
      return name + equals + value.replace(/(charset\s*=\s*)[^\s;"']+/i, `$1${charset}`);
    });
  });
}
