import { type FilterThis, FilterFault, instantOf } from './locale-filters.js';

/** Liquid's own, for a `date` without one. */
const defaultFormat = '%A, %B %-e, %Y at %-l:%M %P %z';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(' ');

/** Days that begin with the first of January; those before the first Sunday (0) or Monday (1) are in week 0. */
const weekOfYear = (date: Date, firstDay: number) =>
  Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() - firstDay + 7) % 7)) / 7);
const dayOfYear = (date: Date) =>
  Math.floor((date.getTime() - new Date(date).setUTCMonth(0, 1)) / (24 * 60 * 60 * 1000)) + 1;
const hourOf12 = (date: Date) => date.getUTCHours() % 12 || 12;

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}

type Directive = [write: (date: Date) => string | number, width?: number, pad?: ' ' | '0'];
const shortMonth: Directive = [(date) => (months[date.getUTCMonth()] ?? '').slice(0, 3), 0, ' '];
const directives: ReadonlyMap<string, Directive> = new Map<string, Directive>([
  ['a', [(date) => (days[date.getUTCDay()] ?? '').slice(0, 3), 0, ' ']],
  ['A', [(date) => days[date.getUTCDay()] ?? '', 0, ' ']],
  ['b', shortMonth],
  ['h', shortMonth],
  ['B', [(date) => months[date.getUTCMonth()] ?? '', 0, ' ']],
  ['C', [(date) => Math.floor(date.getUTCFullYear() / 100), 2]],
  ['d', [(date) => date.getUTCDate(), 2]],
  ['e', [(date) => date.getUTCDate(), 2, ' ']],
  ['H', [(date) => date.getUTCHours(), 2]],
  ['I', [hourOf12, 2]],
  ['j', [dayOfYear, 3]],
  ['k', [(date) => date.getUTCHours(), 2, ' ']],
  ['l', [hourOf12, 2, ' ']],
  ['L', [(date) => date.getUTCMilliseconds(), 3]],
  ['m', [(date) => date.getUTCMonth() + 1, 2]],
  ['M', [(date) => date.getUTCMinutes(), 2]],
  ['p', [(date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'), 0, ' ']],
  ['P', [(date) => (date.getUTCHours() < 12 ? 'am' : 'pm'), 0, ' ']],
  ['q', [(date) => ordinal(date.getUTCDate())]],
  ['s', [(date) => Math.floor(date.getTime() / 1000)]],
  ['S', [(date) => date.getUTCSeconds(), 2]],
  ['u', [(date) => date.getUTCDay() || 7]],
  ['U', [(date) => weekOfYear(date, 0), 2]],
  ['w', [(date) => date.getUTCDay()]],
  ['W', [(date) => weekOfYear(date, 1), 2]],
  ['y', [(date) => date.getUTCFullYear() % 100, 2]],
  ['Y', [(date) => date.getUTCFullYear(), 4]],
  ['z', [() => '+0000']],
  ['Z', [() => '+0000']],
  ['t', [() => '\t']],
  ['n', [() => '\n']],
  ['%', [() => '%']],
]);

/** "%-d", "%02m", "%^a": flags, a width, a modifier that changes nothing, and what to write. */
const directive = /%([-_0^#:]*)(\d{0,2})[EO]?(.)/g;

/**
 * Liquid's `date`: strftime, in English and in UTC. The library's own asks the machine for its time zone, wrong in the
 * hour that summer time leaves out, and for the forms of its language.
 *
 * @param value - an ISO date
 * @throws FilterFault
 */
export function writeDate(this: FilterThis, value: unknown, format: unknown = defaultFormat): string {
  if (typeof format !== 'string') throw new FilterFault('"date" takes a format such as "%d.%m.%Y"');
  if ([...format.matchAll(directive)].some(([, , , what]) => 'cxX'.includes(what ?? '')))
    throw new FilterFault('"date" has no %c, %x and %X, which every machine writes its own way: use "local_date"');
  const date = instantOf('date', value);
  if (!date) return '';
  const written = format.replace(directive, (whole, flags: string, width: string, what: string) => {
    const known = what === 'N' ? nanoseconds(date, Number(width)) : directives.get(what);
    return known ? padded(known, date, flags, Number(width)) : whole;
  });
  this.context.memoryLimit.use(format.length + written.length);
  return written;
}

/** As many digits of the fraction as the width says. */
const nanoseconds = (date: Date, width: number): Directive => [
  () =>
    date
      .toISOString()
      .slice(-4, -1)
      .padEnd(9, '0')
      .slice(0, width || 9)
      .padEnd(width, '0'),
];

function padded([write, usual = 0, pad = '0']: Directive, date: Date, flags: string, width: number): string {
  let text = String(write(date));
  if (flags.includes(':')) text = text.replace(/^\+00(?=00$)/, '+00:');
  if (flags.includes('^')) text = text.toUpperCase();
  else if (flags.includes('#')) text = /[a-z]/.test(text) ? text.toUpperCase() : text.toLowerCase();
  if (flags.includes('-')) return text;
  return text.padStart(width || usual, flags.includes('_') ? ' ' : flags.includes('0') ? '0' : pad);
}
