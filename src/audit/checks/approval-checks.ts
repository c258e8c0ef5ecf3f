import { faultsOf, type Check } from './check.js';

export const approvalChecks: readonly Check[] = [
  {
    name: 'approval',
    title: 'the approval policy was satisfied when the delivery was released',
    judge: ({ approval: { faults, confirmation }, journal }) => {
      if (!journal.some(({ kind }) => kind === 'started'))
        return { faults: faultsOf('journal', ['the entry of the start is missing']) };
      const note = confirmation ? `released at ${confirmation.at} (entry ${confirmation.n})` : 'never released';
      return { faults: faultsOf('journal', faults), note };
    },
  },
];
