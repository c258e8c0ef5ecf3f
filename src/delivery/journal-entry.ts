import type { ApprovalRules, DecisionVerdict } from './approval-policy.js';
import type { CommandName } from './command.js';
import type { FindingCounts } from './finding.js';
import type { Untold } from './process-requests.js';
import type { ResolutionVerdict } from './resolution.js';
import type { Phase } from './phase.js';

/** What an entry can be about, beside the commands. */
export const eventKinds = [
  'started',
  'in-doubt',
  'phase',
  'proof',
  'dry-run',
  'sealed',
  'requested',
  'malformed',
  'sending-paused',
  'sending-resumed',
  'rate-set',
  'late',
  'held',
  'told',
  'ended',
] as const;

/** One thing that happened to a delivery. Operators by id; no recipient and no content. */
export interface JournalEntry {
  /** From 1 within the delivery, without gaps. */
  n: number;
  /** ISO 8601, by the workflow's clock. */
  at: string;
  kind: CommandName | (typeof eventKinds)[number];
  operator?: string;
  /** Of commands. */
  accepted?: boolean;
  /**
   * Why a command was refused, a phase was entered, a decision is asked for anew or a delivery has paused by itself; or why people
   * were asked: `request`, `reminder`, `escalation`.
   */
  reason?: string;
  comment?: string;
  verdict?: DecisionVerdict | 'approve' | ResolutionVerdict;
  /** Of decisions and reviews: whether a signature was verified. Of submissions: false where none came. */
  signed?: boolean;
  /** Of decisions, reviews and submissions: the JWS as it came. */
  signature?: string;
  /** Roles, groups and delegations of who signed. */
  as?: string[];
  /** A decision in an emergency. */
  breakGlass?: boolean;
  /** Of `started`: who may approve, and how. */
  rules?: ApprovalRules;
  /** Of `sealed`. */
  findings?: FindingCounts;
  /** Of `sealed` and `late`: when the request for a decision expires, ISO 8601. */
  expiresAt?: string;
  /** Id of the decision on messages in doubt. */
  command?: string;
  seal?: string;
  revision?: string;
  phase?: Phase;
  /** How often, where equal refusals are counted in one entry. */
  times?: number;
  /** Proof's number. */
  proof?: number;
  /** Of `proof`: the Merkle root (RFC 6962) over its messages' leaves, in hexadecimal. */
  root?: string;
  /** Messages, or people who were told, by what became of them. */
  counts?: Record<string, number>;
  /** Of `requested` and `told`: why nobody was. */
  untold?: Untold;
  /** Of `setRate` and `rate-set`: as it was given. */
  rate?: string;
  /** ISO 8601: when the last message left before a pause took hold. */
  lastSentAt?: string;
}
