import { computeSeal, scheduleHash } from '../merkle.js';
import { faultsOf, type BundleFacts, type Check } from './check.js';

export const sealChecks: readonly Check[] = [
  {
    name: 'seal',
    title: 'the messages are those of the seal: their leaves give the root that was sealed',
    judge: (facts) => {
      const { delivery, revisions, ledger, approval } = facts;
      const revision = revisions.find(({ hash }) => hash === delivery?.analysedRevision);
      if (!delivery || !revision?.seal) {
        if (delivery?.approvedSeal || approval.confirmation)
          return { faults: faultsOf('delivery', ['a seal was confirmed, and there is none']) };
        return { faults: [], skipped: 'nothing is sealed yet' };
      }
      const { count } = ledger.tree;
      const { hash, schedule } = revision;
      const bound = schedule ? { schedule: scheduleHash(schedule) } : {};
      const seal = computeSeal({ revision: hash, count, root: ledger.tree.root(), ...bound });
      const faults = [
        ...(seal === revision.seal ? [] : leavesFaults(count, revision.sealedCount)),
        ...misplacedFaults(ledger.misplaced),
      ];
      return {
        faults: [...faultsOf('messages', faults), ...faultsOf('delivery', confirmedFaults(facts, revision.seal))],
        note: `${count} messages under ${seal.slice(0, 12)}…`,
      };
    },
  },
];

function leavesFaults(count: number, sealed: number | null): string[] {
  const counts = count === sealed ? 'their number is right' : `there are ${count}, and ${sealed ?? 0} were sealed`;
  return [
    `a leaf or the schedule was changed, taken away, added or moved: the leaves do not give the seal (${counts})`,
  ];
}

function misplacedFaults(misplaced: readonly number[]): string[] {
  return misplaced.length === 0 ? [] : [`out of order: messages ${misplaced.slice(0, 10).join(', ')}`];
}

/** Journal, revision and delivery must name one seal. */
function confirmedFaults({ delivery, approval, journal }: BundleFacts, seal: string): string[] {
  const { confirmation } = approval;
  const faults: string[] = [];
  if (delivery?.approvedSeal && delivery.approvedSeal !== seal) faults.push('the seal that may be sent is another one');
  if (delivery?.approvedSeal && !confirmation) faults.push('the journal tells nothing of the release of its seal');
  if (confirmation && confirmation.seal !== seal) {
    faults.push(`the seal that was confirmed (journal, entry ${confirmation.n}) is another one`);
  }
  // Before the release, the entry of a seal may come a moment after the seal.
  const sealed = delivery?.approvedSeal ? journal.findLast(({ kind }) => kind === 'sealed') : undefined;
  if (sealed && sealed.data['seal'] !== seal) faults.push(`the seal of the journal's entry ${sealed.n} is another one`);
  return faults;
}
