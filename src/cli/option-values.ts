import { InvalidArgumentError } from 'commander';
import { timeSpan, type TimeSpan } from '../wording/time-span.js';

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

/** @throws InvalidArgumentError for what {@link timeSpan} does not know */
export function timeOption(text: string): TimeSpan {
  const span = timeSpan(text);
  if (span) return span;
  throw new InvalidArgumentError('It must be a day, such as 2026-11-24, or an instant, such as 2026-11-24T22:10:05Z.');
}

/** One of some words. */
export function wordOption<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const known = words.find((word) => word === text);
    if (known === undefined) throw new InvalidArgumentError(`There are ${words.join(', ')}.`);
    return known;
  };
}
