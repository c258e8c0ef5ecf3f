import type { Profile } from '../delivery/definition.js';
import { DefinitionError } from './definition-faults.js';
import { RecipientRefused } from './field-value.js';
import { recipientReader } from './recipient-object.js';

/** A field's value as an engineer gives it; null and undefined are missing. */
export type GivenValue =
  string | number | boolean | null | undefined | readonly GivenValue[] | { readonly [name: string]: GivenValue };

/** One recipient as an engineer gives it: the address and the fields for personalisation. */
export type GivenRecipient = { email: string } & { readonly [name: string]: GivenValue };

/**
 * @param recipients - given in code
 * @returns them as a target; rows count from 1
 * @throws DefinitionError while iterating, at the first one that is wrong; names its place, never its values
 */
export async function* profilesOf(
  recipients: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<Profile, void, undefined> {
  const read = recipientReader('email');
  let index = 0;
  for await (const recipient of recipients) {
    const place = `recipients[${index}]`;
    index += 1;
    try {
      yield read(recipient, index);
    } catch (error) {
      if (!(error instanceof RecipientRefused)) throw error;
      const field = error.place ? `${place}.${error.place}` : place;
      throw new DefinitionError([{ field, sentence: error.message }]);
    }
  }
}
