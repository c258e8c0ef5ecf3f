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

/** A form that is not taken. */
class UploadError extends Error {
  override readonly name = 'UploadError';
  constructor(
    readonly statusCode: 400 | 413,
    message: string,
  ) {
    super(message);
  }
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
 * @throws UploadError for a form that is too large, or none; errors of the parser that say how they are answered
 */
export async function readUploads(request: FastifyRequest, limits: UploadLimits): Promise<void> {
  if (!request.isMultipart()) return;
  try {
    const { fields, files } = await read(request, limits);
    request.body = fields;
    uploads.set(request, files);
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error;
    // It breaks off, or is none: the parser says so by errors of no kind.
    throw new UploadError(400, 'the form did not arrive whole');
  }
}

interface Read {
  fields: Record<string, string | string[]>;
  files: Upload[];
}

async function read(request: FastifyRequest, limits: UploadLimits): Promise<Read> {
  const files: Upload[] = [];
  const fields = Object.create(null) as Read['fields'];
  let left = limits.bytes;
  const most = { files: limits.files, fields: mostFields, parts: limits.files + mostFields };
  const sizes = { fileSize: limits.bytes + 1, fieldSize: fieldBytes };
  const parts: AsyncIterable<Multipart> = request.parts({ limits: { ...most, ...sizes } });
  for await (const part of parts) {
    if (part.type === 'field') {
      const value = String(part.value);
      left -= part.valueTruncated ? Infinity : Buffer.byteLength(value);
      // The parser keeps fields, whatever becomes of them here.
      if (left < 0) throw tooLarge();
      const before = fields[part.fieldname];
      fields[part.fieldname] = before === undefined ? value : [before, value].flat();
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      left -= chunk.length;
      // What is too much is read to its end, and forgotten: browsers show no answer that comes while they send.
      if (left < 0) files.length = chunks.length = 0;
      else chunks.push(chunk);
    }
    // A choice of files where none was chosen.
    const name = nameOf(part.filename);
    if (name !== '') files.push({ field: part.fieldname, name, bytes: Buffer.concat(chunks) });
  }
  if (left < 0) throw tooLarge();
  return { fields, files };
}

const tooLarge = () => new UploadError(413, 'more was sent than this form takes');

const mostFields = 500;
const fieldBytes = 2 * 1024 * 1024;

/** Browsers send the name alone, hostile callers whatever they like. */
const nameOf = (given: string | undefined): string =>
  (given ?? '')
    .replaceAll(/\p{Cc}/gu, '')
    .split(/[/\\]/)
    .at(-1)
    ?.slice(0, 200) ?? '';
