import { z } from 'zod';
import { approvalSchema } from '../../../delivery/approval-settings.js';
import { commandNames } from '../../../delivery/command.js';
import { deliverySettingsSchema } from '../../../delivery/definition.js';
import { findingLevels } from '../../../delivery/finding.js';
import { eventKinds } from '../../../delivery/journal-entry.js';
import { phases } from '../../../delivery/phase.js';
import { scheduleSchema } from '../../../delivery/waves.js';
import { dryRun, reasonCounts, statusCounts } from './ledger.js';

const instant = z.iso.datetime();
const hash = z.string().describe('SHA-256, hexadecimal');
export const phase = z.enum(phases);

export const summary = z
  .object({
    id: z.string(),
    name: z.string(),
    phase,
    createdAt: instant,
    revision: hash,
    profiles: z.int().describe('Rows of its target'),
  })
  .meta({ id: 'DeliverySummary' });

export const finding = z
  .object({ rule: z.string(), level: z.enum(findingLevels), sentence: z.string(), place: z.string() })
  .meta({ id: 'Finding' });

const findingCounts = z.object({ info: z.int(), warning: z.int(), error: z.int() });

export const approvalRules = z
  .object({ owner: z.string(), settings: approvalSchema })
  .meta({ id: 'ApprovalRules', description: 'Who must confirm' });

export const settings = deliverySettingsSchema.meta({
  id: 'DeliverySettings',
  description: 'A definition’s settings with their defaults; docs/parameters.md tells of each',
});

const mailbox = z.object({ name: z.string().optional(), address: z.string() });

export const pendingDecision = z
  .object({
    mayConfirm: z.array(z.string()).describe('Operators whose confirmation would count now'),
    mayReject: z.array(z.string()),
    heldBy: z.string().exactOptional().describe('Why no confirmation can count yet'),
    mayNotConfirm: z.record(z.string(), z.string()).exactOptional().describe('Why the others may not, by operator'),
    mayBreakGlass: z.array(z.string()).exactOptional(),
    needed: z.array(z.object({ gate: z.string().exactOptional(), confirmations: z.int() })).exactOptional(),
    confirmedBy: z.array(z.string()),
    late: z.string().exactOptional(),
    expiresAt: instant,
  })
  .meta({ id: 'PendingDecision' });

export const decision = z
  .object({
    operator: z.string(),
    verdict: z.enum(['confirm', 'reject', 'withdraw']),
    seal: hash,
    comment: z.string().exactOptional(),
    at: instant,
    accepted: z.boolean(),
    reason: z.string().exactOptional(),
    signed: z.boolean().exactOptional(),
    as: z.array(z.string()).readonly().optional(),
    breakGlass: z.boolean().exactOptional(),
  })
  .meta({ id: 'Decision' });

export const proof = z
  .object({
    proof: z.int(),
    at: instant,
    revision: hash,
    stale: z.boolean(),
    askedBy: z.string().exactOptional(),
    counts: z.record(z.string(), z.int()),
    leftOut: reasonCounts,
  })
  .meta({ id: 'Proof' });

export const review = z
  .object({
    operator: z.string(),
    verdict: z.enum(['approve', 'reject']),
    proof: z.int(),
    comment: z.string().exactOptional(),
    at: instant,
    accepted: z.boolean(),
    reason: z.string().exactOptional(),
  })
  .meta({ id: 'Review' });

export const revision = z.object({ hash, author: z.string(), createdAt: instant }).meta({ id: 'Revision' });

export const file = z.object({ name: z.string(), bytes: z.int() });

/** What {@link standing} and the report have in common. */
export const described = {
  id: z.string(),
  name: z.string(),
  phase,
  revision: hash,
  author: z.string(),
  authorSigned: z.boolean().describe('Its author’s key has signed for the revision; else who submitted it is claimed'),
  approvalRules: z.array(approvalRules),
  settings,
  profiles: z.int(),
  files: z.array(file),
  seal: hash.exactOptional(),
  sealedCount: z.int().exactOptional().describe('Messages under the seal'),
  schedule: scheduleSchema.exactOptional(),
  sendingSince: instant.exactOptional(),
  heldFor: z.string().exactOptional().describe('Why its canary is held'),
  pendingDecision: pendingDecision.exactOptional(),
  brokenSeal: z.object({ seq: z.int(), row: z.int() }).exactOptional(),
  findings: z.array(finding),
};

export const standing = z
  .object({
    ...described,
    createdAt: instant,
    drawSeed: z.string().exactOptional(),
    origins: z.array(z.object({ source: z.string(), rowsBefore: z.int() })).exactOptional(),
    queries: z.array(z.object({ database: z.string(), query: z.string() })),
    sample: z
      .object({ row: z.int(), subject: z.string(), from: mailbox, replyTo: mailbox.exactOptional() })
      .exactOptional()
      .describe('What the first recipient sees of the envelope; for who may see recipients'),
    decisions: z.array(decision),
    proofs: z.array(proof),
    reviews: z.array(review),
    revisions: z.array(revision),
  })
  .meta({ id: 'Delivery' });

export const figures = z
  .object({
    counts: statusCounts,
    excluded: reasonCounts,
    heldUpBy: z
      .array(z.object({ reply: z.string(), messages: z.int() }))
      .exactOptional()
      .describe('What relays said of messages that are still to be sent; for who may see recipients'),
    seeds: z.object({ sealed: z.int(), counts: statusCounts }).exactOptional(),
    dryRun: dryRun.exactOptional(),
    copies: statusCounts.exactOptional(),
  })
  .meta({ id: 'Figures' });

export const progress = z
  .object({
    phase,
    ended: z.boolean(),
    counts: statusCounts,
    total: z.int(),
    settled: z.int(),
    analysis: z.object({ prepared: z.int(), total: z.int() }).exactOptional(),
    estimate: z
      .object({ rate: z.number().describe('Messages a second'), secondsLeft: z.number().exactOptional() })
      .exactOptional(),
  })
  .meta({ id: 'Progress' });

export const stillness = z
  .object({
    phase,
    since: instant.exactOptional().describe('Since when nothing of it is under way'),
    lastSentAt: instant.exactOptional(),
  })
  .meta({ id: 'Stillness' });

export const journalEntry = z
  .object({
    n: z.int(),
    at: instant,
    kind: z.enum([...commandNames, ...eventKinds]),
    operator: z.string().exactOptional(),
    accepted: z.boolean().exactOptional(),
    reason: z.string().exactOptional(),
    comment: z.string().exactOptional(),
    verdict: z.string().exactOptional(),
    signed: z.boolean().exactOptional(),
    signature: z.string().exactOptional(),
    as: z.array(z.string()).exactOptional(),
    breakGlass: z.boolean().exactOptional(),
    rules: approvalRules.exactOptional(),
    findings: findingCounts.exactOptional(),
    expiresAt: instant.exactOptional(),
    command: z.string().exactOptional(),
    seal: hash.exactOptional(),
    revision: hash.exactOptional(),
    phase: phase.exactOptional(),
    times: z.int().exactOptional(),
    proof: z.int().exactOptional(),
    counts: z.record(z.string(), z.int()).exactOptional(),
    untold: z.string().exactOptional(),
    rate: z.string().exactOptional(),
    lastSentAt: instant.exactOptional(),
  })
  .meta({ id: 'JournalEntry', description: 'One thing that happened; no recipient and no content' });

export const chainedEntry = z
  .object({ n: z.int(), at: instant, kind: z.string(), data: z.record(z.string(), z.unknown()), hash })
  .meta({ id: 'ChainedEntry', description: 'An entry of the journal with the hash that chains it to the one before' });

/** What a command came to; a refusal is a problem. */
export const commandResult = z.object({
  state: z.enum(['accepted', 'queued']).describe('queued: no worker has answered yet; it is judged once one comes'),
});
