import { stat } from 'node:fs/promises';
import { FileRefused } from '../content/content-source.js';
import { parseAddress } from '../delivery/address.js';
import type { Profile } from '../delivery/definition.js';
import type { ExcludingSource } from '../store/excluded-addresses.js';
import { type Checked, DefinitionError, type DefinitionFault, refusal } from './definition-faults.js';
import type { FaultAt } from './definition-templates.js';
import type { RecipientsFile } from './recipients-file.js';
import { recipientsFormat } from './recipients-format.js';
import { type Env, readQueryFieldNames, readRecipientsQuery } from './recipients-query.js';
import { parseSources, type RecipientsSource } from './recipients-sources.js';
import type { SourceFolder } from './source-folder.js';

/** A file of recipients in place of the definition's own; it may stand anywhere. */
export interface GivenFile {
  path: string;
  /** How faults name it, and what tells its format; without an ending, its content does. @default the path */
  name?: string;
}

/** The recipients of a definition on disk, ready to be read. */
export interface FileTarget {
  open: () => AsyncIterable<Profile>;
  /** Whom sources leave out; absent where no source says so. */
  excluded?: readonly ExcludingSource[];
  fields: () => Promise<string[]>;
  /** What is asked of databases. */
  queries: { database: string; query: string }[];
  /** Columns of addresses. */
  addressFields: string[];
}

interface OpenSource {
  /** Relative to the definition's folder; of a query, its database. */
  name: string;
  /** How faults name it. */
  shown: { file?: string; field: string };
  addressField: string;
  read: () => AsyncGenerator<Profile, void, undefined>;
  fieldNames: () => Promise<string[]>;
  query?: { database: string; query: string };
}

/**
 * Finds the sources of a definition and reads the head of each.
 *
 * @param values - as they stand in the definition
 * @param env - names databases of recipients
 * @param options - `env` names databases; `recipients` are read in place of the sources to send to; those that exclude stay
 */
export async function openTarget(
  { recipients, addressField = 'email' }: Record<string, unknown>,
  folder: SourceFolder,
  at: FaultAt,
  { env, recipients: given }: { env: Env; recipients?: GivenFile | undefined },
): Promise<Checked<FileTarget>> {
  if (typeof addressField !== 'string') return { faults: [] };
  const sources = given && recipients === undefined ? { value: [] } : parseSources(recipients, addressField, at);
  if ('faults' in sources) return sources;
  const find = (source: RecipientsSource) => openSource(source, at, () => sourceOf(source, folder, at, env));
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
    ...(leaving.length > 0 && {
      excluded: leaving.map((source) => ({ name: source.name, open: () => addressesOf(source) })),
    }),
    fields: async () => {
      const names = await Promise.all(sending.map(({ fieldNames }) => fieldNames()));
      return [...new Set(names.flat())];
    },
    queries: [...sending, ...leaving].flatMap(({ query }) => query ?? []),
    addressFields: [...new Set(sending.map(({ addressField }) => addressField))],
  };
}

/** Rows of a later source are numbered on from the last row of the one before. */
async function* profilesOf(sources: readonly OpenSource[]): AsyncGenerator<Profile, void, undefined> {
  let last = 0;
  for (const { name, read } of sources) {
    const before = last;
    for await (const profile of read()) {
      last = before + profile.row;
      yield sources.length === 1 ? profile : { ...profile, row: last, origin: { source: name, row: profile.row } };
    }
  }
}

async function* addressesOf({
  shown,
  addressField,
  read,
}: Pick<OpenSource, 'shown' | 'addressField' | 'read'>): AsyncGenerator<string, void, undefined> {
  let rows = 0;
  let valid = 0;
  for await (const { address } of read()) {
    rows += 1;
    const parsed = parseAddress(address);
    if (!parsed) continue;
    valid += 1;
    yield parsed.key;
  }
  // Or everybody of a list of people who want nothing would get the message.
  if (rows > 0 && valid === 0) {
    const sentence = `no row has a valid address in "${addressField}", so nobody would be left out: name the right column as addressField`;
    throw new DefinitionError([{ ...shown, sentence }]);
  }
}

async function openSource(
  { path }: Pick<RecipientsSource, 'path'>,
  at: FaultAt,
  find: () => Promise<OpenSource>,
): Promise<Checked<OpenSource>> {
  try {
    const source = await find();
    // The header and the first row, so that a wrong column is found here and not in the middle of an analysis.
    for await (const _first of source.read()) break;
    return { value: source };
  } catch (error) {
    if (error instanceof DefinitionError) return { faults: [...error.faults] };
    return { faults: [at(path, refusal(error))] };
  }
}

async function sourceOf(source: RecipientsSource, folder: SourceFolder, at: FaultAt, env: Env): Promise<OpenSource> {
  const { from, addressField, map = {}, path } = source;
  const fieldOf = new Map(Object.entries(map).map(([field, column]) => [column, field]));
  if ('query' in from) {
    const fault = (sentence: string) => at(path, sentence);
    const { sentence: _sentence, ...shown } = fault('');
    const query = { ...from, fault, addressField, fieldOf, env };
    return {
      name: from.database,
      shown,
      addressField,
      read: () => readRecipientsQuery(query),
      fieldNames: () => readQueryFieldNames(query),
      query: { database: from.database, query: from.query },
    };
  }
  const file = await folder.recipients(from.file, '');
  return await fileSource(file.name, { path: file.source, name: folder.show(file.name), addressField, fieldOf });
}

async function fileSource(name: string, file: RecipientsFile): Promise<OpenSource> {
  const format = await recipientsFormat(file);
  return {
    name,
    shown: { file: file.name, field: 'recipients' },
    addressField: file.addressField,
    read: () => format.read(file),
    fieldNames: () => format.fieldNames(file),
  };
}

async function openGiven({ path, name = path }: GivenFile, addressField: string): Promise<Checked<OpenSource>> {
  const at = (_path: PropertyKey[], sentence: string): DefinitionFault => ({ field: 'recipients', sentence });
  return await openSource({ path: [] }, at, async () => {
    // Before it is opened: opening a named pipe would wait for its writer, and it can be read only once.
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new FileRefused(`"${name}" is ${found ? 'not a file' : 'not there'}`);
    return await fileSource(name, { path, name, addressField });
  });
}
