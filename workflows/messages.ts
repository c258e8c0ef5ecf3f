import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision } from '../src/delivery/approval-policy.js';
import type { CommandInput, CommandName, Verdict } from '../src/delivery/command.js';
import type { FindingCounts } from '../src/delivery/finding.js';
import type { StatusCounts } from '../src/delivery/message-status.js';
import type { FinalPhase, Phase } from '../src/delivery/phase.js';
import type { Priority } from '../src/delivery/priority.js';
import type { Control, Origin, ProcessState } from '../src/delivery/process.js';
import type { Wave } from '../src/delivery/waves.js';

/**
 * Batches of high priority have a queue of their own, and workers keep room for it: a server that knows no priorities
 * hands tasks out in the order of their arrival.
 */
export const taskQueues = {
  delivery: 'sealpost',
  sending: 'sealpost-sending',
  urgent: 'sealpost-sending-urgent',
} as const;

/** Workflow ids come from the delivery's id alone, so that a second start of the same delivery is refused. */
export const deliveryWorkflowId = (deliveryId: string): string => `delivery:${deliveryId}`;
export const sendingWorkflowId = (deliveryId: string): string => `sending:${deliveryId}`;

export const historiesWorkflowId = (deliveryId: string): string => `histories:${deliveryId}`;
/** Of one run of a workflow that may run several times. */
export const runHistoriesWorkflowId = (workflowId: string, runId: string): string => `histories:${workflowId}:${runId}`;
export const endNoticeWorkflowId = (deliveryId: string): string => `told:${deliveryId}`;
export const inDoubtWorkflowId = (deliveryId: string): string => `in-doubt:${deliveryId}`;
export const resendWorkflowId = (deliveryId: string): string => `resend:${deliveryId}`;

/** Input of the `delivery` workflow: ids only, for everything here stays in history. */
export interface DeliveryInput {
  deliveryId: string;
  /** SHA-256 of the revision's canonical form, hexadecimal. */
  revision: string;
  origin: Origin;
  /** Only from one run to the next. */
  state?: ProcessState;
}

export interface DeliveryResult {
  outcome: FinalPhase;
  /** Why, where the outcome is `failed`. */
  reason?: string;
  /** Messages of the main target by status. */
  counts: StatusCounts;
}

/** Answer to the `status` query. Progress of sending is read from the ledger, not from here. */
export interface DeliveryStatus {
  phase: Phase;
  paused: boolean;
  revision: string;
  seal?: string;
  /** Messages under the seal. */
  count?: number;
  findings?: FindingCounts;
  /** ISO 8601. */
  expiresAt?: string;
  /** The contact date, ISO 8601. */
  startsAt?: string;
  /** Why it has paused by itself. */
  heldFor?: string;
  proofs: number;
}

const signal = <N extends CommandName>(name: N) => defineSignal<[CommandInput<N>]>(name);
const update = <N extends CommandName>(name: N) => defineUpdate<Verdict, [CommandInput<N>]>(name);

export const commandSignals = {
  decide: signal('decide'),
  pause: signal('pause'),
  resume: signal('resume'),
  stop: signal('stop'),
  setRate: signal('setRate'),
  revise: signal('revise'),
  sendProof: signal('sendProof'),
  dryRun: signal('dryRun'),
  stopAnalysis: signal('stopAnalysis'),
  startAnalysis: signal('startAnalysis'),
  reviewProof: signal('reviewProof'),
} as const satisfies { [N in CommandName]: unknown };

export const commandUpdates = {
  decide: update('decide'),
  pause: update('pause'),
  resume: update('resume'),
  stop: update('stop'),
  setRate: update('setRate'),
  revise: update('revise'),
  sendProof: update('sendProof'),
  dryRun: update('dryRun'),
  stopAnalysis: update('stopAnalysis'),
  startAnalysis: update('startAnalysis'),
  reviewProof: update('reviewProof'),
} as const satisfies { [N in CommandName]: unknown };

export const statusQuery = defineQuery<DeliveryStatus>('status');
export const decisionsQuery = defineQuery<Decision[]>('decisions');

/** From the parent to `sending`. */
export const controlSignal = defineSignal<[Control]>('control');

/** From `sending` to the parent: a hint to look into the ledger, which alone decides whether all is done. */
export const sendingEndedSignal = defineSignal('sendingEnded');

/** From `sending` to the parent: a hint to ask the ledger what became of the canary. */
export const canaryDueSignal = defineSignal('canaryDue');

/** From `sending` to the parent: a hint to ask the ledger whether too much has gone wrong lately. */
export const breakerDueSignal = defineSignal('breakerDue');

/** From the parent to `sending`: the waves behind the canary may leave. */
export const goOnSignal = defineSignal('goOn');

/** To `sending` and `resend`: something is due that was not when they planned. */
export const replanSignal = defineSignal('replan');

/** From a delivery or a resend that ends to `keepHistories`. */
export const deliveryEndedSignal = defineSignal('deliveryEnded');

export interface KeepHistoriesInput {
  deliveryId: string;
  /** In place of the delivery's own workflows. */
  run?: { workflowId: string; runId: string };
}

export interface SendingInput {
  deliveryId: string;
  batchSize: number;
  firstSeq: number;
  lastSeq: number;
  /** Absent where it is normal. */
  priority?: Priority;
  /** Milliseconds since the epoch; no attempt after it. */
  validUntil: number;
  control: Control;
  /** Batches of the first pass that earlier runs have finished. */
  nextBatch: number;
  /** Set by a run whose first pass is over. */
  retrying?: boolean;
  /** One activity may send several batches. Absent in workflows that began before it could. */
  together?: true;
  /** Absent where all messages may leave at once. */
  waves?: readonly Wave[];
  /** How long what became of the canary is awaited, in milliseconds; where the first wave is one. */
  canaryWaitMs?: number;
  /** Which wave is sent or awaited; from one run to the next. */
  at?: WaveProgress;
}

/** How far the waves are. Instants are milliseconds since the epoch. */
export interface WaveProgress {
  wave: number;
  /** When the wave before has started; of the first, when sending has. */
  before: number;
  /** When this one has started. */
  startedAt?: number;
  /** When what became of this canary is to be looked at. */
  judgeAt?: number;
  /** The parent was asked to look. */
  asked?: boolean;
  /** It has answered that the others may leave. */
  passed?: boolean;
}

export type ResendInput = Pick<
  SendingInput,
  'deliveryId' | 'batchSize' | 'firstSeq' | 'lastSeq' | 'validUntil' | 'priority' | 'waves'
>;
