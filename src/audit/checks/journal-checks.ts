import { checkChain } from '../journal-chain.js';
import { faultsOf, type Check } from './check.js';

export const journalChecks: readonly Check[] = [
  {
    name: 'journal-chain',
    title: 'the journal is unbroken: each entry is tied to all before it',
    judge: ({ delivery, journal }) => {
      if (!delivery) return { faults: [], skipped: 'the delivery cannot be read' };
      const faults = checkChain(delivery.id, journal);
      return { faults: faultsOf('journal', faults), note: `${journal.length} entries` };
    },
  },
];
