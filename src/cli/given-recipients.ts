import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { GivenFile } from '../client/recipients-target.js';

/** Adds `--recipients`, of commands that read a definition from disk. */
export function withRecipients(command: Command): Command {
  return command.option('--recipients <file>', "a file in place of the definition's own; - is standard input");
}

/**
 * Runs work with the file that `--recipients` names. Standard input is kept in a file for as long, for a target is read
 * more than once: its head in the checks, all of it after them.
 */
export async function withGivenRecipients<T>(
  option: string | undefined,
  work: (recipients: GivenFile | undefined) => Promise<T>,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<T> {
  if (option !== '-') return await work(option === undefined ? undefined : { path: option });
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-'));
  try {
    const path = join(folder, 'recipients');
    // People's addresses: for the caller's eyes alone.
    await pipeline(input, createWriteStream(path, { mode: 0o600 }));
    return await work({ path, name: 'standard input' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
