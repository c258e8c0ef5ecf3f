import { stat } from 'node:fs/promises';
import { FileRefused } from '../content/content-source.js';
import { parseAddress } from '../delivery/address.js';
import type { Profile } from '../delivery/definition.js';
import { type Checked, DefinitionError, type DefinitionFault, refusal } from './definition-faults.js';
import type { FaultAt } from './definition-templates.js';
import type { DeliveryFolder } from './delivery-folder.js';
import type { RecipientsFile } from './recipients-file.js';
import { recipientsFormat, type RecipientsFormat } from './recipients-format.js';
import { parseSources, type RecipientsSource } from './recipients-sources.js';

/** A file of recipients in place of the definition's own; it may stand anywhere. */
export interface GivenFile {
  path: string;
  /** How faults name it, and what tells its format; without an ending, its content does. @default the path */
  name?: string;
}

/** The recipients of a definition on disk, ready to be read. */
export interface FileTarget {
  open: () => AsyncIterable<Profile>;
  /** Addresses, as the ledger writes them, of whoever is left out; absent where no source says so. */
  excluded?: () => AsyncIterable<string>;
  fields: () => Promise<string[]>;
  /** Columns of addresses. */
  addressFields: string[];
}

interface OpenSource {
  /** Relative to the definition's folder. */
  name: string;
  file: RecipientsFile;
  format: RecipientsFormat;
}

/**
 * Finds the sources of a definition and reads the head of each.
 *
 * @param values - as they stand in the definition
 * @param given - read in place of the sources to send to; those that exclude stay
 */
export async function openTarget(
  { recipients, addressField = 'email' }: Record<string, unknown>,
  folder: DeliveryFolder,
  at: FaultAt,
  given: GivenFile | undefined,
): Promise<Checked<FileTarget>> {
  if (typeof addressField !== 'string') return { faults: [] };
  const sources = given && recipients === undefined ? { value: [] } : parseSources(recipients, addressField, at);
  if ('faults' in sources) return sources;
  const find = (source: RecipientsSource) => openSource(source, at, () => fileOfFolder(folder, source.file));
  const excluding = await Promise.all(sources.value.filter(({ exclude }) => exclude).map(find));
  const including = given
    ? [await openGiven(given, addressField)]
    : await Promise.all(sources.value.filter(({ exclude }) => !exclude).map(find));
  const faults = [...including, ...excluding].flatMap((one) => ('faults' in one ? one.faults : []));
  if (faults.length > 0) return { faults };
  const [sending, leaving] = [including, excluding].map((list) =>
    list.flatMap((one) => ('value' in one ? [one.value] : [])),
  ) as [OpenSource[], OpenSource[]];
  return { value: targetOf(sending, leaving) };
}

function targetOf(sending: readonly OpenSource[], leaving: readonly OpenSource[]): FileTarget {
  return {
    open: () => profilesOf(sending),
    ...(leaving.length > 0 && { excluded: () => addressesOf(leaving) }),
    fields: async () => {
      const names = await Promise.all(sending.map(({ file, format }) => format.fieldNames(file)));
      return [...new Set(names.flat())];
    },
    addressFields: [...new Set(sending.map(({ file }) => file.addressField))],
  };
}

/** Rows of a later source are numbered on from the last row of the one before. */
async function* profilesOf(sources: readonly OpenSource[]): AsyncGenerator<Profile, void, undefined> {
  let last = 0;
  for (const { name, file, format } of sources) {
    const before = last;
    for await (const profile of format.read(file)) {
      last = before + profile.row;
      yield sources.length === 1 ? profile : { ...profile, row: last, origin: { source: name, row: profile.row } };
    }
  }
}

async function* addressesOf(sources: readonly OpenSource[]): AsyncGenerator<string, void, undefined> {
  for (const { file, format } of sources) {
    let rows = 0;
    let valid = 0;
    for await (const { address } of format.read(file)) {
      rows += 1;
      const parsed = parseAddress(address);
      if (!parsed) continue;
      valid += 1;
      yield parsed.key;
    }
    // Or everybody of a list of people who want nothing would get the message.
    if (rows > 0 && valid === 0) {
      const sentence = `no row has a valid address in "${file.addressField}", so nobody would be left out: name the right column as addressField`;
      throw new DefinitionError([{ file: file.name, field: 'recipients', sentence }]);
    }
  }
}

async function openSource(
  { path, addressField, map = {} }: Omit<RecipientsSource, 'exclude' | 'file'>,
  at: FaultAt,
  find: () => Promise<{ real: string; name: string; shown: string }>,
): Promise<Checked<OpenSource>> {
  try {
    const { real, name, shown } = await find();
    const fieldOf = new Map(Object.entries(map).map(([field, column]) => [column, field]));
    const file = { path: real, name: shown, addressField, fieldOf };
    const format = await recipientsFormat(file);
    // The header and the first row, so that a wrong column is found here and not in the middle of an analysis.
    for await (const _first of format.read(file)) break;
    return { value: { name, file, format } };
  } catch (error) {
    if (error instanceof DefinitionError) return { faults: [...error.faults] };
    return { faults: [at(path, refusal(error))] };
  }
}

async function fileOfFolder(folder: DeliveryFolder, path: string) {
  const { real, name } = await folder.find(path, '');
  return { real, name, shown: folder.show(name) };
}

async function openGiven({ path, name = path }: GivenFile, addressField: string): Promise<Checked<OpenSource>> {
  const at = (_path: PropertyKey[], sentence: string): DefinitionFault => ({ field: 'recipients', sentence });
  return await openSource({ path: [], addressField }, at, async () => {
    // Before it is opened: opening a named pipe would wait for its writer, and it can be read only once.
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new FileRefused(`"${name}" is ${found ? 'not a file' : 'not there'}`);
    return { real: path, name, shown: name };
  });
}
