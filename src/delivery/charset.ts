/** Character encodings that a delivery may force, by their MIME names in lower case. */
export const charsets = [
  'utf-8',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}` as const),
  ...([1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258] as const).map((page) => `windows-${page}` as const),
  'iso-2022-jp',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'euc-kr',
] as const;

export type Charset = (typeof charsets)[number];

const maxNamed = 5;

/** Names characters to a person; one that shows nothing by itself is named by its code point alone. */
export function characterNames(characters: readonly string[]): string {
  const names = characters.slice(0, maxNamed).map((character) => {
    const codePoint = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
    return /[\p{C}\p{Z}\p{M}]/u.test(character) ? codePoint : `"${character}" (${codePoint})`;
  });
  return names.join(', ') + (characters.length > maxNamed ? ' and others' : '');
}
