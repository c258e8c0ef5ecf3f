import { createHash } from 'node:crypto';
import { canonicalJson } from '../delivery/canonical-json.js';
import type { AttachedFile } from '../delivery/definition.js';

/** What a revision's name is made from. */
export interface RevisionForm {
  settings: unknown;
  sources: Readonly<Record<string, string>>;
  /** Absent where there are none. */
  files?: readonly NamedFile[] | undefined;
  /** Of {@link targetDigest}. */
  target: string;
  /** SHA-256 over whom the sources leave out, an address a line; absent where no source does so. */
  excluded?: string | undefined;
  queries?: readonly { database: string; query: string }[] | undefined;
}

/** A file by its name and bytes. */
export type NamedFile = Omit<AttachedFile, 'base64'> & {
  /** SHA-256 over its base64. */
  hash: string;
};

/** A revision is named by its sources, not by what they were compiled to: MJML gives some elements random ids. */
export function revisionHash({ settings, sources, files, target, excluded, queries }: RevisionForm): string {
  const form = { settings, sources, files, target, excluded, queries: queries?.length ? queries : undefined };
  return hexSha256(canonicalJson(form));
}

export function namedFile({ base64, ...file }: AttachedFile): NamedFile {
  return { ...file, hash: hexSha256(base64) };
}

/** SHA-256 over the profiles of a target in order, each a line of canonical JSON. */
export function targetDigest(): { add: (row: number, address: string, fields: unknown) => void; hash: () => string } {
  const digest = createHash('sha256');
  return {
    add: (row, address, fields) => digest.update(`${canonicalJson([row, address, fields])}\n`),
    hash: () => digest.digest('hex'),
  };
}

export function hexSha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
