import { isUtf8 } from 'node:buffer';
import { basename, extname } from 'node:path/posix';
import { z } from 'zod';
import type { DefinitionFiles } from '../../../client/index.js';
import type { UploadLimits } from '../../access/route-rule.js';
import type { Upload } from '../uploads.js';
import { commentSchema } from './comment-field.js';

/** What a definition with its files may be, all together. */
export const draftLimits: UploadLimits = { bytes: 64 * 1024 * 1024, files: 40 };

/** A definition while somebody writes it. */
export interface Draft {
  /** YAML. */
  definition: string;
  /** Files that are edited in the page, by name. */
  texts: ReadonlyMap<string, string>;
  /** Files that came with this request and are not: they are too large for it, or no text. */
  others: ReadonlyMap<string, Uint8Array>;
}

/** Names of the fields of texts begin with it. */
export const textField = 'text:';
export const filesField = 'files';

export const draftFields = z
  .object({
    definition: z.string().optional(),
    comment: commentSchema,
    /** Row whose message a preview shows. */
    row: z.string().max(10).optional(),
    act: z.enum(['check', 'submit']).optional(),
    /** Hash of the revision that was edited. */
    base: z.string().max(100).optional(),
    recipients: z.enum(['kept', 'given']).optional(),
    /** The author's, where a script has made one. */
    signature: z.string().max(8_192).optional(),
  })
  .catchall(z.unknown());
export type DraftFields = z.output<typeof draftFields>;

const yaml = /\.ya?ml$/i;
const editable = new Set(['.mjml', '.html', '.htm', '.txt', '.csv', '.tsv', '.ndjson', '.jsonl']);
/** Nobody edits more in a page. */
const mostEdited = 200_000;

/** What was typed, and in its place what was uploaded under the same name. */
export function draftOf(fields: DraftFields, uploads: readonly Upload[]): Draft {
  let definition = asWritten(fields.definition ?? '');
  const texts = new Map<string, string>();
  for (const [field, text] of Object.entries(fields))
    if (field.startsWith(textField) && typeof text === 'string')
      texts.set(field.slice(textField.length), asWritten(text));
  const others = new Map<string, Uint8Array>();
  for (const { field, name, bytes } of uploads) {
    if (field !== filesField) continue;
    const text = textOf(name, bytes);
    if (text === undefined) others.set(name, bytes);
    else if (yaml.test(name)) definition = text;
    else texts.set([...texts.keys()].find((known) => basename(known) === name) ?? name, text);
  }
  return { definition, texts, others };
}

/** Forms end each line with CR LF, whatever was there before. */
const asWritten = (text: string): string => text.replaceAll('\r\n', '\n');

function textOf(name: string, bytes: Buffer): string | undefined {
  const isText = yaml.test(name) || editable.has(extname(name).toLowerCase());
  return isText && bytes.length <= mostEdited && isUtf8(bytes) && !bytes.includes(0)
    ? bytes.toString('utf8')
    : undefined;
}

/** @param kept - files that a revision has already */
export function filesOf(
  { definition, texts, others }: Draft,
  kept: ReadonlyMap<string, Uint8Array> = new Map(),
): DefinitionFiles {
  const encoded = [...texts].map(([name, text]) => [name, Buffer.from(text)] as const);
  return { files: new Map([...kept, ...others, ...encoded, ['delivery.yaml', Buffer.from(definition)]]) };
}
