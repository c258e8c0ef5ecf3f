export const maxFields = 1_000;

/** Names that templates give a meaning of their own. */
const reserved =
  'delivery unsubscribe_url mirror_url forloop __proto__ true false nil null empty blank and or not contains'.split(
    ' ',
  );

/**
 * @param names - of the recipients' fields, the address among them
 * @param addressField - the one that holds the address; templates know it as `email` whatever its name
 * @returns a sentence for everything that is wrong with the names
 */
export function checkFieldNames(names: readonly string[], addressField: string): string[] {
  if (names.length > maxFields) return [`there are ${names.length} columns; ${maxFields} is the most`];
  const sentences = names.flatMap((name, index) => sentenceAbout(name, names.slice(0, index), addressField));
  const seen = names.map((name) => `"${name}"`).join(', ');
  return names.includes(addressField)
    ? sentences
    : [
        ...sentences,
        `there is no column "${addressField}" with the address; there ${names.length === 1 ? 'is' : 'are'} ${seen}: name the right one as addressField in the definition`,
      ];
}

function sentenceAbout(name: string, before: readonly string[], addressField: string): string[] {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [badName(name, before.length + 1)];
  if (before.includes(name)) return [`there are two columns "${name}"; rename or remove one`];
  if (reserved.includes(name) || (name === 'email' && addressField !== 'email')) {
    return [`the column "${name}" has a name that means something else in templates; rename it`];
  }
  return [];
}

function badName(name: string, column: number): string {
  if (!name) return `column ${column} has no name`;
  const plain = name
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const suggestion = plain ? `, for instance "${/^\d/.test(plain) ? `_${plain}` : plain}"` : '';
  return `the column "${name.slice(0, 60)}" needs a name that templates can use: letters a–z, digits and "_", no digit first${suggestion}`;
}
