import { isFinal, isUnderWay } from './phase.js';
import type { ProcessState } from './process.js';

/** What a relay says of one recipient in a dry run; `ignored` is who would be left out at the claim. */
export const dryRunOutcomes = ['accepted', 'deferred', 'rejected', 'ignored'] as const;
export type DryRunOutcome = (typeof dryRunOutcomes)[number];
/** Recipients by what was said of them. */
export type DryRunCounts = Partial<Record<DryRunOutcome, number>>;

/** A dry run that was asked for and has not ended. */
export interface AskedDryRun {
  /** From 1 within the delivery. */
  number: number;
  /** Operator id. */
  operator: string;
  /** What it tries: another one overtakes it. */
  seal: string;
}

/** @returns why none can be asked for, as the delivery stands */
export function askDryRun(state: ProcessState, operator: string): string | undefined {
  const { sealed, dryRun } = state;
  if (!sealed) return 'there is no seal yet: a dry run tries the sealed messages';
  if (!mayTry(state)) return 'sending has begun';
  if (dryRun) return 'a dry run is under way already';
  state.dryRuns = (state.dryRuns ?? 0) + 1;
  state.dryRun = { number: state.dryRuns, operator, seal: sealed.seal };
  return undefined;
}

/** Whether what it tries is no longer what would be sent, or is being sent. */
export function isOvertaken(state: ProcessState, { seal }: AskedDryRun): boolean {
  return state.sealed?.seal !== seal || state.stopping || !mayTry(state);
}

const mayTry = ({ phase }: ProcessState): boolean => !isFinal(phase) && (phase === 'scheduled' || !isUnderWay(phase));
