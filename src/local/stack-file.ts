import { rmSync } from 'node:fs';
import { z } from 'zod';
import { dataFolderError, type DataFolder } from './data-folder.js';
import { FolderError } from './folder-error.js';
import { isAlive, isErrno, processIdentitySchema } from './process-identity.js';
import { readJson, writeWhole } from './whole-file.js';

const runningStackSchema = z.strictObject({
  supervisor: processIdentitySchema,
  /** Host and port. */
  temporalAddress: z.string(),
  /** Absent where Temporal was given and not started by us. */
  temporalUiUrl: z.string().optional(),
  /** Temporal's own command, which runs the server; absent as above. */
  temporalCommand: z.string().optional(),
  /** With its password: the file is for its owner alone. */
  databaseUrl: z.string(),
  /** The same database by its owner, for `sealpost migrate`. */
  migrateUrl: z.string().optional(),
  smtpUrl: z.string(),
  /** Where recipients unsubscribe. */
  webUrl: z.string().optional(),
  /** Where operators work. */
  consoleUrl: z.string().optional(),
  /** Absent where a relay was given. */
  inboxFolder: z.string().optional(),
});

/** A running stack as other commands find it. */
export type RunningStack = z.output<typeof runningStackSchema>;

/** Says that the stack is ready, and where. A kill before it leaves a stack that other commands don't see. */
export function writeStackFile(folder: DataFolder, stack: RunningStack): void {
  writeWhole(folder.stackFile, `${JSON.stringify(stack, null, 2)}\n`, 0o600);
}

export function removeStackFile(folder: DataFolder): void {
  rmSync(folder.stackFile, { force: true });
}

/** @returns the stack of this data folder, if it is ready and its supervisor lives */
export function readRunningStack(folder: DataFolder): RunningStack | undefined {
  try {
    const stack = readJson(folder.stackFile, runningStackSchema);
    return stack && isAlive(stack.supervisor) ? stack : undefined;
  } catch (error) {
    if (isErrno(error, 'EACCES')) {
      throw new FolderError(
        `${folder.stackFile} belongs to another user: run this command as the user who started the stack, or name another data folder in SEALPOST_HOME`,
        { cause: error },
      );
    }
    throw dataFolderError(folder, error) ?? error;
  }
}
