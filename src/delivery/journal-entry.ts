import type { CommandName } from './command.js';
import type { ResolutionVerdict } from './resolution.js';
import type { Phase } from './phase.js';

/** One thing that happened to a delivery. Operators by id; no recipient and no content. */
export interface JournalEntry {
  /** From 1 within the delivery, without gaps. */
  n: number;
  /** ISO 8601, by the workflow's clock. */
  at: string;
  kind:
    | CommandName
    | 'started'
    | 'in-doubt'
    | 'phase'
    | 'proof'
    | 'sealed'
    | 'malformed'
    | 'sending-paused'
    | 'sending-resumed'
    | 'ended';
  operator?: string;
  /** Of commands. */
  accepted?: boolean;
  /** Why a command was refused, or why a phase was entered. */
  reason?: string;
  comment?: string;
  verdict?: 'confirm' | 'approve' | 'reject' | ResolutionVerdict;
  /** Id of the decision on messages in doubt. */
  command?: string;
  seal?: string;
  revision?: string;
  phase?: Phase;
  /** How often, where equal refusals are counted in one entry. */
  times?: number;
  /** Proof's number. */
  proof?: number;
  /** Messages by what became of them. */
  counts?: Record<string, number>;
  /** ISO 8601: when the last message left before a pause took hold. */
  lastSentAt?: string;
}
