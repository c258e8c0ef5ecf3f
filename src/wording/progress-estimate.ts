import type { DeliveryProgress } from '../client/index.js';
import { grouped } from './terminal-text.js';

/** How far a delivery was at an instant. */
export interface Sample {
  /** Milliseconds, of any clock that does not go back. */
  at: number;
  settled: number;
}

export interface Estimate {
  /** Messages per second. */
  rate: number;
  /** Seconds until all are settled; absent where nothing moves. */
  secondsLeft?: number;
}

/** Older samples say little of the present: a pause or a throttle must show within this time. */
const windowMs = 20_000;

/** @returns the samples that still count, with the new one */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const recent = samples.filter(({ at }) => at >= sample.at - windowMs);
  return [...recent, sample];
}

/** @returns undefined until two samples with time between them are there */
export function estimate(samples: readonly Sample[], total: number): Estimate | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return undefined;
  const rate = Math.max(0, ((last.settled - first.settled) * 1_000) / (last.at - first.at));
  if (rate === 0) return { rate };
  return { rate, secondsLeft: Math.max(0, total - last.settled) / rate };
}

/** `40 s`, `3 min`, `2 h 5 min`: in words as exact as an estimate can be. */
export function roughTime(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** @returns settled messages in whole percent; 100 only when all are settled, 0 for no messages */
export function percentOf({ settled, total }: Pick<DeliveryProgress, 'settled' | 'total'>): number {
  return total === 0 ? 0 : Math.floor((settled / total) * 100);
}

const barWidth = 24;

export function bar(percent: number): string {
  const full = Math.floor((percent / 100) * barWidth);
  return `[${'█'.repeat(full)}${'░'.repeat(barWidth - full)}]`;
}

/** `54 %, 532 of 987 messages, 1,240/s, about 12 s left`. */
export function progressText(progress: DeliveryProgress, estimated: Estimate | undefined): string {
  const { settled, total, counts } = progress;
  const { retrying = 0 } = counts;
  const { rate, secondsLeft } = estimated ?? {};
  return [
    `${String(percentOf(progress)).padStart(3)} %`,
    `${grouped(settled)} of ${grouped(total)} messages`,
    ...(rate === undefined ? [] : [`${rate < 10 && rate > 0 ? rate.toFixed(1) : grouped(rate)}/s`]),
    ...(retrying > 0 ? [`${grouped(retrying)} wait for another attempt`] : []),
    ...(secondsLeft === undefined || settled === total ? [] : [`about ${roughTime(secondsLeft)} left`]),
  ].join(', ');
}
