import { parseAddress } from '../delivery/address.js';
import type { Profile } from '../delivery/definition.js';
import {
  compileRevision,
  isRecipientFault,
  type MessageSubject,
  type RenderedRevision,
} from '../mime/compile-revision.js';
import type { Reason } from '../delivery/message-status.js';
import { compileShown, type ShownMessage } from '../mime/shown-message.js';
import { findDelivery } from '../store/deliveries.js';
import type { Queryable } from '../store/database.js';
import { readRevision, type StoredRevision } from '../store/revisions.js';
import { DefinitionError } from './definition-faults.js';
import { readDefinitionFile, type DefinitionOptions } from './definition-file.js';
import type { DefinitionFiles } from './definition-files.js';
import { DeliveryNotFoundError } from './errors.js';

/** One recipient's message, as the analysis, proofs and sending make it. */
export interface Preview extends ShownMessage {
  id: string;
  row: number;
  to: string;
  /** Why this recipient gets no message, where that is known. */
  leftOut?: Reason;
  /** The whole message; its Date is that of the preview. */
  eml: Buffer;
}

/** Whose message: by row of the target or by address, else the first recipient's. */
export type Recipient = number | { address: string } | undefined;

/** @throws DeliveryNotFoundError; DefinitionError for a recipient who is not there or cannot be filled in */
export async function previewStored(database: Queryable, id: string, which: Recipient): Promise<Preview> {
  const found = await findDelivery(database, id);
  if (!found) throw new DeliveryNotFoundError(id);
  const revision = await readRevision(database, id, found.revision);
  const wanted = typeof which === 'object' ? which.address : (which ?? null);
  const condition =
    which === undefined
      ? 'p."row" > 0 and $2::int is null'
      : typeof which === 'object'
        ? 'p."row" > 0 and lower(p.address) = lower($2::text)'
        : 'p."row" = $2::int';
  const { rows } = await database.query<Profile>(
    `select p."row", p.address, p.fields from profile p
     where p.revision = $1 and p.address <> '' and ${condition} order by p."row" limit 1`,
    [revision.key, wanted],
  );
  const [profile] = rows;
  if (!profile) throw noRow(which);
  const { seq = 0, leftOut } = (await messageOf(database, revision, profile.row)) ?? {};
  const preview = previewOf({ ...revision, deliveryId: id }, profile, seq);
  return { ...preview, ...(leftOut && { leftOut }) };
}

/** A row is its message's number, unless messages leave by zones: only then all of them are looked through. */
async function messageOf(
  database: Queryable,
  { key, deliveryKey }: Pick<StoredRevision, 'key' | 'deliveryKey'>,
  row: number,
): Promise<{ seq: number; leftOut: Reason | null } | undefined> {
  const one = `select m.seq, case when m.status = 'ignored' then m.reason end as "leftOut" from message m
    where m.delivery = $1 and m.proof = 0 and m.revision = $2 and m.profile_row = $3`;
  const { rows } = await database.query<{ seq: number; leftOut: Reason | null }>(
    `${one} and m.seq = $3 union all ${one} limit 1`,
    [deliveryKey, key, row],
  );
  return rows[0];
}

/**
 * The same from files, without any server. Message-ID and boundary are not those of a stored revision.
 *
 * @throws DefinitionError
 */
export async function previewFiles(
  source: string | DefinitionFiles,
  row?: number,
  options: DefinitionOptions = {},
): Promise<Preview> {
  const { id, settings, content, recipients } = await readDefinitionFile(source, options);
  for await (const profile of recipients.open()) {
    if (!profile.address || (row !== undefined && profile.row !== row)) continue;
    const unsealed = { hash: '0'.repeat(64), secret: Buffer.alloc(32), deliveryKey: 0 };
    return previewOf({ ...unsealed, deliveryId: id, settings, content }, profile, 0);
  }
  throw noRow(row);
}

function previewOf(revision: RenderedRevision, profile: Profile, seq: number): Preview {
  const { row, fields } = profile;
  const address = parseAddress(profile.address)?.key ?? profile.address;
  const message = { proof: 0, seq, address, fields, date: new Date() };
  const eml = rendered(revision, message, row);
  return { id: revision.deliveryId, row, to: address, ...compileShown(revision)(message), eml };
}

function rendered(revision: RenderedRevision, subject: MessageSubject, row: number): Buffer {
  try {
    return compileRevision(revision)(subject).bytes;
  } catch (error) {
    if (!isRecipientFault(error)) throw error;
    throw new DefinitionError([{ field: `row ${row}`, sentence: error.message }]);
  }
}

function noRow(which: Recipient): DefinitionError {
  const sentence =
    which === undefined
      ? 'has no row with an address'
      : typeof which === 'object'
        ? `has no address ${which.address}`
        : `has no row ${which} with an address`;
  return new DefinitionError([{ field: 'recipients', sentence }]);
}
