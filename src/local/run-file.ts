import { z } from 'zod';
import type { DataFolder } from './data-folder.js';
import { isAlive, processIdentitySchema, signalProcess, type ProcessIdentity } from './process-identity.js';
import { readJson, writeWhole } from './whole-file.js';

/** The parts that run as processes of their own, in the order in which they are stopped. */
export const processParts = ['worker', 'temporal', 'postgres'] as const;

export type ProcessPart = (typeof processParts)[number];

const runFileSchema = z.partialRecord(z.enum(processParts), processIdentitySchema);

/** How a part is asked to end, and how long (in ms) it may take before it is made to. */
export const partEnding: Record<ProcessPart, { ask: NodeJS.Signals; patienceMs: number; force: NodeJS.Signals }> = {
  worker: { ask: 'SIGTERM', patienceMs: 60_000, force: 'SIGKILL' },
  temporal: { ask: 'SIGTERM', patienceMs: 15_000, force: 'SIGKILL' },
  // SIGINT is Postgres' fast shutdown, SIGQUIT the immediate one; SIGKILL would leave its children and memory behind.
  postgres: { ask: 'SIGINT', patienceMs: 60_000, force: 'SIGQUIT' },
};

/** Remembers a process that this stack started; written before the process does anything. */
export function recordProcess(folder: DataFolder, part: ProcessPart, identity: ProcessIdentity): void {
  const known = readJson(folder.runFile, runFileSchema) ?? {};
  writeWhole(folder.runFile, JSON.stringify({ ...known, [part]: identity }));
}

/**
 * Ends what a killed supervisor left running, worker first. Under the data folder's lock only.
 *
 * @param tell - hears which parts were found
 * @throws Error when one does not end
 */
export async function clearLeftovers(folder: DataFolder, tell: (part: ProcessPart) => void): Promise<void> {
  const known = readJson(folder.runFile, runFileSchema) ?? {};
  for (const part of processParts) {
    const identity = known[part];
    if (!identity || !isAlive(identity)) continue;
    tell(part);
    await endProcess(part, identity);
  }
}

/**
 * Asks a process to end, and makes it.
 *
 * @throws Error when even force did not end it within 10 seconds
 */
export async function endProcess(part: ProcessPart, identity: ProcessIdentity): Promise<void> {
  const { ask, patienceMs, force } = partEnding[part];
  signalProcess(identity, ask);
  if (await endsWithin(identity, patienceMs)) return;
  signalProcess(identity, force);
  if (await endsWithin(identity, 10_000)) return;
  throw new Error(`${part} (process ${identity.pid}) does not end; end it by hand and start again`);
}

// Not necessarily our child, so there is no event to wait for.
async function endsWithin(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const until = Date.now() + ms;
  while (isAlive(identity)) {
    if (Date.now() > until) return false;
    await new Promise((done) => setTimeout(done, 25));
  }
  return true;
}
