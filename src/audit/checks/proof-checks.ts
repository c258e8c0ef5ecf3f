import { z } from 'zod';
import { canonicalJson } from '../../delivery/canonical-json.js';
import type { ChainedEntry } from '../journal-chain.js';
import { faultsOf, type BundleFacts, type Check } from './check.js';

const toldSchema = z.object({
  proof: z.int(),
  revision: z.string(),
  counts: z.record(z.string(), z.number()),
  /** Journals from before proofs had leaves have none. */
  root: z.string().optional(),
});

export const proofChecks: readonly Check[] = [
  {
    name: 'proofs',
    title: 'the rows of each proof are of the revision, the messages, and as many, as the journal tells',
    judge: ({ journal, proofs }) => {
      const told = journal.filter(({ kind }) => kind === 'proof');
      const known = new Set(told.map(({ data }) => data['proof']));
      // A proof is journalled when all of its messages have an answer.
      const isOver = journal.some(({ kind }) => kind === 'ended');
      const untold = isOver ? proofs.numbers.filter((proof) => !known.has(proof)) : [];
      return {
        faults: [
          ...faultsOf(
            'journal',
            told.flatMap((entry) => faultsOfProof(entry, proofs)),
          ),
          ...faultsOf(
            'proofs',
            untold.map((proof) => `the journal tells nothing of proof ${proof}`),
          ),
        ],
        note: `${told.length} proofs`,
      };
    },
  },
];

function faultsOfProof({ n, data }: ChainedEntry, proofs: BundleFacts['proofs']): string[] {
  const told = toldSchema.safeParse(data).data;
  if (!told) return [`entry ${n}: this proof cannot be read`];
  const { counts, revisions, root } = proofs.of(told.proof);
  return [
    ...(canonicalJson(counts) === canonicalJson(told.counts)
      ? []
      : [`entry ${n}: proof ${told.proof} has other rows than were counted`]),
    ...(told.root === undefined || told.root === root
      ? []
      : [`entry ${n}: proof ${told.proof} has other messages than were sent: its leaves do not give the root`]),
    ...(revisions.every((revision) => revision === told.revision)
      ? []
      : [`entry ${n}: rows of proof ${told.proof} show another revision`]),
  ];
}
