import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = runInNewContext('(one, other) => %HaveSameMap(one, other)') as (
  one: object,
  other: object,
) => boolean;
const isFast = runInNewContext('(object) => %HasFastProperties(object)') as (object: object) => boolean;

/**
 * How many hidden classes V8 has for some objects; one for each that it keeps as a hash table, as it does with accessors in
 * a literal. What comes once a message must have one for all: else what reads it misses its caches each time, and the old
 * generation fills with classes.
 */
export function countHiddenClasses(objects: readonly object[]): number {
  const found: object[] = [];
  for (const object of objects)
    if (!isFast(object) || !found.some((one) => haveSameMap(one, object))) found.push(object);
  return found.length;
}
