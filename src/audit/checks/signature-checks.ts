import { faultsOf, type BundleFacts, type Check, type Judgement } from './check.js';
import type { SignatureJudgement, SignatureTally } from './signature-judgement.js';

export const signatureChecks: readonly Check[] = [
  {
    name: 'authors',
    title: 'whoever submitted the revision that may be sent has signed for it, with a key that was good then',
    judge: authorsJudgement,
  },
  {
    name: 'reviews',
    title: 'signed reviews are by keys that were good then, for this delivery, revision, proof and verdict',
    judge: ({ signatures: { reviews } }) => tallied(reviews),
  },
  {
    name: 'decisions',
    title: 'signed decisions are by keys that were good then, for this delivery, revision, seal and verdict',
    judge: ({ signatures: { decisions } }) => tallied(decisions),
  },
];

function tallied({ faults, signed, claimed }: SignatureTally): Judgement {
  return {
    faults: faultsOf('journal', faults),
    note: `${signed} signed${claimed > 0 ? `; ${claimed} that counted are unsigned: who gave them is claimed, not proven` : ''}`,
  };
}

function authorsJudgement({ approval: { confirmation, pending }, signatures }: BundleFacts): Judgement {
  const n = (confirmation ?? pending)?.submission;
  const submission = n === undefined ? undefined : signatures.submissions.get(n);
  if (n === undefined || !submission) return { faults: [], note: 'nothing is sealed yet' };
  const { operator, signed } = submission;
  if (signatures.early.has(n))
    return {
      faults: [],
      skipped: `in that version nobody signed: that "${operator}" submitted it is claimed, not proven`,
    };
  const claimed = `unsigned: that "${operator}" submitted it is claimed, not proven`;
  return {
    faults: faultsOf('journal', faultsOfAuthor(signatures, n)),
    note: signed ? `signed by "${operator}"` : claimed,
  };
}

/** @param n - number of the entry by which a revision was submitted @returns a sentence, where its signature does not hold */
export function faultsOfAuthor({ submissions }: SignatureJudgement, n: number): string[] {
  const { operator, fault } = submissions.get(n) ?? {};
  return fault === undefined ? [] : [`entry ${n} (submitted by ${operator}): ${fault}`];
}
