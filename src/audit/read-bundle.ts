import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson } from '../delivery/canonical-json.js';
import { bundleFormat, headerSchema, manifestSchema, type Manifest } from './bundle-format.js';
import { readSigned, type SignedText } from './signed-text.js';

/** Something that is not as it should be. */
export interface Fault {
  /** Of the bundle: a part's name, `header`, `manifest` or `signature`. */
  part: string;
  /** In the file, from 1, where it can be told. */
  line?: number;
  what: string;
}

/** The end of a bundle, which says what all the rest must be. */
export interface BundleEnd {
  /** Absent where neither the manifest nor what was signed can be read. */
  manifest?: Manifest;
  /** Where the manifest's line begins, in bytes. */
  offset: number;
  /** Absent where the signature does not hold. */
  signed?: SignedText;
  faults: Fault[];
}

/** Manifest and signature are far shorter; what is longer is not read into memory. */
const longestEnd = 4 * 1024 * 1024;

const manifestLine = z.object({ manifest: manifestSchema });
const signatureLine = z.object({ signature: z.string() });

/** Reads the two last lines of a bundle. Where one of them is damaged, the other one tells what it must have been. */
export async function readBundleEnd(path: string): Promise<BundleEnd> {
  const { size, tail } = await readTail(path);
  const last = tail.length > 1 ? tail.lastIndexOf('\n', tail.length - 2) : -1;
  const before = last > 0 ? tail.lastIndexOf('\n', last - 1) : -1;
  if (before < 0 || tail.at(-1) !== 0x0a) {
    const what = 'the file does not end with a manifest and a signature: it is cut off, or no audit bundle';
    return { offset: size, faults: [{ part: 'manifest', what }] };
  }
  const offset = size - tail.length + before + 1;
  const [written, sealed] = [tail.subarray(before + 1, last), tail.subarray(last + 1, tail.length - 1)];
  return { offset, ...(await judgeEnd(written, sealed)) };
}

async function readTail(path: string): Promise<{ size: number; tail: Buffer }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, longestEnd));
    await file.read(tail, 0, tail.length, size - tail.length);
    return { size, tail };
  } finally {
    await file.close();
  }
}

async function judgeEnd(written: Buffer, sealed: Buffer): Promise<Omit<BundleEnd, 'offset'>> {
  const faults: Fault[] = [];
  const signature = parsed(signatureLine, sealed)?.signature;
  const isWhole = signature !== undefined && sealed.equals(Buffer.from(canonicalJson({ signature })));
  const signed = isWhole ? await readSigned(signature, 'sealpost-audit-bundle') : 'the last line holds none';
  if (typeof signed === 'string') faults.push({ part: 'signature', what: signed });
  const stated = parsed(manifestLine, written)?.manifest;
  if (typeof signed === 'string') {
    if (!stated) faults.push({ part: 'manifest', what: 'it cannot be read' });
    return { faults, ...(stated && { manifest: stated }) };
  }
  // What was signed is the truth, whatever became of the line that repeats it.
  const manifest = parsed(manifestSchema, Buffer.from(signed.text));
  if (!manifest || !written.equals(Buffer.from(`{"manifest":${signed.text}}`))) {
    faults.push({ part: 'manifest', what: 'it is not the one that was signed' });
  }
  return { faults, signed, ...(manifest && { manifest }) };
}

/** @returns undefined for what is no JSON or of another shape */
export function parsed<Schema extends z.ZodType>(schema: Schema, bytes: Buffer): z.output<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** A line of a part. */
export interface BundleLine {
  part: string;
  line: number;
  bytes: Buffer;
}

/**
 * Lines of a bundle in order, without those that begin a part. Each part is compared with the manifest on the way, byte
 * by byte, whatever its lines have become.
 */
export async function* bundleLines(
  path: string,
  { manifest, offset }: { manifest: Manifest; offset: number },
  faults: Fault[],
): AsyncGenerator<BundleLine> {
  const file = await open(path);
  try {
    let at = 0;
    let line = 1;
    for (const part of manifest.parts) {
      const end = Math.min(at + part.bytes, offset);
      const digest = createHash('sha256');
      let lines = 0;
      for await (const bytes of linesBetween(file, at, end)) {
        digest.update(bytes);
        const place = { part: part.name, line: line + lines };
        lines += 1;
        if (lines === 1) faults.push(...firstLineFaults(place, bytes));
        else yield { ...place, bytes };
      }
      if (at + part.bytes > offset || digest.digest('hex') !== part.sha256) {
        faults.push({ part: part.name, what: `its bytes were changed (lines ${line} to ${line + part.lines - 1})` });
      }
      at += part.bytes;
      line += part.lines;
    }
    if (at < offset) faults.push({ part: 'manifest', what: `${offset - at} bytes before it belong to no part` });
  } finally {
    await file.close();
  }
}

/** Lines of one part, without the one that begins it. */
export async function* partLines(
  path: string,
  { manifest, offset }: { manifest: Manifest; offset: number },
  wanted: string,
): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let at = 0;
    for (const { name, bytes } of manifest.parts) {
      const [from, to] = [at, Math.min(at + bytes, offset)];
      at += bytes;
      if (name !== wanted) continue;
      let lines = 0;
      for await (const line of linesBetween(file, from, to)) if ((lines += 1) > 1) yield line;
    }
  } finally {
    await file.close();
  }
}

function firstLineFaults({ part, line }: { part: string; line: number }, bytes: Buffer): Fault[] {
  if (part !== 'header') {
    const begins = bytes.equals(Buffer.from(`${canonicalJson({ part })}\n`));
    return begins ? [] : [{ part, line, what: 'this line does not begin the part' }];
  }
  const header = parsed(headerSchema, bytes);
  if (header?.sealpostAuditBundle === bundleFormat) return [];
  return [{ part, line, what: `it does not say that this is an audit bundle of format ${bundleFormat}` }];
}

/** With their line feeds; what follows the last one comes too. */
async function* linesBetween(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = from; at < to;) {
    const chunk = Buffer.allocUnsafe(Math.min(256 * 1024, to - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    let rest = chunk.subarray(0, bytesRead);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield pieces.length > 0
        ? Buffer.concat([...pieces.splice(0), rest.subarray(0, end + 1)])
        : rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) pieces.push(rest);
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}
