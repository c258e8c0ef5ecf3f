import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { FieldValue } from '../delivery/definition.js';
import type { Transaction } from './database.js';

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Text as Postgres can store it: neither NUL nor a lone surrogate fits into `text` or `jsonb`; both become U+FFFD. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** The same for a field's value, names of its members included. */
export function storableValue(value: FieldValue): FieldValue {
  if (typeof value === 'string') return storable(value);
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map(storableValue);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storable(name), storableValue(member)]));
}

// `Array.isArray` knows no read-only ones.
const isList = (value: FieldValue): value is readonly FieldValue[] => Array.isArray(value);

/** One line of COPY's text format (PostgreSQL, "COPY", Text Format); strings are {@link storable} already. */
export function copyRow(values: readonly (string | number | null)[]): string {
  return `${values.map(copyValue).join('\t')}\n`;
}

function copyValue(value: string | number | null): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return value.replaceAll(/[\\\t\n\r]/g, (char) => escapes[char] ?? char);
}

/**
 * Copies rows into a table as they come; memory does not grow with their number.
 *
 * @param table - with its columns where not all are given: `profile (revision, "row")`
 * @param lines - of {@link copyRow}
 */
export async function copyInto(tx: Transaction, table: string, lines: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(inPieces(lines)), tx.query(copyFrom(`copy ${table} from stdin`)));
}

const pieceLength = 64 * 1024;

/** A line alone would be a protocol message, a buffer and several promises each. */
async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const line of lines) {
    piece += line;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
