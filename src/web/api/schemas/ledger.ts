import { z } from 'zod';
import { attemptOutcomes, messageStatuses, reasons, type Reason } from '../../../delivery/message-status.js';
import { dryRunOutcomes } from '../../../delivery/dry-run.js';

export const reasonNames = Object.keys(reasons) as [Reason, ...Reason[]];
export const reason = z.enum(reasonNames);
const instant = z.iso.datetime();

export const statusCounts = z.partialRecord(z.enum(messageStatuses), z.int()).describe('Messages by status');
export const reasonCounts = z.partialRecord(reason, z.int()).describe('Recipients left out, by reason');

const named = {
  proof: z.int().describe('0 is the main target, N the Nth proof, -1 the archive’s copies'),
  seq: z.int().describe('Sequence number'),
  row: z.int().nullable().describe('Row of the recipients’ source; null for a seed'),
  seed: z.int().nullable().describe('Of a seed, its number from 1'),
  address: z.string(),
};

export const message = z
  .object({
    ...named,
    status: z.enum(messageStatuses),
    reason: reason.nullable(),
    leftOutBy: z.enum(['analysis', 'claim']).nullable(),
    attempts: z.int(),
    settledAt: instant.nullable(),
    nextAttemptAt: instant.nullable(),
    possibleDuplicate: z.boolean(),
    reply: z.string().nullable().describe('Of the relay, as it gave it'),
  })
  .meta({ id: 'Message' });

export const attempt = z
  .object({
    ...named,
    number: z.int(),
    at: instant,
    outcome: z.enum(attemptOutcomes),
    reason: reason.nullable(),
    reply: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

export const dryRunAnswer = z
  .object({
    seq: named.seq,
    row: named.row,
    seed: named.seed,
    address: named.address,
    outcome: z.enum(dryRunOutcomes),
    reason: reason.nullable(),
    reply: z.string().nullable(),
    at: instant,
  })
  .meta({ id: 'DryRunAnswer' });

export const dryRun = z.object({
  answers: z.array(z.object({ outcome: z.enum(dryRunOutcomes), reason: reason.nullable(), count: z.int() })),
  untried: z.int(),
  ended: z.object({ at: instant, operator: z.string(), reason: z.string().exactOptional() }).exactOptional(),
});

export const listEntry = z
  .object({
    address: z.string(),
    sender: z.string().describe('Of the denylist: from whom nothing may come; empty for everybody'),
    addedAt: instant,
    source: z.enum(['operator', 'import', 'unsubscribed']),
    operator: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ListEntry' });

/** Where a list goes on. */
export const next = z.string().exactOptional().describe('Cursor of the next page; absent on the last one');
