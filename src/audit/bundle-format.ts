import { z } from 'zod';
import { attemptOutcomes, messageStatuses } from '../delivery/message-status.js';
import { scheduleSchema } from '../delivery/waves.js';
import { publicKeySchema } from './public-key.js';

/** Version of the format; what another one means, this code cannot know. */
export const bundleFormat = 1;

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const hash = hex(64);
const instant = z.iso.datetime();
const count = z.int().min(0);

const delivery = z.object({
  id: z.string(),
  key: z.int(),
  createdAt: instant,
  control: z.string(),
  approvedSeal: hash.nullable(),
  /** Hash of the revision that the messages belong to. */
  analysedRevision: hash.nullable(),
  brokenSeq: z.int().nullable(),
  /** Where copies go; a part of every leaf. */
  archive: z.string().optional(),
});

const revision = z.object({
  hash,
  author: z.string(),
  createdAt: instant,
  settings: z.looseObject({}),
  /** Left out of a pseudonymised bundle. */
  sources: z.record(z.string(), z.string()).optional(),
  sourceHashes: z.record(z.string(), hash),
  files: z.array(z.object({ name: z.string(), type: z.string(), contentId: z.string().exactOptional(), hash })),
  /** SHA-256 over its profiles; left out of a pseudonymised bundle, where it could be tried out. */
  target: hash.optional(),
  excludedAddresses: count,
  /** SHA-256 over them in order, left out likewise; null where nobody is left out, and for revisions of before it was kept. */
  excludedHash: hash.nullish(),
  queries: z.array(z.object({ database: z.string(), query: z.string() })),
  profiles: count,
  drawSeed: z.string().nullable(),
  seal: hash.nullable(),
  sealedCount: count.nullable(),
  sealedIcu: z.string().nullable(),
  /** Under the seal, where there is one. Bundles from before there were schedules have no such field. */
  schedule: scheduleSchema.nullable().default(null),
});

const operator = z.object({
  id: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(z.string()),
  groups: z.array(z.string()),
  active: z.boolean(),
  keys: z.array(
    z.object({
      kid: z.string(),
      publicKey: publicKeySchema,
      label: z.string().optional(),
      addedAt: instant,
      revokedAt: instant.optional(),
    }),
  ),
});

const message = z.object({
  proof: z.int(),
  seq: z.int(),
  /** Hash of the revision that a proof shows. */
  revision: hash.optional(),
  /** Of the recipients' source; null for a seed. */
  row: z.int().nullable(),
  seed: z.int().nullable(),
  messageId: z.string(),
  /** In a pseudonymised bundle a keyed hash. */
  address: z.string(),
  /** The envelope's; left out of a pseudonymised bundle, and where nothing was sealed. */
  sender: z.string().optional(),
  status: z.enum(messageStatuses),
  reason: z.string().nullable(),
  leaf: hash.nullable(),
  /** Opens the envelope's part of the leaf; left out as `sender` is. */
  salt: hex(32).optional(),
  attempts: count,
  firstClaimedAt: instant.nullable(),
  settledAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  possibleDuplicate: z.boolean(),
  reply: z.string().nullable(),
  /** Each attempt in order; absent where there was none, and of a message that was sent at the first one. */
  tried: z
    .array(
      z.object({
        number: z.int().min(1),
        at: instant,
        outcome: z.enum(attemptOutcomes),
        reason: z.string().nullable(),
        reply: z.string().nullable(),
      }),
    )
    .optional(),
});

/** Of a workflow's history. */
export const eventSchema = z.looseObject({ eventId: z.string(), eventTime: z.string(), eventType: z.string() });

/** The parts in the order in which they stand, with what one row of each is. */
export const partSchemas = {
  delivery,
  revisions: revision,
  findings: z.object({ revision: hash, rule: z.string(), level: z.enum(['error', 'warning', 'info']), count }),
  operators: operator,
  'operator-events': z.looseObject({ n: z.int(), at: instant, operator: z.string(), kind: z.string() }),
  journal: z.object({ n: z.int(), at: instant, kind: z.string(), data: z.record(z.string(), z.unknown()), hash }),
  /** A run begins with a row of its own; its events follow. */
  histories: z.union([
    z.object({ run: z.object({ workflowId: z.string(), runId: z.string(), startedAt: instant }) }),
    z.object({ event: eventSchema }),
  ]),
  messages: message,
  proofs: message,
  copies: message,
} as const;

export type PartName = keyof typeof partSchemas;
export type PartRow<Name extends PartName> = z.output<(typeof partSchemas)[Name]>;
export const partNames = Object.keys(partSchemas) as PartName[];

export const headerSchema = z.object({ sealpostAuditBundle: z.int(), sealpostVersion: z.string() });

/** What the signature is over: the parts by their bytes. The header counts as the first of them. */
export const manifestSchema = z.object({
  delivery: z.string(),
  exportedAt: instant,
  parts: z.array(z.object({ name: z.string(), lines: count, bytes: count, sha256: hash })),
  pseudonymised: z.boolean(),
  sealpostVersion: z.string(),
});

export type Manifest = z.output<typeof manifestSchema>;
