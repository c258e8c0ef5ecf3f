/** Milliseconds since the epoch, both within it. */
export interface TimeSpan {
  first: number;
  last: number;
}

/** @returns an instant (`2026-11-24T22:10:05Z`), or all of a day in UTC (`2026-11-24`); undefined for anything else */
export function timeSpan(text: string): TimeSpan | undefined {
  const [, day = '', time] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const first = Date.parse(text);
  // JavaScript takes 30 February for a day in March.
  const exists = Number.isFinite(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!exists || Number.isNaN(first)) return undefined;
  return { first, last: time === undefined ? first + 86_400_000 - 1 : first };
}
