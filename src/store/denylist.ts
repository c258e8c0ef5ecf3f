import { domainOf, parseAddress, parseDomain } from '../delivery/address.js';
import { isTemplate } from '../delivery/definition-text.js';
import type { MessageKey } from '../delivery/message-key.js';
import type { Queryable } from './database.js';

/**
 * @returns a sender's address as the denylist names it: one shop has one list, however it writes its name; `@` and the
 * domain for one that differs from recipient to recipient
 */
export function denylistSender(address: string): string {
  if (isTemplate(address)) return `@${domainOf(address).toLowerCase()}`;
  return (parseAddress(address)?.address ?? address).toLowerCase();
}

/**
 * @param text - an address, or `@` and a domain for all of its senders
 * @returns it as {@link denylistSender} would; undefined where it is neither
 */
export function parseDenylistSender(text: string): string | undefined {
  if (!text.startsWith('@')) return parseAddress(text) && denylistSender(text);
  const domain = parseDomain(text.slice(1));
  return domain && `@${domain}`;
}

/**
 * SQL: whether an entry of the denylist is of somebody who wants nothing from a sender: it is for all senders, this one or
 * all of its domain. One that differs from recipient to recipient may be any of its domain, so each of those counts.
 *
 * @param sender - as `revision.sender` has it
 */
export const denies = (sender: string): string =>
  `(denylist.sender in ('', ${sender}, substring(${sender} from '@.*'))
    or (${sender} like '@%' and denylist.sender like '%' || ${sender}))`;

/** @returns what an unsubscription link needs of its message; undefined where there is no such message */
export async function findLinkedMessage(
  database: Queryable,
  { deliveryKey, proof, seq }: MessageKey,
): Promise<{ secret: Buffer; sender: string } | undefined> {
  const { rows } = await database.query<{ secret: Buffer; sender: string }>(
    `select d.secret, r.sender from message m
     join delivery d on d.key = m.delivery join revision r on r.key = m.revision
     where m.delivery = $1 and m.proof = $2 and m.seq = $3`,
    [deliveryKey, proof, seq],
  );
  return rows[0];
}

/**
 * Puts a message's recipient on the denylist of its sender. One statement: a kill leaves the entry or nothing, and who
 * got no answer posts again. Repeated, it renews the entry's time: a delivery that lets in who was denylisted before its
 * analysis leaves out whoever unsubscribes after it, for the second time too.
 */
export async function unsubscribe(database: Queryable, { deliveryKey, proof, seq }: MessageKey): Promise<void> {
  await database.query(
    `insert into denylist (address, sender, source, added_at)
     select m.address, r.sender, 'unsubscribed', now() from message m join revision r on r.key = m.revision
     where m.delivery = $1 and m.proof = $2 and m.seq = $3
     on conflict (address, sender) do update set
       source = excluded.source, added_at = excluded.added_at, operator = null, reason = null`,
    [deliveryKey, proof, seq],
  );
}
