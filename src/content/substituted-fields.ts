import { addressPattern } from './address-spellings.js';
import type { FieldValue, Profile } from '../delivery/definition.js';

/**
 * A profile's fields as a proof shows them: wherever its own address stands in one, alone or within a longer text, the
 * proof's recipient stands in its place, so that no mail about a real person names where that person is reached.
 *
 * Upper and lower case do not count, nor whether the address is written as in a URL or with its domain as A-labels. What
 * was made of an address otherwise, such as a hash, cannot be told from other text and stays.
 *
 * @param own - the profile's address as its source writes it
 * @param substitute - the proof's recipient
 */
export function substitutedFields(fields: Profile['fields'], own: string, substitute: string): Profile['fields'] {
  const address = addressPattern(own);
  if (!address) return fields;
  const replaced = (text: string): string =>
    text.replace(address, (found) => (found.includes('@') ? substitute : encodeURIComponent(substitute)));
  return membersOf(fields, replaced);
}

function membersOf(
  members: Readonly<Record<string, FieldValue>>,
  replaced: (text: string) => string,
): Profile['fields'] {
  // A loop writes names out too, and a member's may be an address.
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [replaced(name), valueOf(value, replaced)]));
}

function valueOf(value: FieldValue, replaced: (text: string) => string): FieldValue {
  if (typeof value === 'string') return replaced(value);
  if (typeof value !== 'object') return value;
  return isList(value) ? value.map((one) => valueOf(one, replaced)) : membersOf(value, replaced);
}

/** `Array.isArray` alone takes a read-only list for an object. */
const isList = (value: object): value is readonly FieldValue[] => Array.isArray(value);
