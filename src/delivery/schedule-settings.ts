import { z } from 'zod';
import { localTimeSchema } from './contact-date.js';
import { duration, fieldName } from './definition-text.js';
import { delayMs, delayPattern } from './duration.js';
import { failureLimitsSchema } from './failure-limits.js';
import { sizeSchema } from './share.js';
import { isTimeZone } from './wall-clock.js';

/** More of them would fill the state of the process and its histories. */
export const maxWaves = 200;

/** Waves of one size, one after the other. */
const evenWavesSchema = z.strictObject({
  size: sizeSchema('sending.waves.size'),
  every: duration('sending.waves.every'),
});

/** Waves of their own sizes, each a while after the start: what a ramp-up table for a new address is. */
const calendarSchema = z.strictObject({
  calendar: z
    .array(
      z.strictObject({
        after: z
          .string('sending.waves.calendar.after must be text')
          .regex(delayPattern, 'sending.waves.calendar.after must be a duration such as 24h, or 0h'),
        size: sizeSchema('sending.waves.calendar.size'),
      }),
    )
    .min(1, 'sending.waves.calendar must name a wave')
    .max(maxWaves, `sending.waves.calendar names more than ${maxWaves} waves`)
    .check(({ value: waves, issues }) => {
      // Durations that are none have their own sentence.
      if (issues.length > 0) return;
      const starts = waves.map(({ after }) => delayMs(after));
      if (starts.every((start, i) => start > (starts[i - 1] ?? -1))) return;
      const message = 'sending.waves.calendar must name its waves in their order, each later than the one before';
      issues.push({ code: 'custom', message, input: waves, continue: true });
    }),
});

/** A small first wave. The others follow where it keeps within its limits, or by a person's word. */
const canarySchema = z
  .strictObject({
    size: sizeSchema('sending.canary.size'),
    /** From the end of its first pass to the look at what became of it. */
    wait: duration('sending.canary.wait'),
    limits: failureLimitsSchema('sending.canary.limits').optional(),
    goOn: z.literal('by-operator', 'sending.canary.goOn must be by-operator').optional(),
  })
  .refine(
    ({ limits, goOn }) => (limits === undefined) !== (goOn === undefined),
    'sending.canary needs either limits or goOn: by-operator',
  );

/** When messages leave. Absent, each setting leaves things as they are without a schedule. */
export const scheduleShape = {
  /** The contact date. */
  at: localTimeSchema('sending.at').optional(),
  timeZone: z
    .string('sending.timeZone must be text')
    .refine(isTimeZone, 'sending.timeZone must be a time zone such as Europe/Berlin')
    .optional(),
  /** Where it is named, the contact date is each recipient's own: nine o'clock where they are. */
  recipientTimeZoneField: fieldName('sending.recipientTimeZoneField').optional(),
  /** A start that is later than it was due by more than this is decided anew. */
  lateness: duration('sending.lateness').optional(),
  waves: z
    .union([evenWavesSchema, calendarSchema], 'sending.waves needs size and every, or a calendar of after and size')
    .optional(),
  canary: canarySchema.optional(),
};

type ScheduleSettings = z.output<z.ZodObject<typeof scheduleShape>>;
export type CanarySettings = z.output<typeof canarySchema>;

/** What the settings of a schedule demand of one another: a sentence for each that does not fit. */
const together: readonly {
  path: keyof ScheduleSettings;
  message: string;
  fits: (given: ScheduleSettings) => boolean;
}[] = [
  {
    path: 'timeZone',
    message: 'sending.at needs the time zone that it is meant in: add sending.timeZone, such as Europe/Berlin',
    fits: ({ at, timeZone }) => at === undefined || timeZone !== undefined,
  },
  {
    path: 'timeZone',
    message: 'sending.timeZone is for sending.at: add that, or take it out',
    fits: ({ at, timeZone }) => at !== undefined || timeZone === undefined,
  },
  {
    path: 'recipientTimeZoneField',
    message: 'sending.recipientTimeZoneField is for sending.at: add that, or take it out',
    fits: ({ at, recipientTimeZoneField }) => at !== undefined || recipientTimeZoneField === undefined,
  },
  {
    path: 'waves',
    message:
      "waves in the recipients' own time zones and waves by size exclude each other: take sending.waves or sending.recipientTimeZoneField out",
    fits: ({ waves, recipientTimeZoneField }) => waves === undefined || recipientTimeZoneField === undefined,
  },
];

/** Adds what does not fit together to the faults of the settings. */
export function judgeSchedule(settings: ScheduleSettings): { path: string[]; message: string }[] {
  return together.flatMap(({ path, message, fits }) => (fits(settings) ? [] : [{ path: [path], message }]));
}

/** What is tolerated where the definition names no `lateness`; without a contact date any delay is. */
export const defaultLateness = '1h';
