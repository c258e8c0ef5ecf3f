import { parseAddress } from '../delivery/address.js';
import type { Profile } from '../delivery/definition.js';
import {
  compileRevision,
  isRecipientFault,
  type MessageSubject,
  type RenderedRevision,
} from '../mime/compile-revision.js';
import { compileShown } from '../mime/shown-message.js';
import { findDelivery } from '../store/deliveries.js';
import type { Queryable } from '../store/database.js';
import { readRevision } from '../store/revisions.js';
import { DefinitionError } from './definition-faults.js';
import { readDefinitionFile } from './definition-file.js';
import { DeliveryNotFoundError } from './errors.js';

/** One recipient's message, as the analysis, proofs and sending make it. */
export interface Preview {
  id: string;
  row: number;
  /** With the message's own images in it. */
  html?: string;
  text: string;
  /** The whole message; its Date is that of the preview. */
  eml: Buffer;
}

/** @throws DeliveryNotFoundError; DefinitionError for a row that is not there or cannot be filled */
export async function previewStored(database: Queryable, id: string, row?: number): Promise<Preview> {
  const found = await findDelivery(database, id);
  if (!found) throw new DeliveryNotFoundError(id);
  const revision = await readRevision(database, id, found.revision);
  const { rows } = await database.query<Profile & { seq: number | null }>(
    `select p."row", p.address, p.fields, m.seq from profile p
     left join message m on m.delivery = $2 and m.proof = 0 and m.revision = p.revision and m.profile_row = p."row"
     where p.revision = $1 and p.address <> '' and case when $3::int is null then p."row" > 0 else p."row" = $3 end order by p."row" limit 1`,
    [revision.key, revision.deliveryKey, row ?? null],
  );
  const [profile] = rows;
  if (!profile) throw noRow(row);
  return previewOf({ ...revision, deliveryId: id }, profile, profile.seq ?? 0);
}

/**
 * The same from files on disk, without any server. Message-ID and boundary are not those of a stored revision.
 *
 * @throws DefinitionError
 */
export async function previewFiles(path: string, row?: number): Promise<Preview> {
  const { id, settings, content, recipients } = await readDefinitionFile(path);
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
  const { html, text } = compileShown(revision)(message);
  return { id: revision.deliveryId, row, ...(html === undefined ? {} : { html }), text, eml };
}

function rendered(revision: RenderedRevision, subject: MessageSubject, row: number): Buffer {
  try {
    return compileRevision(revision)(subject).bytes;
  } catch (error) {
    if (!isRecipientFault(error)) throw error;
    throw new DefinitionError([{ field: `row ${row}`, sentence: error.message }]);
  }
}

const noRow = (row: number | undefined) =>
  new DefinitionError([
    {
      field: 'recipients',
      sentence: row === undefined ? 'has no row with an address' : `has no row ${row} with an address`,
    },
  ]);
