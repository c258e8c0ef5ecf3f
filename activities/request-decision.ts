import { Context } from '@temporalio/activity';
import { parseAddress } from '../src/delivery/address.js';
import { passGates } from '../src/delivery/approval-gates.js';
import { decidersOf, refuseDecision } from '../src/delivery/approval-policy.js';
import { planAfter, tellAt } from '../src/delivery/decision-requests.js';
import type { DecisionRequestInput, DecisionRequestResult } from '../src/delivery/process-requests.js';
import { signMessage } from '../src/mime/dkim-signature.js';
import { decisionMail, type DecisionFacts } from '../src/notice/decision-mail.js';
import { compileNotice } from '../src/notice/notice-message.js';
import { isAscii } from '../src/smtp/transaction.js';
import { decidersAmong } from '../src/store/deciders.js';
import { delegationsAt } from '../src/store/delegations.js';
import { readFindings } from '../src/store/findings.js';
import { listOperators, type OperatorRecord } from '../src/store/operators.js';
import { countExclusions } from '../src/store/target.js';
import { decisionClock } from './decision-time.js';
import type { Dependencies, Relay } from './dependencies.js';
import { MailDeferredError, RelayUnavailableError, RelayUnknownError, WorkerDrainingError } from './failures.js';
import { heartbeating, lastHeartbeat } from './heartbeating.js';
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
  const { notices, relays, log } = dependencies;
  const { deliveryId } = input;
  if (!notices) {
    log.warn({ delivery: deliveryId }, 'nobody is asked for a decision: SEALPOST_NOTICE_FROM is not set');
    return { counts: {}, untold: 'no-sender' };
  }
  const { people, mayConfirm } = await peopleOf(dependencies, revision, input, now);
  if (people.length === 0) return { counts: {}, untold: 'nobody' };
  const relay = relays.get(notices.relay ?? revision.settings.relay);
  if (!relay) throw new RelayUnknownError();
  const mail = decisionMail(await factsOf(dependencies, revision, input, mayConfirm));
  const message = compileNotice({ from: notices.from, mail, at: input.at });
  const { seal } = input.request;
  const send = async (operator: string, to: string): Promise<Sent> => {
    const { reason, number } = input;
    const composed = message(to, { delivery: deliveryId, seal, reason, number, operator });
    const bytes = await signMessage(dependencies.dkimKeys, composed);
    return await sendOne(relay, { sender: notices.from.address, recipient: to }, bytes);
  };
  const counts = await sendAll(dependencies, people, send);
  log.info({ delivery: deliveryId, reason: input.reason, ...counts }, 'people were told that a decision is awaited');
  return { counts };
}

/** An operator who is told; an id that is no operator's has no address. */
interface Person {
  id: string;
  address?: string;
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

function personOf(operators: readonly OperatorRecord[], id: string): Person {
  const { email = '' } = operators.find((one) => one.id === id) ?? {};
  const address = parseAddress(email)?.address;
  return { id, ...(address !== undefined && { address }) };
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
    needed: request.rules.flatMap((rules) => {
      const { open, confirmedBy } = passGates(rules, request, standing);
      return open ? [{ gate: open.name, confirmations: open.quorum - confirmedBy.length }] : [];
    }),
    confirmedBy: standing.flatMap(({ verdict, operator }) => (verdict === 'confirm' ? [operator] : [])),
    expiresAt: request.expiresAt,
    consoleUrl: notices?.consoleUrl,
  };
}

type Sent = 'told' | 'refused' | 'deferred';

/** What a heartbeat keeps of people that are done with. */
const done = { told: 1, refused: 2 } as const;

/** Whom a relay puts off so often is given up. With the waiting in between it has had half an hour. */
const attemptsForOne = 30;

/** One after the other. An attempt after a failure leaves out who is done with, as far as Temporal has heard of it. */
async function sendAll(
  { draining }: Dependencies,
  people: readonly Person[],
  send: (operator: string, to: string) => Promise<Sent>,
): Promise<Record<string, number>> {
  const context = Context.current();
  const outcomes = lastHeartbeat();
  const addressed = people.flatMap(({ id, address }) => (address === undefined ? [] : [{ id, address }]));
  await heartbeating(async (beat) => {
    try {
      for (const { id, address } of addressed) {
        if (Object.hasOwn(outcomes, id)) continue;
        if (draining.aborted) throw new WorkerDrainingError();
        beat(outcomes);
        const sent = await send(id, address);
        if (sent !== 'deferred') outcomes[id] = done[sent];
        else if (context.info.attempt >= attemptsForOne) outcomes[id] = done.refused;
      }
      if (addressed.some(({ id }) => !Object.hasOwn(outcomes, id))) throw new MailDeferredError();
    } finally {
      // At once: a failed attempt ends here.
      context.heartbeat(outcomes);
    }
  });
  const count = (wanted: number): number => addressed.filter(({ id }) => outcomes[id] === wanted).length;
  const counts = {
    told: count(done.told),
    'without-address': people.length - addressed.length,
    refused: count(done.refused),
  };
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0));
}

/** @throws RelayUnavailableError where the relay takes nothing from us at all */
async function sendOne({ pool }: Relay, envelope: { sender: string; recipient: string }, bytes: Buffer): Promise<Sent> {
  const result = await pool.send({ ...envelope, ...(isAscii(envelope) ? {} : { smtpUtf8: true }) }, bytes);
  if (result.outcome === 'sent') return 'told';
  if (result.outcome === 'rejected') return 'refused';
  // In doubt is no answer: a second mail is better than none.
  if (result.outcome === 'deferred' && result.relayFault) throw new RelayUnavailableError();
  return 'deferred';
}
