import { z } from 'zod';
import { type Checked, schemaFaults } from './definition-faults.js';
import type { FaultAt } from './definition-templates.js';

const maxSources = 50;
/** More than most lists that a person signs off: a join gone wrong is noticed. */
const defaultMaxRows = 1_000_000;

/** Names of columns by the fields that they become. */
const mapSchema = z
  .record(z.string(), z.string().min(1, 'must name a column').max(200, 'is longer than 200 characters'))
  .check(({ value, issues }) => {
    const columns = Object.values(value);
    for (const [index, [field, column]] of Object.entries(value).entries()) {
      const message = mappingFault(field, columns.indexOf(column) < index);
      if (message !== undefined) issues.push({ code: 'custom', path: [field], message, input: value });
    }
  });

function mappingFault(field: string, isSecond: boolean): string | undefined {
  if (field === 'email') return 'is the address: name its column as addressField';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(field))
    return 'needs a name that templates can use: letters a–z, digits and "_", no digit first';
  return isSecond ? 'has the column of another field' : undefined;
}

/** Where recipients come from, or whom they leave out. */
export const sourceSchema = z.strictObject({
  file: z.string().min(1, 'must name a file').optional(),
  /** SQL, of which each row is a recipient. */
  query: z.string().min(1, 'must be a query').max(100_000, 'is longer than 100,000 characters').optional(),
  /** Where the query runs; its address stands in the environment only. */
  database: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be a name: 1–40 of a–z, 0–9 and "-"')
    .optional(),
  /** A query that gives more is refused. */
  maxRows: z.int().min(1).max(10_000_000).optional(),
  /** A column that is not named here is a field of its own name. */
  map: mapSchema.optional(),
  /** The definition's own where not given. */
  addressField: z.string().optional(),
  /** Whoever is in it, by address, is left out. */
  exclude: z.boolean().default(false),
});

/** One source, with where it stands in the definition. */
export interface RecipientsSource extends Pick<z.output<typeof sourceSchema>, 'map' | 'exclude'> {
  from: { file: string } | { query: string; database: string; maxRows: number };
  addressField: string;
  path: PropertyKey[];
}

/**
 * @param recipients - as the definition has it: a file's name, a source or a list of both
 * @param addressField - of sources that name none
 */
export function parseSources(recipients: unknown, addressField: string, at: FaultAt): Checked<RecipientsSource[]> {
  const isList = Array.isArray(recipients);
  const written: unknown[] = isList ? recipients : [recipients];
  const sources = written.map((one, index) =>
    parseSource(one, isList ? ['recipients', index] : ['recipients'], addressField, at),
  );
  const faults = sources.flatMap((one) => ('faults' in one ? one.faults : []));
  const good = sources.flatMap((one) => ('value' in one ? [one.value] : []));
  if (written.length > maxSources) faults.push(at(['recipients'], `has more than ${maxSources} sources`));
  else if (faults.length === 0 && good.every(({ exclude }) => exclude))
    faults.push(at(['recipients'], 'names nobody to send to: one source must not be with exclude: true'));
  return faults.length > 0 ? { faults } : { value: good };
}

function parseSource(
  written: unknown,
  path: PropertyKey[],
  addressField: string,
  at: FaultAt,
): Checked<RecipientsSource> {
  if (written === undefined) return { faults: [at(path, 'is missing')] };
  const source = typeof written === 'string' ? { file: written } : written;
  if (typeof source !== 'object' || source === null || Array.isArray(source))
    return {
      faults: [at(path, 'must be the name of a file, a source such as { file: members.csv }, or a list of them')],
    };
  const parsed = sourceSchema.safeParse(source);
  if (!parsed.success) {
    const faults = schemaFaults(parsed.error, sourceSchema, source);
    return { faults: faults.map((fault) => at([...path, ...fault.path], fault.sentence, fault.atKey)) };
  }
  const { file, query, database, maxRows, ...rest } = parsed.data;
  const from = originOf({ file, query, database, maxRows });
  if (typeof from === 'string') return { faults: [at(path, from)] };
  const value = { ...rest, from, addressField: rest.addressField ?? addressField, path };
  if (Object.values(value.map ?? {}).includes(value.addressField))
    return { faults: [at([...path, 'map'], `"${value.addressField}" is the column of the address; it is no field`)] };
  return { value };
}

function originOf({
  file,
  query,
  database,
  maxRows,
}: Pick<z.output<typeof sourceSchema>, 'file' | 'query' | 'database' | 'maxRows'>): RecipientsSource['from'] | string {
  if (query !== undefined && database !== undefined && file === undefined)
    return { query, database, maxRows: maxRows ?? defaultMaxRows };
  if (file === undefined || query !== undefined || database !== undefined)
    return 'needs either a file, or a query and its database';
  return maxRows === undefined ? { file } : 'has maxRows, which is for a query';
}
