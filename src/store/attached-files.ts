import type { AttachedFile } from '../delivery/definition.js';
import type { Queryable } from './database.js';

/** Stores what the messages of a revision carry, in order. */
export async function insertFiles(
  database: Queryable,
  revisionKey: number,
  files: readonly AttachedFile[],
): Promise<void> {
  for (const [n, { name, type, contentId, base64 }] of files.entries()) {
    await database.query(
      'insert into attached_file (revision, n, name, type, content_id, content) values ($1, $2, $3, $4, $5, $6)',
      [revisionKey, n, name, type, contentId ?? null, Buffer.from(base64, 'base64')],
    );
  }
}

export async function readFiles(database: Queryable, revisionKey: number): Promise<AttachedFile[]> {
  const { rows } = await database.query<{ name: string; type: string; contentId: string | null; content: Buffer }>(
    `select name, type, content_id as "contentId", content from attached_file where revision = $1 order by n`,
    [revisionKey],
  );
  return rows.map(({ name, type, contentId, content }) => ({
    name,
    type,
    ...(contentId === null ? {} : { contentId }),
    base64: content.toString('base64'),
  }));
}
