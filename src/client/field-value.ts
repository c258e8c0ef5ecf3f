import type { FieldValue } from '../delivery/definition.js';

const fieldName = /^[A-Za-z_][A-Za-z0-9_]{0,59}$/;
const maxText = 64 * 1024;
const maxDepth = 10;
const maxRecipient = 256 * 1024;

/** What is wrong with a recipient. The sentence holds no value. */
export class RecipientRefused extends Error {
  override name = 'RecipientRefused';

  constructor(
    /** The field, such as `items[0].price`; empty for the recipient as a whole. */
    readonly place: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

/** Takes the values of one recipient over as JSON carries them. */
export class FieldValues {
  private bytes = 0;

  /**
   * @param place - of the value, for faults
   * @returns undefined for what is missing: undefined and null
   * @throws RecipientRefused
   */
  take(given: unknown, place: string, depth = 0): FieldValue | undefined {
    if (given === undefined || given === null) return undefined;
    if (depth > maxDepth) throw new RecipientRefused(place, `is nested more than ${maxDepth} deep; take levels out`);
    if (typeof given === 'string') return this.text(given, place);
    if (typeof given === 'number') return this.number(given, place);
    if (typeof given === 'boolean') return given;
    if (Array.isArray(given)) return Array.from(given, (item, i) => this.item(item, `${place}[${i}]`, depth + 1));
    if (typeof given === 'object' && isPlain(given)) return this.object(given, place, depth);
    const what = given instanceof Date ? 'a date' : typeof given === 'object' ? 'an instance of a class' : typeof given;
    throw new RecipientRefused(place, `must be text, a number, true, false, a list or an object, not ${what}`);
  }

  /** @throws RecipientRefused */
  text(text: string, place: string): string {
    // Neither has a place in a database's text or in UTF-8.
    if (/\0|\p{Surrogate}/u.test(text)) throw new RecipientRefused(place, 'must be well-formed Unicode without NUL');
    if (text.length > maxText) throw new RecipientRefused(place, 'is longer than 64 KB; shorten it');
    this.spend(JSON.stringify(text));
    return text;
  }

  private number(number: number, place: string): number {
    if (!Number.isFinite(number)) throw new RecipientRefused(place, 'must be a finite number');
    if (Number.isInteger(number) && !Number.isSafeInteger(number))
      throw new RecipientRefused(place, 'is a whole number beyond 2^53, which is not kept exactly: give it as text');
    this.spend(String(number));
    return number;
  }

  private item(given: unknown, place: string, depth: number): FieldValue {
    // A list of lists that hold nothing is big too.
    this.spend(',');
    const value = this.take(given, place, depth);
    if (value === undefined) throw new RecipientRefused(place, 'is missing in its list');
    return value;
  }

  private object(given: object, place: string, depth: number): FieldValue {
    const members = Object.entries(given).flatMap(([name, member], index) => {
      this.text(name, place);
      // Keys may be values, such as addresses.
      const step = fieldName.test(name) ? name : `(member ${index + 1})`;
      const value = this.take(member, `${place}.${step}`, depth + 1);
      return value === undefined ? [] : [[name, value] as const];
    });
    // In the order that Postgres gives members of jsonb back in, for a loop writes them out in order. `fromEntries` makes
    // own members of all names, `__proto__` too.
    return Object.fromEntries(members.sort(([a], [b]) => byLengthAndBytes(Buffer.from(a), Buffer.from(b))));
  }

  private spend(json: string): void {
    this.bytes += Buffer.byteLength(json);
    if (this.bytes > maxRecipient)
      throw new RecipientRefused(
        '',
        `is bigger than ${maxRecipient / 1024} KB as JSON; take out what no template uses`,
      );
  }
}

const byLengthAndBytes = (a: Buffer, b: Buffer) => a.length - b.length || Buffer.compare(a, b);

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
