import { neededConfirmations } from '../src/delivery/approval-gates.js';
import { decidersOf, refuseDecision } from '../src/delivery/approval-policy.js';
import { planAfter, tellAt } from '../src/delivery/decision-requests.js';
import type { DecisionRequestInput, DecisionRequestResult } from '../src/delivery/process-requests.js';
import { decisionMail, type DecisionFacts } from '../src/notice/decision-mail.js';
import { decidersAmong } from '../src/store/deciders.js';
import { delegationsAt } from '../src/store/delegations.js';
import { readFindings } from '../src/store/findings.js';
import { listOperators } from '../src/store/operators.js';
import { countExclusions } from '../src/store/target.js';
import { decisionClock } from './decision-time.js';
import type { Dependencies } from './dependencies.js';
import { mailOperators, personOf, type Person } from './mail-operators.js';
import type { CompiledRevision } from './read-compiled-revision.js';

/**
 * Tells people by e-mail that a decision is awaited: whoever could confirm now or, in an escalation, whom the definition
 * names for it. Killed after a relay took a mail and before Temporal heard of it, the next attempt sends that mail once
 * more, with the same Message-ID: it may come twice, and is never lost.
 *
 * @throws RelayUnavailableError, RelayUnknownError, MailDeferredError, WorkerDrainingError: then it is tried again
 */
export async function requestDecision(
  dependencies: Dependencies,
  revision: CompiledRevision,
  input: DecisionRequestInput,
): Promise<DecisionRequestResult> {
  const now = decisionClock(input.at)();
  const { requests = {} } = revision.settings.approval;
  const at = tellAt(requests, input.reason, now);
  if (at > now) return { counts: {}, postponedTo: at };
  return { ...(await tellPeople(dependencies, revision, input, now)), ...planAfter(requests, now) };
}

async function tellPeople(
  dependencies: Dependencies,
  revision: CompiledRevision,
  input: DecisionRequestInput,
  now: number,
): Promise<Pick<DecisionRequestResult, 'counts' | 'untold'>> {
  const { notices, log } = dependencies;
  const { deliveryId } = input;
  if (!notices) {
    log.warn({ delivery: deliveryId }, 'nobody is asked for a decision: SEALPOST_NOTICE_FROM is not set');
    return { counts: {}, untold: 'no-sender' };
  }
  const { people, mayConfirm } = await peopleOf(dependencies, revision, input, now);
  if (people.length === 0) return { counts: {}, untold: 'nobody' };
  const mail = decisionMail(await factsOf(dependencies, revision, input, mayConfirm));
  const { at, reason, number, request } = input;
  const named = { delivery: deliveryId, seal: request.seal, reason, number };
  const counts = await mailOperators(dependencies, notices, people, {
    mail,
    at,
    named,
    relay: revision.settings.relay,
  });
  log.info({ delivery: deliveryId, reason: input.reason, ...counts }, 'people were told that a decision is awaited');
  return { counts };
}

async function peopleOf(
  { database }: Dependencies,
  { settings }: CompiledRevision,
  { reason, request, standing }: DecisionRequestInput,
  now: number,
): Promise<{ people: Person[]; mayConfirm: string[] }> {
  const operators = await listOperators(database);
  const delegations = await delegationsAt(database, now);
  const idsAmong = (approvers: readonly string[]) => decidersAmong(approvers, operators, delegations);
  const confirm = { verdict: 'confirm', seal: request.seal, signed: true } as const;
  const mayConfirm = idsAmong(request.rules.flatMap(decidersOf))
    .filter((decider) => refuseDecision(request, { ...decider, ...confirm }, standing, now) === undefined)
    .map(({ operator }) => operator);
  const { escalateTo = [] } = settings.approval.requests ?? {};
  const told = reason === 'escalation' ? idsAmong(escalateTo).map(({ operator }) => operator) : mayConfirm;
  return { mayConfirm, people: told.map((id) => personOf(operators, id)) };
}

async function factsOf(
  { database, notices }: Dependencies,
  { key, hash, settings }: CompiledRevision,
  { deliveryId, reason, request, standing }: DecisionRequestInput,
  mayConfirm: readonly string[],
): Promise<DecisionFacts> {
  const { name, sender } = settings;
  return {
    reason,
    delivery: deliveryId,
    name,
    revision: hash,
    author: request.author,
    seal: request.seal,
    messages: request.count,
    sender,
    findings: await readFindings(database, key),
    excluded: await countExclusions(database, deliveryId),
    mayConfirm,
    needed: neededConfirmations(request, standing),
    confirmedBy: standing.flatMap(({ verdict, operator }) => (verdict === 'confirm' ? [operator] : [])),
    expiresAt: request.expiresAt,
    consoleUrl: notices?.consoleUrl,
  };
}
