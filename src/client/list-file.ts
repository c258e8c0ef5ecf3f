import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { unpackedBytes } from './unpacked-bytes.js';

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
    bytes: unpackedBytes({ name }, counted()),
    share: () => (size > 0 ? Math.min(1, read / size) : undefined),
  };
}
