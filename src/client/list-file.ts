import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { types } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DefinitionError } from './definition-faults.js';

/** A file of a list: its path, or its bytes with a name for faults. Either may be gzip. */
export type ListFile = string | { name: string; bytes: AsyncIterable<Uint8Array> };

/** A file that is being read. */
export interface OpenListFile {
  name: string;
  bytes: AsyncIterable<Buffer>;
  /** @returns how much of it was read, from 0 to 1; undefined where its size is not known */
  share: () => number | undefined;
}

/** Opened when it is read. Its bytes come unpacked; what cannot be read is a DefinitionError, whose sentence says why. */
export function openListFile(file: ListFile): OpenListFile {
  let [read, size] = [0, 0];
  async function* counted(): AsyncGenerator<Buffer> {
    if (typeof file === 'string') ({ size } = await stat(file));
    const chunks: AsyncIterable<Uint8Array> = typeof file === 'string' ? createReadStream(file) : file.bytes;
    for await (const chunk of chunks) {
      read += chunk.length;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  }
  const name = typeof file === 'string' ? file : file.name;
  return {
    name,
    bytes: readable(name, unpacked(counted())),
    share: () => (size > 0 ? Math.min(1, read / size) : undefined),
  };
}

/** Gzip is told by its first bytes, for standard input has no name. */
async function* unpacked(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await bytes.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    yield* bytes;
  }
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* all();
  // The callback only keeps the error from being thrown elsewhere: iterating throws it here.
  yield* pipeline(Readable.from(all()), createGunzip(), () => undefined) as AsyncIterable<Buffer>;
}

const sentences: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  Z_DATA_ERROR: 'its gzip data is damaged',
  Z_BUF_ERROR: 'its gzip data is cut off',
};

async function* readable(name: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    // Not `instanceof`: Node's own errors are of another realm where an engineer's tests run under jest.
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
    const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
    if (sentence === undefined) throw error;
    throw new DefinitionError([{ file: name, field: '', sentence }]);
  }
}
