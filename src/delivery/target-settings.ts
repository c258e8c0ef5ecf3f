import { z } from 'zod';
import { address, fieldName, singleLine } from './definition-text.js';

/** What a random draw goes by; the same seed draws the same rows. */
const seed = (what: string) => singleLine(what, 200).min(1, `${what} must not be empty`).optional();

/** The store counts rows in 32 bits. */
const mostRows = 2 ** 31 - 1;

const count = (what: string) =>
  z.int(`${what} must be a whole number`).min(1, `${what} must be at least 1`).max(mostRows, `${what} is too large`);

/** Percent times a hundred is whole, so that what a share comes to is the same in every arithmetic. */
const hasTwoDecimals = (percent: number): boolean => Math.round(percent * 100) / 100 === percent;

/** Recipients that are held out, to see what the e-mail brings about. */
const controlSchema = z
  .strictObject({
    count: count('target.control.count').optional(),
    /** Of those that would get the message, rounded down. */
    percent: z
      .number('target.control.percent must be a number')
      .gt(0, 'target.control.percent must be more than 0')
      .lt(100, 'target.control.percent must be less than 100')
      .refine(hasTwoDecimals, 'target.control.percent has at most two decimals')
      .optional(),
    seed: seed('target.control.seed'),
  })
  .refine(
    ({ count: number, percent }) => (number === undefined) !== (percent === undefined),
    'target.control needs either a count or a percent',
  );

const limitSchema = z
  .strictObject({
    count: count('target.limit.count'),
    /** `first` goes by the rows of the source. */
    order: z.enum(['first', 'random'], 'target.limit.order must be first or random').default('first'),
    seed: seed('target.limit.seed'),
  })
  .refine(
    ({ order, seed: given }) => order === 'random' || given === undefined,
    'target.limit.seed is for order: random',
  );

/** Of the sender's own people: who sees what recipients see, mixed in among them, and counts in no statistics. */
const seedSchema = z.preprocess(
  (given) => (typeof given === 'string' ? { address: given } : given),
  z.strictObject(
    {
      address: address('target.seeds'),
      /** In place of those of the recipient whose data the seed's message shows. */
      fields: z
        .record(
          z.string(),
          z.union(
            [z.string(), z.number(), z.boolean()],
            'a field of target.seeds must be text, a number, true or false',
          ),
        )
        // A record's own schema for names says nothing of what is wrong with one.
        .check(({ value, issues }) => {
          for (const name of Object.keys(value)) {
            const [fault] = fieldName('a field of target.seeds').safeParse(name).error?.issues ?? [];
            if (fault) issues.push({ code: 'custom', message: fault.message, path: [name], input: value });
          }
        })
        .optional(),
    },
    'target.seeds are addresses, or each an address with fields',
  ),
);

const maxSeeds = 100;

/** Who gets the message: which recipients the analysis leaves out, and which seeds it mixes in. */
export const targetSchema = z.strictObject({
  control: controlSchema.optional(),
  /** The most that get the message. */
  limit: limitSchema.optional(),
  /** What is false is let in. */
  exclude: z
    .strictObject({
      denylisted: z.boolean('target.exclude.denylisted must be true or false').default(true),
      quarantined: z.boolean('target.exclude.quarantined must be true or false').default(true),
      doubles: z.boolean('target.exclude.doubles must be true or false').default(true),
    })
    .prefault({}),
  seeds: z.array(seedSchema).max(maxSeeds, `target.seeds names more than ${maxSeeds} addresses`).optional(),
});

export type SeedAddress = z.output<typeof seedSchema>;
export type TargetSettings = z.output<typeof targetSchema>;

/** Whether something is drawn and the settings name no seed for it. */
export function needsSeed({ control, limit, seeds }: TargetSettings): boolean {
  if (seeds?.length) return true;
  return (control && control.seed === undefined) || (limit?.order === 'random' && limit.seed === undefined) || false;
}
