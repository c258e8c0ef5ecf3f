import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { RefusedError } from '../access/guard.js';
import type { UploadLimits } from '../access/route-rule.js';

/** A file that came with a form. */
export interface Upload {
  /** Of the form. */
  field: string;
  /** Without folders; it names the file to people and to a definition, and is no path anywhere. */
  name: string;
  bytes: Buffer;
}

/** More was sent than a form takes. */
class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  readonly statusCode = 413;
}

/** So many at once: all of them are in memory, and nowhere else. */
const mostUnderWay = 4;
let underWay = 0;

const uploads = new WeakMap<FastifyRequest, Upload[]>();

/** What {@link readUploads} has read. */
export const uploadsOf = (request: FastifyRequest): readonly Upload[] => uploads.get(request) ?? [];

/** @param gone - calls back when the request is answered or gone: until then its files are in memory. @throws RefusedError */
export function holdRoom(gone: (done: () => void) => void): void {
  if (underWay >= mostUnderWay) throw new RefusedError('too-many', 'others are uploading just now');
  underWay += 1;
  gone(() => (underWay -= 1));
}

/**
 * Reads a form with files into memory: its fields become the body, its files {@link uploadsOf}. Nothing is written to a disk,
 * so that a kill, or a browser that goes away in the middle, leaves nothing behind.
 *
 * @throws TooLargeError; errors of the parser for a body that is none
 */
export async function readUploads(request: FastifyRequest, limits: UploadLimits): Promise<void> {
  if (!request.isMultipart()) return;
  const files: Upload[] = [];
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, never>;
  let left = limits.bytes;
  const take = (bytes: number): void => {
    if ((left -= bytes) < 0) throw new TooLargeError('more was sent than this form takes');
  };
  const parts: AsyncIterable<Multipart> = request.parts({
    limits: {
      files: limits.files,
      fields: 500,
      parts: limits.files + 500,
      fileSize: limits.bytes + 1,
      fieldSize: fieldBytes,
    },
  });
  for await (const part of parts) {
    if (part.type === 'field') {
      if (part.valueTruncated) throw new TooLargeError('a field is larger than this form takes');
      const value = String(part.value);
      take(Buffer.byteLength(value));
      const before = fields[part.fieldname];
      fields[part.fieldname] = before === undefined ? value : [before, value].flat();
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      take(chunk.length);
      chunks.push(chunk);
    }
    // A choice of files where none was chosen.
    const name = nameOf(part.filename);
    if (name !== '') files.push({ field: part.fieldname, name, bytes: Buffer.concat(chunks) });
  }
  request.body = fields;
  uploads.set(request, files);
}

const fieldBytes = 2 * 1024 * 1024;

/** Browsers send the name alone, hostile callers whatever they like. */
const nameOf = (given: string | undefined): string => (given ?? '').split(/[/\\]/).at(-1)?.slice(0, 200) ?? '';
