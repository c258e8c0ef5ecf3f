import type { LedgerRow } from '../client/index.js';
import { DeliveryNotFoundError } from '../client/errors.js';
import { translated } from '../client/failure-translation.js';
import { messageIdsIn, namedMessages, type MessageIdFor } from '../client/message-ids.js';
import { parseAddress } from '../delivery/address.js';
import { inboxMessages, type InboxMessage } from '../local/inbox-files.js';
import { openDatabase } from '../store/database.js';
import { findDelivery } from '../store/deliveries.js';
import { messageIdOf } from '../local/inbox-mail.js';

/**
 * How this delivery names its messages: nobody without its secret can make such a Message-ID, so whatever else is in the
 * inbox, it is not counted.
 */
export async function messageIdsOf(databaseUrl: string, deliveryId: string, revision: string): Promise<MessageIdFor> {
  const database = openDatabase(databaseUrl, 1);
  try {
    return await messageIdsIn(database, deliveryId, revision);
  } finally {
    await database.end();
  }
}

/** The Message-IDs of all messages of a delivery, its proofs' too. @throws DeliveryNotFoundError */
export async function deliveryMessageIds(databaseUrl: string, deliveryId: string): Promise<Set<string>> {
  const database = openDatabase(databaseUrl, 1);
  try {
    return await translated(async () => {
      if (!(await findDelivery(database, deliveryId))) throw new DeliveryNotFoundError(deliveryId);
      const ids = new Set<string>();
      for await (const { messageId } of namedMessages(database, deliveryId)) ids.add(messageId);
      return ids;
    });
  } finally {
    await database.end();
  }
}

/** To whom each message in the inbox came, by Message-ID: one entry an arrival. */
export type Arrivals = ReadonlyMap<string, readonly string[]>;

/** Reads the inbox once; an arrival with several envelope recipients shows them all. */
export async function readArrivals(messages: string | AsyncIterable<InboxMessage>): Promise<Arrivals> {
  const arrivals = new Map<string, string[]>();
  for await (const message of typeof messages === 'string' ? inboxMessages(messages) : messages) {
    const id = messageIdOf(message);
    const to = message.deliveredTo.map(canonical).join(', ');
    arrivals.set(id, [...(arrivals.get(id) ?? []), to]);
  }
  return arrivals;
}

/** The comparison of ledger and inbox. */
export interface InboxCheck {
  /** Messages `sent` that have arrived once, at their recipient. */
  arrived: number;
  /** What is not as the ledger says, a sentence each; at most {@link mostFaults}. */
  faults: string[];
  /** All of them. */
  faultCount: number;
}

const mostFaults = 10;

/** How often a message may be in the inbox, by its status: what is in doubt may have arrived. */
function allowed(status: LedgerRow['status']): { least: number; most: number } {
  if (status === 'sent' || status === 'accepted-by-provider') return { least: 1, most: 1 };
  return { least: 0, most: status === 'in-doubt' ? 1 : 0 };
}

/**
 * Every message that is `sent` has arrived exactly once and at its recipient; of all others, none has.
 *
 * @param archive - address that gets copies
 */
export async function compareWithInbox(
  rows: AsyncIterable<LedgerRow> | Iterable<LedgerRow>,
  arrivals: Arrivals,
  messageIdFor: MessageIdFor,
  archive?: string,
): Promise<InboxCheck> {
  const check: InboxCheck = { arrived: 0, faults: [], faultCount: 0 };
  for await (const row of rows) {
    const came = withoutCopy(arrivals.get(messageIdFor(row)) ?? [], archive);
    const fault = faultOf(row, came);
    if (fault === undefined) {
      if (allowed(row.status).least === 1) check.arrived += 1;
      continue;
    }
    check.faultCount += 1;
    if (check.faults.length < mostFaults)
      check.faults.push(`message ${row.seq} (${row.row === null ? `seed ${row.seed}` : `row ${row.row}`}) ${fault}`);
  }
  return check;
}

/** A copy has its original's Message-ID; it never comes alone. */
function withoutCopy(came: readonly string[], archive: string | undefined): readonly string[] {
  const copy = archive === undefined || came.length < 2 ? -1 : came.lastIndexOf(canonical(archive));
  return came.filter((_, index) => index !== copy);
}

function faultOf(row: LedgerRow, came: readonly string[]): string | undefined {
  const { least, most } = allowed(row.status);
  if (came.length < least || came.length > most) return `is ${row.status} and has arrived ${came.length} times`;
  return came.some((to) => to !== canonical(row.address)) ? 'has arrived at somebody else' : undefined;
}

/** The inbox shows a domain in Unicode, the ledger in A-labels. */
function canonical(address: string): string {
  return parseAddress(address)?.address ?? address;
}
