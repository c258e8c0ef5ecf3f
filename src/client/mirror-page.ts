import { partsWithMirror } from '../content/personalise.js';
import { mirrorOf, type MirrorAbsence } from '../delivery/mirror-page.js';
import { messageUrls } from '../mime/message-token.js';
import type { Queryable } from '../store/database.js';
import { findDelivery } from '../store/deliveries.js';
import { findStoredMessage } from '../store/mirrored-messages.js';
import { readRevision } from '../store/revisions.js';
import { DeliveryNotFoundError, SealpostError } from './errors.js';
import { namedMessages } from './message-ids.js';

/** A message of the main target by its sequence number, or any message by its Message-ID. */
export type MessageName = { seq: number } | { messageId: string };

/** Where a message can be seen in a browser. */
export interface MirrorPage {
  /** 0 is the main target, N the Nth proof. */
  proof: number;
  seq: number;
  url: string;
  /** ISO 8601. */
  expiresAt: string;
}

const absenceWords: Record<MirrorAbsence, string> = {
  never: 'its messages have no pages, for mirror.mode is never',
  'not-linked': 'its messages have no pages, for its content holds no {{ mirror_url }} and mirror.mode is auto',
  excluded: 'nothing was sent to this recipient',
  unsent: 'this message has not been sent, and its page comes with it',
  expired: 'the time for which its page could be seen, mirror.expiresAfter, is over',
};

/** @throws DeliveryNotFoundError; SealpostError `MIRROR_PAGE_NOT_FOUND`, which says why there is none */
export async function mirrorPageOf(database: Queryable, id: string, name: MessageName): Promise<MirrorPage> {
  const latest = await findDelivery(database, id);
  if (!latest) throw new DeliveryNotFoundError(id);
  const { deliveryKey, secret } = await readRevision(database, id, latest.revision);
  const key = 'seq' in name ? { proof: 0, seq: name.seq } : await keyOf(database, id, name.messageId);
  const message = key && (await findStoredMessage(database, { deliveryKey, ...key }));
  if (!message) throw noPage(id, 'it has no such message');
  const { settings, content } = await readRevision(database, id, message.revision);
  const linked = partsWithMirror(settings, content).length > 0;
  const mirror = mirrorOf(settings.mirror, linked, message, Date.now());
  if ('absence' in mirror) throw noPage(id, absenceWords[mirror.absence]);
  const url = messageUrls(mirror.hosted, secret, 'mirror')({ deliveryKey, ...key });
  return { ...key, url, expiresAt: mirror.expiresAt.toISOString() };
}

async function keyOf(
  database: Queryable,
  id: string,
  written: string,
): Promise<{ proof: number; seq: number } | undefined> {
  const wanted = `<${written.trim().replace(/^<|>$/g, '')}>`;
  for await (const { messageId, ...key } of namedMessages(database, id)) if (messageId === wanted) return key;
  return undefined;
}

const noPage = (id: string, why: string) => new SealpostError('MIRROR_PAGE_NOT_FOUND', `Delivery "${id}": ${why}.`);
