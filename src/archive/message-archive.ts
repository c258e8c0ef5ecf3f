import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The archive's folder takes no file now. */
export class ArchiveUnavailableError extends Error {
  override readonly name = 'ArchiveUnavailableError';
  /** `ENOSPC` and the like, for the log. */
  readonly code: string | undefined;

  constructor(cause: unknown) {
    super('the archive cannot be written', { cause });
    this.code = (cause as NodeJS.ErrnoException).code;
  }
}

/** Keeps one message as it was sent. */
export type KeepMessage = (seq: number, bytes: Buffer) => Promise<void>;

/** What must fit on the disk for sending to go on: a good-sized message. */
const roomNeeded = 1_048_576;

/** A folder in which a worker keeps each message as it was sent, a file each. */
export class MessageArchive {
  constructor(private readonly folder: string) {}

  /**
   * @param subject - `proof`: 0 is the main target, N the Nth proof
   * @returns what keeps the messages of a batch
   * @throws ArchiveUnavailableError when nothing can be written: nothing must be sent then
   */
  async open({ deliveryId, proof }: { deliveryId: string; proof: number }): Promise<KeepMessage> {
    await this.check();
    const blocks = new Map<string, Promise<void>>();
    return (seq, bytes) =>
      orUnavailable(async () => {
        const path = join(this.folder, archivedPath({ deliveryId, proof, seq }));
        const block = dirname(path);
        const made = blocks.get(block) ?? this.makeBlock(block);
        blocks.set(block, made);
        await made;
        await writeWhole(path, bytes);
        await syncFolder(block);
      });
  }

  /**
   * Writes as much as a message may have, and takes it away. One name for all: what a kill leaves, the next trial takes
   * away, and trials at the same time do each other no harm.
   *
   * @throws ArchiveUnavailableError
   */
  async check(): Promise<void> {
    const trial = join(this.folder, '.trial');
    await orUnavailable(async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      try {
        await writeFile(trial, 'w', Buffer.alloc(roomNeeded));
      } finally {
        await rm(trial, { force: true });
      }
    });
  }

  /** Whoever made a folder may not have come to sync what it stands in. */
  private async makeBlock(block: string): Promise<void> {
    await mkdir(block, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(block));
    await syncFolder(this.folder);
  }
}

/**
 * Where a message's file stands in the archive. A folder has a thousand of them at the most: with more, tools that people
 * look with get slow.
 *
 * @param message - the delivery's id is a file name by its schema
 */
export function archivedPath({ deliveryId, proof, seq }: { deliveryId: string; proof: number; seq: number }): string {
  const block = proof > 0 ? `proof-${proof}` : String(Math.floor(seq / 1_000)).padStart(3, '0');
  return join(deliveryId, block, `${seq}.eml`);
}

async function orUnavailable(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new ArchiveUnavailableError(error);
  }
}

/**
 * The file is there whole or not at all, after a power cut too; a kill leaves what nobody takes for a message. A name of
 * its own for each try: a worker that wakes up late must not rename what another one is writing.
 */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.unfinished-${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(unfinished, 'wx', bytes);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeFile(path: string, flags: string, bytes: Buffer): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A new name in a folder survives a power cut only when the folder is synced too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
