import { domainOf } from './address.js';
import type { DeliverySettings, Profile } from './definition.js';
import { mobileCarriers, type MobileCarrierId } from './mobile-carriers.js';

/** Whose field says this gets the ordinary message, whatever the domain of the address. */
export const ordinaryWord = 'none';

/** What a field's words are written with and compared without: a regular expression of JavaScript and of Postgres alike. */
export const betweenLetters = '[ \t\r\n\u00a0\u3000_-]';

/** By the words that a profile's field names them by. */
const byWord = new Map<string, MobileCarrierId | undefined>([[ordinaryWord, undefined], ...entriesOf('words')]);

const byDomain = new Map(entriesOf('domains').filter(([domain]) => !domain.startsWith('*')));
/** With their first dot. */
const bySuffix = entriesOf('domains')
  .filter(([domain]) => domain.startsWith('*'))
  .map(([domain, id]) => [domain.slice(1), id] as const);

function entriesOf(column: 'words' | 'domains'): [string, MobileCarrierId][] {
  const carriers = Object.entries(mobileCarriers) as [MobileCarrierId, (typeof mobileCarriers)[MobileCarrierId]][];
  return carriers.flatMap(([id, carrier]) => carrier[column].map((value): [string, MobileCarrierId] => [value, id]));
}

/** Whom a message is for. */
interface Reader {
  fields: Profile['fields'];
  /** As in the envelope. */
  address: string;
  /** Of the profile, as written, where the message is a proof. */
  profileAddress?: string | null | undefined;
}

/**
 * Who reads mail on a Japanese mobile: by what the profile names, else by the domain of the address. It follows from what
 * is sealed, so that a message has the same format whenever it is made. `countMobileRecipients` asks the same in SQL.
 *
 * A proof goes to a test address: it is in the format of that one's mobile, or else shows what the profile would get.
 *
 * @returns whose mobile it is; undefined for everybody else, who gets the ordinary message
 */
export function compileMobileFormat({
  mobileFormatField,
}: Pick<DeliverySettings, 'mobileFormatField'>): (reader: Reader) => MobileCarrierId | undefined {
  return ({ fields, address, profileAddress }) => {
    const named = fields[mobileFormatField];
    if (typeof named === 'string') {
      const word = wordOf(named);
      if (byWord.has(word)) return byWord.get(word);
    }
    // A message's domain is the one that an address of its kind has: judging it again would cost more than all of this.
    const own = carrierOf(address.slice(address.lastIndexOf('@') + 1));
    return own ?? (profileAddress ? carrierOf(domainOf(profileAddress)) : undefined);
  };
}

const between = new RegExp(betweenLetters, 'g');

/** Of ASCII alone, as Postgres does it under the collation "C". */
const wordOf = (written: string) => written.replace(between, '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** @param domain - a lower-case A-label */
function carrierOf(domain: string): MobileCarrierId | undefined {
  return byDomain.get(domain) ?? bySuffix.find(([suffix]) => domain.endsWith(suffix))?.[1];
}
