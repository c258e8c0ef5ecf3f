import { Context } from '@temporalio/activity';
import { parseAddress } from '../src/delivery/address.js';
import { signMessage } from '../src/mime/dkim-signature.js';
import type { MailText } from '../src/notice/mail-text.js';
import type { NoticeSettings } from '../src/notice/notice-environment.js';
import { compileNotice, type NoticeName } from '../src/notice/notice-message.js';
import { isAscii } from '../src/smtp/transaction.js';
import type { OperatorRecord } from '../src/store/operators.js';
import type { Dependencies, Relay } from './dependencies.js';
import { MailDeferredError, RelayUnavailableError, RelayUnknownError, WorkerDrainingError } from './failures.js';
import { heartbeating, lastHeartbeat } from './heartbeating.js';

/** An operator who is told; an id that is no operator's has no address. */
export interface Person {
  id: string;
  address?: string;
}

export function personOf(operators: readonly OperatorRecord[], id: string): Person {
  const { email = '' } = operators.find((one) => one.id === id) ?? {};
  const address = parseAddress(email)?.address;
  return { id, ...(address !== undefined && { address }) };
}

/** A mail to several operators. */
interface OperatorMail {
  mail: MailText;
  /** When it was due, milliseconds since the epoch. */
  at: number;
  named: Omit<NoticeName, 'operator'>;
  /** That takes it where the worker names none for such mail. */
  relay: string;
}

/**
 * Sends the same mail to each of some operators. Killed after a relay took one and before Temporal heard of it, the next attempt
 * sends that one once more, with the same Message-ID: it may come twice, and is never lost.
 *
 * @returns how many by what became of it: `told`, `without-address`, `refused`
 * @throws RelayUnavailableError, RelayUnknownError, MailDeferredError, WorkerDrainingError: then it is tried again
 */
export async function mailOperators(
  dependencies: Dependencies,
  notices: NoticeSettings,
  people: readonly Person[],
  { mail, at, named, relay: own }: OperatorMail,
): Promise<Record<string, number>> {
  const relay = dependencies.relays.get(notices.relay ?? own);
  if (!relay) throw new RelayUnknownError();
  const message = compileNotice({ from: notices.from, mail, at });
  return await sendAll(dependencies, people, async (operator, to) => {
    const bytes = await signMessage(dependencies.dkimKeys, message(to, { ...named, operator }));
    return await sendOne(relay, { sender: notices.from.address, recipient: to }, bytes);
  });
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
