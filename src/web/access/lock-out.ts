const minute = 60_000;

/**
 * How long an account takes no password, by the number of failures in a row: four are anybody's bad morning. Never so long
 * that a stranger could keep somebody out for a day with one attempt.
 */
export const lockMs: readonly number[] = [0, 0, 0, 0, 1, 2, 4, 8, 15].map((minutes) => minutes * minute);
