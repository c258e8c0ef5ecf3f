import type { z } from 'zod';
import { FileRefused } from '../content/content-source.js';
import type { Finding } from '../delivery/finding.js';
import { didYouMean } from '../delivery/nearest-name.js';

/** One thing that is wrong with a delivery's definition. */
export interface DefinitionFault {
  /** The file as the caller named it; absent for values given in code. */
  file?: string;
  /** From 1; absent where there is no line, e.g. for a missing file. */
  line?: number;
  /** Path of the setting, e.g. `sender.address`; empty for the file as a whole. */
  field: string;
  /** What is wrong and what to do. */
  sentence: string;
}

/** A finding with where it stands in the author's files, as far as that is known. */
export type LocatedFinding = Finding & { file?: string; line?: number };

/** A fault beside what step 1 finds. */
export function findingOfFault({ field, sentence, ...where }: DefinitionFault): LocatedFinding {
  return { rule: 'definition', level: 'error', ...where, place: field, sentence };
}

/** A part of a definition, or what is wrong with it. */
export type Checked<T> = { value: T } | { faults: DefinitionFault[] };

/** @returns why a file was refused; throws any other error */
export function refusal(error: unknown): string {
  if (error instanceof FileRefused) return error.message;
  throw error;
}

/** More than anybody reads at once; `faults` has them all. */
const maxDescribed = 50;

/** A definition that cannot be used, with everything that is wrong with it at once. */
export class DefinitionError extends Error {
  override name = 'DefinitionError';
  readonly code = 'DEFINITION_INVALID';

  /** By file, as they are first named, and by line. */
  readonly faults: readonly DefinitionFault[];

  constructor(given: readonly DefinitionFault[]) {
    const faults = inOrder(given);
    const more = faults.length > maxDescribed ? [`… and ${faults.length - maxDescribed} more`] : [];
    super([...faults.slice(0, maxDescribed).map(describeFault), ...more].join('\n'));
    this.faults = faults;
  }
}

function inOrder(faults: readonly DefinitionFault[]): DefinitionFault[] {
  const files = [...new Set(faults.map(({ file }) => file))];
  return faults.toSorted((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0));
}

/** @returns `file:line: field: sentence`, without the parts that are not known */
export function describeFault({ file, line, field, sentence }: DefinitionFault): string {
  const place =
    file === undefined ? line && `line ${line}` : [file, line].filter((part) => part !== undefined).join(':');
  return [...(file === undefined ? [field, place] : [place, field]), sentence].filter(Boolean).join(': ');
}

/** An issue of a schema in our words: a path and a sentence. */
interface SchemaFault {
  path: PropertyKey[];
  sentence: string;
  /** The fault is the key itself, not its value. */
  atKey: boolean;
}

/**
 * @param schema - what `input` did not fit
 * @param input - as it was written; tells a missing value from a wrong one
 */
export function schemaFaults(error: z.ZodError, schema: z.ZodObject, input: unknown): SchemaFault[] {
  return error.issues.flatMap((issue): SchemaFault[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => ({ path: [...issue.path, key], sentence: unknownKey(key, known), atKey: true }));
    }
    return [{ path: issue.path, sentence: sentenceOf(issue, valueAt(input, issue.path)), atKey: false }];
  });
}

/** @returns a sentence about a name that is not known, with the nearest known one where it is near */
function unknownKey(key: string, known: readonly string[]): string {
  return `there is no setting "${key}" here; ${didYouMean(key, known, `there are ${known.join(', ')}`)}`;
}

function sentenceOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return typeSentence(issue.expected, value);
  if (issue.code === 'invalid_value') return `is one of ${issue.values.map((one) => `"${String(one)}"`).join(', ')}`;
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return `is at most ${issue.maximum}${entries(issue.origin)}`;
  if (issue.code === 'too_small' && issue.origin !== 'string')
    return `is at least ${issue.minimum}${entries(issue.origin)}`;
  return withoutName(issue);
}

/** The schema's sentences begin with the setting's name, which stands before every sentence here. */
function withoutName({ message, path }: z.core.$ZodIssue): string {
  const name = `${path.filter((key) => typeof key === 'string').join('.')} `;
  return message.startsWith(name) ? message.slice(name.length) : message;
}

/** @returns a setting's path as people write it, e.g. `proofs.recipients[1]` */
export function pathText(path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : `${text && '.'}${String(key)}`),
    '',
  );
}

const entries = (origin: string) => (origin === 'array' ? ' entries' : '');

const typeNames: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of settings',
  record: 'a group of settings',
};

function typeSentence(expected: string, value: unknown): string {
  const wanted = typeNames[expected] ?? expected;
  if (value === null) return `is empty; it must be ${wanted}`;
  const quote = expected === 'string' && ['number', 'boolean'].includes(typeof value) ? '; put it in quotes' : '';
  return `must be ${wanted}, not ${typeNames[Array.isArray(value) ? 'array' : typeof value] ?? typeof value}${quote}`;
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function keysAt(schema: z.ZodObject, path: PropertyKey[]): string[] {
  // The members of a list are those of each of its entries.
  const names = path.filter((key) => typeof key !== 'number');
  const at = names.reduce<unknown>((one, key) => shapeOf(one)[String(key)], schema);
  return Object.keys(shapeOf(at));
}

/** The members of an object schema, through its defaults and options. */
function shapeOf(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null) return {};
  if ('shape' in schema) return schema.shape as Record<string, unknown>;
  return 'unwrap' in schema && typeof schema.unwrap === 'function' ? shapeOf(schema.unwrap()) : {};
}
