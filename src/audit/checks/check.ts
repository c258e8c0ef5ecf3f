import type { Schedule } from '../../delivery/waves.js';
import type { PartName, PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import type { Fault } from '../read-bundle.js';
import type { ApprovalReplay } from './approval-replay.js';
import type { LedgerSum, ProofSums } from './ledger-sum.js';
import type { RunSummary } from './run-summary.js';
import type { SignatureJudgement } from './signature-judgement.js';

/** What is known of a bundle's content once all of it was read. */
export interface BundleFacts {
  pseudonymised: boolean;
  /** Absent where the part cannot be read. */
  delivery?: PartRow<'delivery'>;
  revisions: PartRow<'revisions'>[];
  findings: PartRow<'findings'>[];
  operators: PartRow<'operators'>[];
  operatorEvents: PartRow<'operator-events'>[];
  journal: ChainedEntry[];
  signatures: SignatureJudgement;
  approval: ApprovalReplay;
  runs: RunSummary[];
  ledger: LedgerSum;
  proofs: ProofSums;
}

/** What is known before the first message. */
export type MessageFacts = Pick<BundleFacts, 'journal' | 'approval'> & {
  /** Of the analysed revision. */
  schedule?: Schedule;
};

/** What a check says. */
export interface Judgement {
  faults: Fault[];
  /** For a reader, where nothing is wrong. */
  note?: string;
  /** Why it cannot be made. */
  skipped?: string;
}

/** A check of all that the bundle tells. */
export interface Check {
  name: string;
  /** What holds where it finds nothing. */
  title: string;
  judge: (facts: BundleFacts) => Judgement | Promise<Judgement>;
}

/** A check of each row of the ledger by itself. */
export interface MessageCheck {
  name: string;
  title: string;
  parts: readonly PartName[];
  /** @returns what is wrong with the message, in words that follow its number */
  judge: (message: PartRow<'messages'>, facts: MessageFacts) => string | undefined;
}

/** The journal goes by the clock of the Temporal server, keys and operators by the database's, messages by the workers'. */
export const clocksMs = 5_000;

/** Faults of one part, from sentences. */
export const faultsOf = (part: PartName, sentences: readonly string[]): Fault[] =>
  sentences.map((what) => ({ part, what }));
