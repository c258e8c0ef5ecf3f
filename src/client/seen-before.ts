import type { JournalEntry } from '../delivery/journal-entry.js';
import type { DeliveryStanding } from './delivery-description.js';

/** What an operator had before them when they last said a word on a delivery. */
export interface SeenBefore {
  /** Hash. */
  revision: string;
  /** Of that analysis; absent where the word was on a proof. */
  seal?: string;
  /** Messages under that seal. */
  sealedCount?: number;
  /** When they said it, ISO 8601. */
  at: string;
}

/**
 * What was there when an operator last decided on a delivery or reviewed a proof of it, refused or not: what has changed since
 * is news to them. Told from the journal, for whoever looks at a page leaves no trace.
 *
 * @returns undefined where they have said nothing yet, or on nothing but what is there now
 */
export function seenBefore(
  { journal, revision, seal }: Pick<DeliveryStanding, 'journal' | 'revision' | 'seal'>,
  operator: string,
): SeenBefore | undefined {
  return journal
    .filter((entry) => entry.operator === operator)
    .map((entry) => seenAt(journal, entry))
    .findLast((seen) => seen && (seen.revision !== revision || (seen.seal !== undefined && seen.seal !== seal)));
}

function seenAt(journal: readonly JournalEntry[], { kind, n, at, seal, proof }: JournalEntry): SeenBefore | undefined {
  const shown = journal.findLast((entry) =>
    kind === 'decide'
      ? entry.kind === 'sealed' && entry.n < n && entry.seal === seal
      : kind === 'reviewProof' && entry.kind === 'proof' && entry.proof === proof,
  );
  if (shown?.revision === undefined) return undefined;
  const sealedCount = shown.counts?.['sealed'];
  return {
    revision: shown.revision,
    at,
    ...(shown.kind === 'sealed' && shown.seal !== undefined && { seal: shown.seal }),
    ...(sealedCount !== undefined && { sealedCount }),
  };
}
