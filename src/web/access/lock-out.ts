const minute = 60_000;
/** So many wrong passwords in a row are anybody's bad morning. */
const freeFailures = 5;
const longestMs = 15 * minute;

/**
 * How long an account takes no password after so many failures in a row: twice as long each time, and never so long that
 * a stranger could keep somebody out for a day.
 */
export function lockMs(failures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(longestMs, minute * 2 ** (failures - freeFailures));
}
