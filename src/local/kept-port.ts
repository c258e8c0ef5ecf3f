import { z } from 'zod';
import type { DataFolder } from './data-folder.js';
import { freePort } from './free-port.js';
import { readJson, writeWhole } from './whole-file.js';

const portsSchema = z.partialRecord(
  z.enum(['inbox', 'postgres', 'temporal', 'temporalUi', 'web', 'console']),
  z.int().min(1).max(65_535),
);

type ListeningPart = keyof z.output<typeof portsSchema>;

/**
 * A port for a part of this data folder's stack: the one that it had before, so that shells, bookmarks and code which
 * know it stay right; another one only where somebody else has taken it. Under the data folder's lock only. Killed after
 * it, the port is kept and was never used.
 *
 * @param usual - tried at the first time
 * @returns a port of 127.0.0.1, see `freePort`
 */
export async function keptPort(folder: DataFolder, part: ListeningPart, usual: number): Promise<number> {
  const known = readJson(folder.portsFile, portsSchema) ?? {};
  const port = await freePort(known[part] ?? usual);
  if (port !== known[part]) writeWhole(folder.portsFile, JSON.stringify({ ...known, [part]: port }));
  return port;
}
