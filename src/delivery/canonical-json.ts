/** Deeper values are refused: nothing of ours nests so, and a cycle would never end. */
const maxDepth = 100;

/**
 * JSON in the one form that RFC 8785 gives every value: members sorted by UTF-16 code units, no white space, numbers
 * and strings as ECMAScript writes them. Two values are the same exactly when their canonical forms are.
 *
 * A member that is `undefined` is left out, as if it were not there.
 *
 * @param value - null, booleans, text, numbers, arrays and plain objects
 * @throws TypeError naming the place of what JSON cannot carry exactly: `undefined`, functions, symbols, bigints,
 *   dates, maps and other class instances, NaN and infinities, whole numbers beyond 2^53, text that is not well-formed
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$', 0);
}

function write(value: unknown, place: string, depth: number): string {
  if (depth > maxDepth) throw new TypeError(`${place} is nested more than ${maxDepth} levels deep`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return writeText(value, place);
  if (typeof value === 'number') return writeNumber(value, place);
  if (Array.isArray(value))
    return `[${Array.from(value, (item, i) => write(item, `${place}[${i}]`, depth + 1)).join()}]`;
  if (typeof value === 'object' && isPlain(value)) return writeObject(value, place, depth);
  throw new TypeError(`${place} is ${describe(value)}, which JSON cannot carry`);
}

function writeObject(value: object, place: string, depth: number): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The order of UTF-16 code units that RFC 8785 §3.2.3 asks for is that of `<` on strings.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${writeText(name, place)}:${write(member, `${place}.${name}`, depth + 1)}`);
  return `{${members.join()}}`;
}

function writeText(text: string, place: string): string {
  // RFC 8785 §3.2.2.2: a lone surrogate has no UTF-8 form, so it ends the matter.
  if (/\p{Surrogate}/u.test(text)) throw new TypeError(`${place} holds text that is not well-formed Unicode`);
  return JSON.stringify(text);
}

function writeNumber(number: number, place: string): string {
  if (!Number.isFinite(number)) throw new TypeError(`${place} is ${number}, which JSON cannot carry`);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new TypeError(`${place} is a whole number beyond 2^53, which not every reader keeps exactly`);
  }
  return JSON.stringify(number);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? `a ${value?.constructor.name ?? 'value'}` : typeof value;
}
