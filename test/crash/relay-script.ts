import type { Reply } from './cell.js';

/** What the relay of a cell does, once to each message concerned; handed over as JSON. */
export interface RelayScript {
  /** Sequence number of the message at which the fault comes. */
  marked: number;
  /** Where the marked message is held until `release`; nowhere where the fault comes by a statement. */
  holdAt?: 'data' | 'body' | 'dot';
  /** At which attempt, from 1. */
  holdAttempt: number;
  /** Where `reply` is said in place of 354 or 250. */
  replyAt: 'data' | 'dot';
  reply: Reply;
  /** Others that get the same reply. */
  beside: readonly number[];
}

/**
 * What the harness tells a relay. A relay that has a script greets nobody before `admit`. `over`: the fault is over, so
 * nothing hangs any longer.
 */
export type RelayOrder =
  { kind: 'script'; script: RelayScript } | { kind: 'admit' } | { kind: 'release' } | { kind: 'over' };

/** What a relay tells the harness; `knocked`: somebody waits for its greeting. */
export type RelayNews = { kind: 'listening'; port: number } | { kind: 'knocked' } | { kind: 'held' };

/**
 * A line of the relay's record, written before the reply leaves: what stands there is true though the relay is killed.
 * `taken` is the oracle. `from` is the worker's EHLO name.
 */
export type RelayRecord = { from: string; recipient: string } & (
  { kind: 'dot' } | { kind: 'taken'; messageId: string; sha256: string } | { kind: 'refused' }
);

/** @returns position in the definition's recipients, from 1, which is the sequence number too */
export function seqOf(recipient: string): number {
  return Number(/^person(\d+)@/.exec(recipient)?.[1] ?? 0);
}
