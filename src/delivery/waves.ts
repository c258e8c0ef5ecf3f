import { z } from 'zod';
import type { SendingSettings } from './definition.js';
import { delayMs, durationMs } from './duration.js';
import { maxWaves } from './schedule-settings.js';
import { sizeOf } from './share.js';

const instant = z.iso.datetime();

/** Messages that may leave from one instant on: a contiguous range of sequence numbers. */
const waveSchema = z.strictObject({
  firstSeq: z.int(),
  lastSeq: z.int(),
  /** Counted from the start of sending; of waves by size. */
  afterMs: z.int().min(0).exactOptional(),
  /** ISO 8601; of waves by the recipients' time zones. */
  startsAt: instant.exactOptional(),
  /** What becomes of it decides whether the others follow. */
  canary: z.literal(true).exactOptional(),
});

/** When which messages leave: frozen by the analysis, and bound by the seal. */
export const scheduleSchema = z.strictObject({
  /** The contact date, ISO 8601; the earliest of those that recipients have. Absent where sending follows its decision. */
  startsAt: instant.exactOptional(),
  /** In their order; all messages are in one of them. */
  waves: z.array(waveSchema),
});

export type Wave = z.output<typeof waveSchema>;
export type Schedule = z.output<typeof scheduleSchema>;

/** Recipients whose own contact date is the same instant; they follow one another in the target. */
export interface ZoneStart {
  startsAt: string;
  /** Messages to them. */
  messages: number;
}

/** What a schedule is made for. */
export interface ScheduledTarget {
  firstSeq: number;
  lastSeq: number;
  messages: number;
  /** ISO 8601. */
  startsAt?: string;
  /** Where recipients have contact dates of their own: in order, and not empty. */
  zones?: readonly ZoneStart[];
}

type Part = Pick<Wave, 'afterMs' | 'startsAt' | 'canary'> & { messages: number };

/** Whether a definition asks for a schedule at all. */
export function hasSchedule({ at, waves, canary }: SendingSettings): boolean {
  return at !== undefined || waves !== undefined || canary !== undefined;
}

/**
 * @param lastSeqOf - sequence number of the nth message of the target, from 1; asked for those of {@link cutsOf} alone
 */
export function scheduleOf(
  sending: SendingSettings,
  target: ScheduledTarget,
  lastSeqOf: (nth: number) => number,
): Schedule {
  const { firstSeq, lastSeq, startsAt, messages } = target;
  const start = startsAt === undefined ? {} : { startsAt };
  if (messages === 0) return { ...start, waves: [] };
  let [from, done] = [firstSeq, 0];
  const waves = partsOf(sending, target).map(({ messages: size, ...when }): Wave => {
    done += size;
    const to = done < messages ? lastSeqOf(done) : lastSeq;
    const wave = { firstSeq: from, lastSeq: to, ...when };
    from = to + 1;
    return wave;
  });
  return { ...start, waves };
}

/** @returns after which messages, counted from 1, a wave ends and another one follows */
export function cutsOf(sending: SendingSettings, target: ScheduledTarget): number[] {
  let done = 0;
  return partsOf(sending, target)
    .slice(0, -1)
    .map(({ messages }) => (done += messages));
}

function partsOf(sending: SendingSettings, target: ScheduledTarget): Part[] {
  const { messages: all, zones } = target;
  const { canary } = sending;
  const first = canary ? Math.min(sizeOf(canary.size, all), zones?.[0]?.messages ?? all) : 0;
  const rest = zones ? partsByZone(zones, first) : partsBySize(sending, all, all - first);
  // Nobody follows a canary that is all there is.
  if (!canary || first >= all) return first === 0 ? rest : [{ ...startOf(zones), messages: all }];
  const follow = rest.map((part) => laterBy(durationMs(canary.wait), part, zones));
  return [{ ...startOf(zones), messages: first, canary: true }, ...follow];
}

const startOf = (zones: readonly ZoneStart[] | undefined): Pick<Part, 'afterMs' | 'startsAt'> =>
  zones?.[0] ? { startsAt: zones[0].startsAt } : { afterMs: 0 };

/** A wave that follows a canary: those by size keep their distance, those by zone leave in time where they still can. */
function laterBy(waitMs: number, part: Part, zones: readonly ZoneStart[] | undefined): Part {
  const { afterMs = 0, startsAt } = part;
  if (startsAt === undefined || !zones?.[0]) return { ...part, afterMs: afterMs + waitMs };
  const earliest = new Date(Date.parse(zones[0].startsAt) + waitMs).toISOString();
  return { ...part, startsAt: startsAt < earliest ? earliest : startsAt };
}

/** @param taken - messages of the first zone that are a wave of their own */
const partsByZone = (zones: readonly ZoneStart[], taken: number): Part[] =>
  zones
    .map(({ startsAt, messages }, i) => ({ startsAt, messages: i === 0 ? messages - taken : messages }))
    .filter(({ messages }) => messages > 0);

/** Shares are of all messages, also where a canary has taken its own before. */
function partsBySize({ waves }: SendingSettings, all: number, left: number): Part[] {
  if (!waves) return left === 0 ? [] : [{ afterMs: 0, messages: left }];
  if ('calendar' in waves)
    return filled(
      waves.calendar.map(({ after, size }) => ({ afterMs: delayMs(after), messages: sizeOf(size, all) })),
      left,
    );
  const size = sizeOf(waves.size, all);
  const count = Math.min(Math.ceil(left / size), maxWaves);
  const everyMs = durationMs(waves.every);
  return filled(
    Array.from({ length: count }, (_, i) => ({ afterMs: i * everyMs, messages: size })),
    left,
  );
}

/** No more than there is, and all that there is: the last takes the rest. */
function filled(given: readonly Part[], all: number): Part[] {
  let left = all;
  return given.flatMap((part, i) => {
    const messages = i === given.length - 1 ? left : Math.min(part.messages, left);
    left -= messages;
    return messages === 0 ? [] : [{ ...part, messages }];
  });
}

/** @returns the waves that sending goes by; undefined where all messages leave at once */
export function wavesToSend(schedule: Schedule | undefined): Wave[] | undefined {
  const [first, second] = schedule?.waves ?? [];
  return second || first?.afterMs ? schedule?.waves : undefined;
}

/**
 * When a wave may leave. Those by size keep their distance from the one before, so that none catches up after a pause; those
 * by zone have an instant of their own.
 *
 * @param index - of the wave
 * @param before - when the one before it, or sending, has started; as the result, milliseconds since the epoch
 */
export function waveDueAt(waves: readonly Wave[], index: number, before: number): number {
  const { startsAt, afterMs = 0 } = waves[index] ?? {};
  return startsAt === undefined ? before + afterMs - (waves[index - 1]?.afterMs ?? 0) : Date.parse(startsAt);
}
