import type { Profile } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import { checkFieldNames } from './recipient-fields.js';

/** One recipient as an engineer gives it: the address and the fields for personalisation. */
export type GivenRecipient = { email: string } & Record<string, string | null | undefined>;

/**
 * @param recipients - given in code
 * @returns them as a target; rows count from 1
 * @throws DefinitionError while iterating, at the first one that is wrong; names its place, never its values
 */
export async function* profilesOf(
  recipients: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<Profile, void, undefined> {
  const goodNames = new Set<string>(['email']);
  let index = 0;
  for await (const recipient of recipients) {
    const place = `recipients[${index}]`;
    if (typeof recipient !== 'object' || recipient === null) throw wrong(place, 'must be an object with an email');
    const profile: Profile = { row: (index += 1), address: '', fields: {} };
    for (const [name, value] of Object.entries({ email: undefined, ...recipient })) {
      if (!goodNames.has(name)) checkName(name, place);
      goodNames.add(name);
      const text = textOf(value, `${place}.${name}`);
      if (name === 'email') profile.address = text.trim();
      else if (text.trim()) profile.fields[name] = text;
    }
    yield profile;
  }
}

function checkName(name: string, place: string): void {
  const [sentence] = checkFieldNames([name, 'email'], 'email');
  if (sentence) throw wrong(place, sentence);
}

function textOf(value: unknown, place: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string')
    throw wrong(place, `must be text, not ${Array.isArray(value) ? 'a list' : typeof value}`);
  // Neither has a place in a database's text or in UTF-8.
  if (/\0|\p{Surrogate}/u.test(value)) throw wrong(place, 'must be well-formed Unicode without NUL');
  if (value.length > 64 * 1024) throw wrong(place, 'is longer than 64 KB');
  return value;
}

const wrong = (field: string, sentence: string) => new DefinitionError([{ field, sentence }]);
