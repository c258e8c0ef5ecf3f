import type { Profile } from '../delivery/definition.js';
import { FieldValues, RecipientRefused } from './field-value.js';
import { checkFieldName, maxFields } from './recipient-fields.js';

/**
 * @param addressField - the member that holds the address
 * @param fieldOf - the field that a member becomes; one that is not named is a field of its own name
 * @returns reads one recipient after the other; it throws RecipientRefused for what is none
 */
export function recipientReader(
  addressField: string,
  fieldOf?: ReadonlyMap<string, string>,
): (recipient: unknown, row: number) => Profile {
  const goodNames = new Set([addressField]);
  const checkName = (name: string, column: number): void => {
    if (goodNames.has(name)) return;
    const [sentence] = checkFieldName(name, column, addressField);
    if (sentence) throw new RecipientRefused('', sentence);
    if (goodNames.size > maxFields)
      throw new RecipientRefused(
        '',
        `brings one field more than the ${maxFields} that all together may have; take out what no template uses`,
      );
    goodNames.add(name);
  };
  return (recipient, row) => {
    if (typeof recipient !== 'object' || recipient === null || Array.isArray(recipient))
      throw new RecipientRefused('', `must be an object with an ${addressField}`);
    const values = new FieldValues();
    const profile: Profile = { row, address: '', fields: {} };
    for (const [index, [member, given]] of Object.entries(recipient).entries()) {
      const name = fieldOf?.get(member) ?? member;
      checkName(name, index + 1);
      if (name === addressField) profile.address = addressOf(given, name, values);
      else {
        const value = values.take(given, name);
        if (Object.hasOwn(profile.fields, name)) throw new RecipientRefused(name, 'is there twice: once by map');
        const isEmpty = value === undefined || (typeof value === 'string' && !value.trim());
        if (!isEmpty) profile.fields[name] = value;
      }
    }
    return profile;
  };
}

function addressOf(given: unknown, name: string, values: FieldValues): string {
  if (given === undefined || given === null) return '';
  if (typeof given !== 'string')
    throw new RecipientRefused(name, `must be text, not ${Array.isArray(given) ? 'a list' : typeof given}`);
  return values.text(given, name).trim();
}
