import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { Phase } from '../src/delivery/phase.js';
import { timeText } from '../src/delivery/plain-words.js';
import { gatesOf } from '../src/delivery/approval-gates.js';
import { approvalRules } from '../src/delivery/process-approval.js';
import type { ProcessState } from '../src/delivery/process.js';
import { searchAttributes } from './search-attributes.js';

/** What a person who looks at the workflow can do now, by where it stands. */
const nextStep: Record<Phase, string> = {
  checking: 'The e-mail parameters are being checked.',
  proofing: 'A proof is being sent to the proof recipients.',
  analysing: 'The target is computed, every message is rendered, the analysis is sealed.',
  'awaiting-decision':
    'An approver must **confirm or reject** the seal below: `sealpost confirm`, or the signal `decide`.',
  'awaiting-revision':
    'Findings, a rejection or a stopped analysis stand against this revision: submit another one with `sealpost revise`, or analyse it again with `sealpost start-analysis`.',
  scheduled: 'Confirmed. Sending is about to start, or waits for `resume`.',
  sending: 'Messages are leaving; `pause` and `stop` hold from the next claim on.',
  paused: 'Nothing leaves until `resume`.',
  finished: 'Every recipient has a final status.',
  stopped: 'An operator stopped it; what had not left is canceled.',
  expired: 'Nobody decided in time.',
  failed: 'It cannot go on; see the journal.',
};

function stepOf({ phase, heldFor, sealed }: ProcessState): string {
  const startsAt = sealed?.schedule?.startsAt;
  if (phase === 'paused' && heldFor !== undefined)
    return `Held: ${heldFor}. \`resume\` sends what is left, \`stop\` ends it.`;
  if (phase === 'scheduled' && startsAt !== undefined)
    return `Confirmed. Sending starts at ${timeText(startsAt)}, or waits for \`resume\`.`;
  return nextStep[phase];
}

/** Tells Temporal's pages where the delivery stands, in words and in search attributes. Ids, counts and hashes only. */
export function tellPhase(state: ProcessState): void {
  const { phase, origin, terms, sealed, decisions, revision, author } = state;
  const approver = decisions.findLast((one) => one.accepted && one.verdict === 'confirm')?.operator;
  upsertSearchAttributes([
    { key: searchAttributes.status, value: phase },
    { key: searchAttributes.owner, value: terms?.owner ?? origin.rules.owner },
    { key: searchAttributes.approver, value: approver ?? null },
    { key: searchAttributes.seal, value: sealed?.seal ?? null },
  ]);
  const lines = [`## ${phase}`, stepOf(state), '', `- revision \`${revision}\``];
  if (sealed) {
    const { seal, count, findings } = sealed;
    lines.push(`- seal \`${seal}\` over ${count} messages`);
    lines.push(`- findings: ${findings.error} errors, ${findings.warning} warnings, ${findings.info} for information`);
  }
  if (phase === 'awaiting-decision') {
    for (const rules of approvalRules(state)) {
      for (const { name, approvers, quorum } of gatesOf(rules, sealed?.count ?? 0))
        lines.push(
          `- ${name === undefined ? 'may confirm' : `gate "${name}"`}: ${approvers.join(', ')}; ${quorum} needed`,
        );
      const { contentApproval, requireProof } = rules.settings;
      if (requireProof) lines.push('- before it: a proof of this revision must have been sent');
      if (contentApproval) {
        const { reviewers, quorum } = contentApproval;
        lines.push(`- before it: ${quorum} of ${reviewers.join(', ')} must approve the content`);
      }
      if (rules.settings.fourEyes) lines.push(`- four-eyes: ${author} submitted it and cannot confirm it`);
    }
  }
  setCurrentDetails(lines.join('\n'));
}
