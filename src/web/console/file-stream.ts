import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { RefusedError } from '../access/guard.js';

/** A download reads the database at the pace of who takes it, over a connection of its own: there are few of those. */
const mostUnderWay = 2;
let underWay = 0;

/** So long nothing may be taken. */
const stallMs = 60_000;

/**
 * What `work` writes, as fast as it is taken. Where it fails in the middle the download breaks off, so that nobody takes a part
 * for the whole; who goes away, or takes nothing for a minute, ends the work.
 *
 * @throws RefusedError
 */
export function fileStream(work: (write: (text: string) => Promise<void>) => Promise<void>): Readable {
  if (underWay >= mostUnderWay) throw new RefusedError('too-many', 'others are downloading just now');
  underWay += 1;
  const out = new PassThrough({ highWaterMark: 256 * 1024 });
  const gone = new AbortController();
  out.once('close', () => gone.abort());
  const write = async (text: string): Promise<void> => {
    gone.signal.throwIfAborted();
    if (out.write(text)) return;
    const stall = setTimeout(() => out.destroy(new Error('nothing was taken for a minute')), stallMs);
    await once(out, 'drain', { signal: gone.signal }).finally(() => clearTimeout(stall));
  };
  void work(write)
    .then(
      () => out.end(),
      (error: unknown) => out.destroy(error instanceof Error ? error : new Error('it failed')),
    )
    .finally(() => (underWay -= 1));
  return out;
}
