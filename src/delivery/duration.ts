const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Written durations: a whole number and a unit, e.g. `90s`, `30m`, `1h`, `5d`. */
export const durationPattern = /^([1-9]\d{0,5})([smhd])$/;

/**
 * @param text - a duration as {@link durationPattern} describes it
 * @returns milliseconds
 * @throws RangeError when the text is not a duration; the schema has refused such text before
 */
export function durationMs(text: string): number {
  const match = durationPattern.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a duration such as 30m, 1h or 5d`);
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** @returns a duration as it is written, in the largest unit that says it whole */
export function durationText(milliseconds: number): string {
  const units = Object.entries(unitMs).toReversed();
  const [unit, ms] = units.find(([, each]) => milliseconds % each === 0) ?? ['s', unitMs.s];
  return `${Math.round(milliseconds / ms)}${unit}`;
}

/** The same, and no time at all: `0h`. */
export const delayPattern = /^(?:0|[1-9]\d{0,5})[smhd]$/;

/** @param text - a delay as {@link delayPattern} describes it */
export function delayMs(text: string): number {
  return text.startsWith('0') ? 0 : durationMs(text);
}
