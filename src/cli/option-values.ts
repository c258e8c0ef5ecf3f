import { InvalidArgumentError } from 'commander';

/** A whole number from 1. @throws InvalidArgumentError, which commander turns into a usage error */
export function countOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

/** A TCP port; 0 is any that is free. @throws InvalidArgumentError */
export function portOption(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port: 0 to 65535, where 0 is any that is free.');
}

/** One of some words; several are separated by commas. */
export function wordsOption<Word extends string>(words: readonly Word[]): (text: string, before?: Word[]) => Word[] {
  return (text, before = []) => {
    const given = text.split(',').map((word) => {
      const known = words.find((one) => one === word.trim());
      if (known === undefined) throw new InvalidArgumentError(`There are ${words.join(', ')}.`);
      return known;
    });
    return [...before, ...given];
  };
}

/**
 * An instant (`2026-11-24T22:10:05Z`), or all of a day in UTC (`2026-11-24`).
 *
 * @returns its first and its last millisecond, since the epoch
 */
export function timeOption(text: string): { first: number; last: number } {
  const [, day = '', time] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const first = Date.parse(text);
  // JavaScript takes 30 February for a day in March.
  const exists = Number.isFinite(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!exists || Number.isNaN(first)) {
    throw new InvalidArgumentError(
      'It must be a day, such as 2026-11-24, or an instant, such as 2026-11-24T22:10:05Z.',
    );
  }
  return { first, last: time === undefined ? first + 86_400_000 - 1 : first };
}

/** One of some words. */
export function wordOption<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const known = words.find((word) => word === text);
    if (known === undefined) throw new InvalidArgumentError(`There are ${words.join(', ')}.`);
    return known;
  };
}
