import { pipeline, Readable } from 'node:stream';
import { types } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DefinitionError } from './definition-faults.js';

/** Lists of addresses shrink to a third or a tenth. */
const maxRatio = 100;
/** So much may come out of any archive, however small: a short list of like rows shrinks more. */
const alwaysAllowed = 16 * 1024 * 1024;

/** How faults name what is read. */
interface Named {
  name: string;
  /** The setting that it belongs to. @default none */
  field?: string;
}

/**
 * The bytes of a file, unpacked where they are gzip.
 *
 * @throws DefinitionError for what cannot be read, an archive that is broken or unpacks to far more than a list would, and
 *   for what is called `.gz` and is none
 */
export async function* unpackedBytes(file: Named, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(file, bytes);
  } catch (error) {
    // Not `instanceof`: Node's own errors are of another realm where an engineer's tests run under jest.
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
    const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
    throw sentence === undefined ? error : faultOf(file, sentence);
  }
}

/** Gzip is told by its first bytes, for standard input has no name. */
async function* unpacked(file: Named, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = bytes[Symbol.asyncIterator]();
  let [head, read]: [Buffer, number] = [Buffer.alloc(0), 0];
  async function* all(): AsyncGenerator<Buffer> {
    for (let next: IteratorResult<Buffer> = { value: head }; !next.done; next = await source.next()) {
      read += next.value.length;
      yield next.value;
    }
  }
  try {
    while (head.length < 2) {
      const next = await source.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      if (/\.gz$/i.test(file.name)) throw faultOf(file, 'its name says gzip, and it is none: correct the name');
      return yield* all();
    }
    let written = 0;
    // The callback only keeps the error from being thrown elsewhere: iterating throws it here.
    for await (const chunk of pipeline(Readable.from(all()), createGunzip(), () => undefined)) {
      written += chunk.length;
      if (written > Math.max(alwaysAllowed, read * maxRatio))
        throw faultOf(file, `unpacks to more than ${maxRatio} times its size, which no list does; unpack it and look`);
      yield chunk;
    }
  } finally {
    await source.return?.();
  }
}

const sentences: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  Z_DATA_ERROR: 'its gzip data is damaged; compress the file anew',
  Z_BUF_ERROR: 'its gzip data is cut off; copy the whole file',
};

const faultOf = ({ name, field = '' }: Named, sentence: string) =>
  new DefinitionError([{ file: name, field, sentence }]);
