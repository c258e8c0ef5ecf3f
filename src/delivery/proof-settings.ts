import { z } from 'zod';
import type { DeliverySettings } from './definition.js';
import { address, singleLine } from './definition-text.js';
import type { SeedAddress } from './target-settings.js';

/** Far more than a proof may be of. */
const mostNamed = 1_000;
/** The store counts rows in 32 bits. */
const maxRow = 2 ** 31 - 1;

const modes = ['list', 'seeds', 'list-and-seeds', 'substitution', 'list-and-substitution'] as const;

/** What each mode makes use of. */
const usedBy = {
  list: ['list'],
  seeds: ['seeds'],
  'list-and-seeds': ['list', 'seeds'],
  substitution: ['substitution'],
  'list-and-substitution': ['list', 'substitution'],
} as const satisfies Record<(typeof modes)[number], readonly string[]>;
export type ProofMode = keyof typeof usedBy;

/** Whether proofs of a mode go to a list, to the seeds, in place of profiles. */
export function usesPart(mode: ProofMode, part: 'list' | 'seeds' | 'substitution'): boolean {
  return usedBy[mode].some((one) => one === part);
}

/** `html` is what readers of HTML get, its text part beside it; `text` what those get who want text alone. */
const formats = ['html', 'text'] as const;

/** Whose data proofs show: drawn from the target, or chosen from it. */
const profilesSchema = z
  .strictObject({
    /** So many. */
    random: z.int().min(1).optional(),
    /** Of the draw: the same seed draws the same profiles from the same target. */
    seed: z.int().min(0).optional(),
    /** As `preview` and the findings count them. */
    rows: z.array(z.int().min(1).max(maxRow)).min(1).max(mostNamed).optional(),
    addresses: z.array(address('proofs.substitution.profiles.addresses')).min(1).max(mostNamed).optional(),
  })
  .refine(
    ({ random, rows, addresses }) => [random, rows, addresses].filter((one) => one !== undefined).length === 1,
    'proofs.substitution.profiles must name one of random, rows and addresses',
  )
  .refine(
    ({ random, seed }) => seed === undefined || random !== undefined,
    'proofs.substitution.profiles has a seed and draws nothing: set random',
  );

/** Who gets proofs, and of what. What has no default here takes part in a revision's name only where it is given. */
export const proofsSchema = z.strictObject({
  /** Left out, `list`. */
  mode: z.enum(modes, `proofs.mode must be one of ${modes.join(', ')}`).optional(),
  /** Each gets a message with the data of one of the target's first profiles. */
  recipients: z.array(address('proofs.recipients')).default([]),
  /** Each of these profiles has a message, which goes to a test address in place of its own. */
  substitution: z
    .strictObject({
      profiles: profilesSchema,
      to: z.array(address('proofs.substitution.to')).default([]),
    })
    .optional(),
  /** Each recipient gets one message a format; left out, one as the delivery's own recipients do. */
  formats: z
    .array(z.enum(formats, `proofs.formats are ${formats.join(' and ')}`))
    .min(1)
    .refine((given) => new Set(given).size === given.length, 'proofs.formats names a format twice')
    .optional(),
  /** Whom a proof goes to all the same; left out, everybody. */
  keep: z
    .strictObject({
      /** Who got a message of this proof and format already. */
      doubles: z.boolean().optional(),
      denylisted: z.boolean().optional(),
      quarantined: z.boolean().optional(),
    })
    .optional(),
  /** Stands before the subject; `{n}` is the proof's number. */
  subjectPrefix: singleLine('proofs.subjectPrefix', 100).default('Proof {n}: '),
});

export type ProofSettings = z.output<typeof proofsSchema>;
export type ProofSubstitution = NonNullable<ProofSettings['substitution']>;
type ProofFormat = (typeof formats)[number];
/** Whose data a substitution shows. */
export type ChosenProfiles = ProofSubstitution['profiles'];

/** The settings that say who gets proofs. */
export type ProofTarget = Pick<DeliverySettings, 'proofs' | 'target'>;

/** What the mode makes use of. */
export function proofParts({ proofs: { mode = 'list', recipients, substitution }, target }: ProofTarget): {
  /** Addresses that get a proof each. */
  recipients: readonly string[];
  /** Those of the target that get a proof each, as they will get the message. */
  seeds: readonly SeedAddress[];
  substitution: ProofSubstitution | undefined;
} {
  return {
    recipients: usesPart(mode, 'list') ? recipients : [],
    seeds: usesPart(mode, 'seeds') ? (target?.seeds ?? []) : [],
    substitution: usesPart(mode, 'substitution') ? substitution : undefined,
  };
}

/** @returns the profiles that proofs name by row or address; undefined where they name none */
export function namedProfiles(settings: ProofTarget): ChosenProfiles | undefined {
  const profiles = proofParts(settings).substitution?.profiles;
  return profiles?.random === undefined ? profiles : undefined;
}

/** @returns the most messages that one proof can be */
export function proofSize(settings: ProofTarget): number {
  const { recipients, seeds, substitution } = proofParts(settings);
  const substitutes = substitution && substitution.to.length > 0 ? profilesWanted(substitution) : 0;
  return (recipients.length + seeds.length + substitutes) * formatsOf(settings.proofs).length;
}

/** @returns the formats of each recipient's messages, at least one; undefined is the delivery's own */
export function formatsOf(proofs: Pick<ProofSettings, 'formats'>): readonly (ProofFormat | undefined)[] {
  return proofs.formats ?? [undefined];
}

/** @returns the format of one message of a proof: those of a recipient follow one another */
export function formatOf(proofs: Pick<ProofSettings, 'formats'>, seq: number): ProofFormat | undefined {
  const all = formatsOf(proofs);
  return all[(seq - 1) % all.length];
}

/** @returns how many profiles a substitution shows, as long as the target has them */
export function profilesWanted({ profiles: { random, rows, addresses } }: ProofSubstitution): number {
  return random ?? new Set<number | string>(rows ?? addresses?.map(foldedAddress)).size;
}

/** @returns whether a profile is one of those that are named by their row or their address */
export function isChosenBy({ rows = [], addresses = [] }: ChosenProfiles): (profile: ProfileName) => boolean {
  const [byRow, byAddress] = [new Set(rows), new Set(addresses.map(foldedAddress))];
  return ({ row, address }) => byRow.has(row) || byAddress.has(foldedAddress(address));
}

/**
 * @param found - the target's profiles that {@link isChosenBy} tells
 * @returns places of the rows and addresses of which the target has no profile
 */
export function profilesMissing(
  { rows = [], addresses = [] }: ChosenProfiles,
  found: readonly ProfileName[],
): string[] {
  const [known, reached] = [
    new Set(found.map(({ row }) => row)),
    new Set(found.map((one) => foldedAddress(one.address))),
  ];
  const place = 'proofs.substitution.profiles';
  return [
    ...rows.flatMap((row, index) => (known.has(row) ? [] : [`${place}.rows[${index}]`])),
    ...addresses.flatMap((one, index) => (reached.has(foldedAddress(one)) ? [] : [`${place}.addresses[${index}]`])),
  ];
}

interface ProfileName {
  row: number;
  address: string;
}

/** People write an address in other cases than the target does, and mean the same person. */
export const foldedAddress = (text: string): string => text.toLowerCase();
