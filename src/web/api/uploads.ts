import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TakenUpload } from './route.js';

/** A file that a request has brought in place of JSON. It is in memory alone: a kill leaves nothing of it. */
export interface Upload {
  bytes: Uint8Array;
  /** SHA-256. */
  digest: Buffer;
}

const fileTypes = ['text/csv', 'text/plain', 'application/gzip', 'application/octet-stream'] as const;

export const listUpload: TakenUpload = {
  types: fileTypes,
  description:
    'CSV in UTF-8 whose header names `address` or `email` and may name `sender` (of the denylist) and `reason`, or one address a line; gzip too.',
  limit: 50 * 1024 * 1024,
};

/** Takes bodies that are files, whole. The limit is the route's own. */
export function addFileParsers(api: FastifyInstance): void {
  api.removeContentTypeParser('text/plain');
  api.addContentTypeParser([...fileTypes], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

export function uploadOf({ body }: Pick<FastifyRequest, 'body'>): Upload {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  return { bytes, digest: createHash('sha256').update(bytes).digest() };
}
