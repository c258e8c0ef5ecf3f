import { tookAny, type StatusCounts } from './message-status.js';
import { approval } from './process-approval.js';
import type { ProcessState } from './process.js';

/** What a proof came to. */
export interface ProofResult {
  counts: StatusCounts;
  /** The Merkle root (RFC 6962) over its messages' leaves in order, in hexadecimal. */
  root: string;
}

/** A bound on what a flood of proofs can add to the state. */
const keptProofs = 200;

/** Gives the next of the proofs that were asked for its number. @returns who asked; nobody where it comes with a revision */
export function beginProof(state: ProcessState): { proof: number; operator?: string } {
  state.proofsRequested -= 1;
  state.proofs += 1;
  const operator = state.proofsAskedBy?.shift();
  state.content ??= { proofs: [], reviews: [] };
  state.content.proofs.push({ proof: state.proofs, sent: false });
  if (state.content.proofs.length > keptProofs) state.content.proofs.shift();
  return { proof: state.proofs, ...(operator === undefined ? {} : { operator }) };
}

/** Records what became of a proof that was begun. One that a new revision has overtaken counts for nothing. */
export function endProof(state: ProcessState, proof: number, counts: StatusCounts, now: number): void {
  const known = state.content?.proofs.find((one) => one.proof === proof);
  // What comes after the request has expired must not fulfil it.
  if (known && approval(state, now) !== 'expired') known.sent = tookAny(counts);
}
