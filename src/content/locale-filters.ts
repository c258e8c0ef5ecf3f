import { type Context, toValue } from 'liquidjs';
import { isLocale } from '../delivery/definition-text.js';

/** Under this key, the scope of a message has a function that gives its languages, the preferred one first. */
export const localesKey = Symbol('locales');

/** What a filter cannot write. The sentence is for the author, and holds no value. */
export class FilterFault extends Error {
  override name = 'FilterFault';
}

/** A language that every ICU has: without one that it knows, `Intl` takes that of the machine. */
const lastResort = 'en';

/**
 * @param value - of the recipient's field; "_" may stand for "-"
 * @param field - its name
 * @param deliveryLocale - counts where the recipient has none, or one that ICU does not know
 * @throws FilterFault for what is no language tag
 */
export function localesOf(value: unknown, field: string, deliveryLocale: string): string[] {
  if (isEmpty(value)) return [deliveryLocale, lastResort];
  const tag = typeof value === 'string' ? value.trim().replaceAll('_', '-') : '';
  // BCP 47 leaves room for languages of four to eight letters, and there are none: "Deutsch" is no tag.
  if (!isLocale(tag) || /^[a-z]{4}/i.test(tag))
    throw new FilterFault(`field "${field}" is no language such as de or pt-BR`);
  return [tag, deliveryLocale, lastResort];
}

/** What the engine calls a filter on. */
export interface FilterThis {
  context: Context;
}
type LocaleFilter = (this: FilterThis, value: unknown, ...args: unknown[]) => string;

/**
 * Filters that write in the recipient's language and region. What they write is that of the ICU that Node was built with,
 * so workers of one delivery run the same Node: another one could break the seal.
 */
export const localeFilters: Readonly<Record<string, LocaleFilter>> = {
  number(value, digits) {
    return written(this, 'number', value, digitOptions('number', digits));
  },
  percent(value, digits) {
    return written(this, 'percent', value, { style: 'percent', ...digitOptions('percent', digits) });
  },
  money(value, currency) {
    if (typeof currency !== 'string' || !currencies.has(currency))
      throw new FilterFault('"money" takes a currency such as "EUR"');
    return written(this, 'money', value, { style: 'currency', currency });
  },
  local_date(value, date = 'medium', time) {
    if (!isStyle(date) || (time !== undefined && !isStyle(time)))
      throw new FilterFault(`"local_date" takes one of ${styles.join(', ')}, for the date and for the time`);
    const instant = instantOf('local_date', value);
    if (!instant) return '';
    const options: Intl.DateTimeFormatOptions = { dateStyle: date, timeZone: 'UTC', ...(time && { timeStyle: time }) };
    return cached(Intl.DateTimeFormat, localesFor(this), options).format(instant);
  },
};

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const styles = ['short', 'medium', 'long', 'full'] as const;
const isStyle = (text: unknown): text is (typeof styles)[number] => styles.some((style) => style === text);

/** Like other filters, these leave nothing of nothing. */
function isEmpty(value: unknown): boolean {
  // Liquid's `nil` is an object.
  const plain: unknown = toValue(value);
  return plain === undefined || plain === null || (typeof plain === 'string' && plain.trim() === '');
}

const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/** No number that anybody reads is longer. */
const longestNumber = 64;

function written(filter: FilterThis, name: string, value: unknown, options: Intl.NumberFormatOptions): string {
  if (isEmpty(value)) return '';
  const number = typeof value === 'string' ? numberIn(value.trim()) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new FilterFault(`"${name}" takes a number such as 1234.5`);
  return cached(Intl.NumberFormat, localesFor(filter), options).format(number);
}

const numberIn = (text: string) => (text.length <= longestNumber && decimal.test(text) ? Number(text) : undefined);

function digitOptions(filter: string, digits: unknown): Intl.NumberFormatOptions {
  if (digits === undefined) return {};
  if (!Number.isInteger(digits) || Number(digits) < 0 || Number(digits) > 20)
    throw new FilterFault(`"${filter}" takes 0 to 20 digits`);
  return { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) };
}

function localesFor({ context }: FilterThis): string[] {
  const locales: unknown = Reflect.get(context.environments, localesKey);
  return typeof locales === 'function' ? (locales() as string[]) : [lastResort];
}

const isoDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * @param filter - its name, for the fault
 * @param value - an ISO date, in UTC unless it says otherwise
 * @returns undefined for an empty value
 * @throws FilterFault for what is no date
 */
export function instantOf(filter: string, value: unknown): Date | undefined {
  if (isEmpty(value)) return undefined;
  const text = typeof value === 'string' ? value.trim() : '';
  const inZone = text.includes('T') && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
  if (!isoDate.test(text) || !isOnCalendar(inZone))
    throw new FilterFault(`"${filter}" takes an ISO date such as 2026-11-03`);
  return new Date(inZone);
}

/** JavaScript takes February 30 for March 2. */
function isOnCalendar(instant: string): boolean {
  const day = new Date(instant.slice(0, 10));
  return !Number.isNaN(Date.parse(instant)) && instant.startsWith(day.toISOString().slice(0, 10));
}

/** Recipients of one delivery share a few languages; whoever sends in more makes some anew. */
const maxCached = 500;
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** Making a formatter takes some hundred times as long as using it. */
function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat, Options>(
  Formatter: new (locales: string[], options: Options) => T,
  locales: string[],
  options: Options,
): T {
  const key = JSON.stringify([locales, options]);
  const known = cache.get(key);
  if (known instanceof Formatter) return known;
  if (cache.size >= maxCached) cache.clear();
  const made = new Formatter(locales, options);
  cache.set(key, made);
  return made;
}
