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
  if (names.length > maxFields)
    return [`there are ${names.length} columns; ${maxFields} is the most: take out what no template uses`];
  // The rest of what could be said follows from it.
  if (!names.includes(addressField) && names.includes('email')) return [noAddress(names, addressField)];
  const sentences = names.flatMap((name, index) =>
    checkFieldName(name, index + 1, addressField, names.slice(0, index)),
  );
  return names.includes(addressField) ? sentences : [...sentences, noAddress(names, addressField)];
}

/** Where names are missing, values stand in their place: an address, a long text or a number is not told. */
const mayBeTold = (name: string) => name.length <= 60 && !/@|\d{5}/.test(name);

function noAddress(names: readonly string[], addressField: string): string {
  const missing = `there is no column "${addressField}" with the address`;
  if (!names.every(mayBeTold)) return `${missing}; the first row must name the columns`;
  const seen = names.map((name) => `"${name}"`).join(', ');
  return `${missing}; there ${names.length === 1 ? 'is' : 'are'} ${seen}: name the right one as addressField in the definition`;
}

/**
 * @param column - its place among the recipient's fields, from 1
 * @param before - names that are taken
 * @returns what is wrong with a field's name
 */
export function checkFieldName(
  name: string,
  column: number,
  addressField: string,
  before: readonly string[] = [],
): string[] {
  // Templates know the address as `email`, whatever its column is called.
  if (name !== addressField && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [badName(name, column)];
  if (before.includes(name)) return [`there are two columns "${name}"; rename or remove one`];
  if (reserved.includes(name) || (name === 'email' && addressField !== 'email')) {
    return [`the column "${name}" has a name that means something else in templates; rename it`];
  }
  return [];
}

function badName(name: string, column: number): string {
  if (!name) return `column ${column} has no name; name it, or take it out`;
  const rule = 'needs a name that templates can use: letters a–z, digits and "_", no digit first';
  if (!mayBeTold(name)) return `column ${column} ${rule}`;
  const plain = name
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const suggestion = plain ? `, for instance "${/^\d/.test(plain) ? `_${plain}` : plain}"` : '';
  return `the column "${name}" ${rule}${suggestion}`;
}
