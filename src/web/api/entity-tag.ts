import { createHash } from 'node:crypto';

/** A strong entity tag (RFC 9110 §8.8.3): it is the same where the answer is the same, octet by octet. */
export const entityTag = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;

/** @param given - the header If-None-Match, which compares weakly */
export function noneMatches(given: string | undefined, tag: string): boolean {
  if (given === undefined) return true;
  return given.trim() !== '*' && !given.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}
