/** Characters of a parameter's value on one line; with its name and percent signs it stays under 78. */
const chunkLength = 54;

/** @returns the value of Content-Type for a file, folded */
export function mediaType(type: string, name: string): string {
  return `${type};\r\n ${parameter('name', name)}`;
}

/** @returns the value of Content-Disposition (RFC 2183), folded */
export function contentDisposition(disposition: 'attachment' | 'inline', name: string): string {
  return `${disposition};\r\n ${parameter('filename', name)}`;
}

/**
 * RFC 2231 where a quoted string cannot hold the value: percent-encoded, and in pieces where it is long (§3). Two spaces
 * in a row would be one in the relaxed form that DKIM hashes.
 */
function parameter(name: string, value: string): string {
  if (/^(?!.* {2})[\x20!#-[\]-~]{1,54}$/.test(value)) return `${name}="${value}"`;
  const encoded = encodeURIComponent(value.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const pieces = encoded.match(new RegExp(`(?:%..|[^%]){1,${chunkLength / 3}}`, 'g')) ?? [];
  if (pieces.length === 1) return `${name}*=utf-8''${encoded}`;
  return pieces.map((piece, i) => `${name}*${i}*=${i === 0 ? "utf-8''" : ''}${piece}`).join(';\r\n ');
}
