import { basename } from 'node:path/posix';
import { lookup } from 'mime-types';
import { z } from 'zod';
import { inlineImages } from '../content/inline-images.js';
import type { ContentFault } from '../content/content-source.js';
import type { AttachedFile, Content } from '../delivery/definition.js';
import { refusal } from './definition-faults.js';

/** Bytes of a message's files together: with base64 that is 14 MB, and many systems take no more than 20. */
export const maxFileBytes = 10 * 1024 * 1024;
const maxFiles = 20;

const fileName = z
  .string('the name must be text')
  .min(1, 'the name must not be empty')
  .max(150, 'the name is longer than 150 characters')
  // A receiver's program may take it for a path, or for a header.
  .regex(/^[^/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}]+$/u, 'the name must be that of a file, without / \\ : * ? " < > |')
  .refine((name) => !/^[. ]|[. ]$/.test(name), 'the name must not begin or end with a dot or a space');

const mediaType = z
  .string('type must be text')
  .regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,99}$/, 'type must be a media type such as application/pdf')
  .refine((type) => !/^(?:multipart|message)\//.test(type), 'type must be that of a file, not of a message')
  .optional();

/** Files of the delivery's folder, each by its path alone or with what readers see. */
export const attachmentsSchema = z
  .array(
    z.union(
      [z.string(), z.strictObject({ file: z.string(), name: fileName.optional(), type: mediaType })],
      'must be the path of a file, or { file, name, type }',
    ),
  )
  .max(maxFiles, `there may be at most ${maxFiles} attachments`)
  .optional();

const bytes = z.instanceof(Uint8Array);

/** The same given in code. */
export const attachmentValuesSchema = z
  .array(z.strictObject({ name: fileName, content: bytes, type: mediaType }))
  .max(maxFiles, `there may be at most ${maxFiles} attachments`)
  .optional();

/** Given in code, by the name that the HTML shows an image by. */
export const imagesSchema = z.record(z.string(), bytes).optional();

/** An attachment of a definition. */
export interface Attachment {
  name: string;
  type?: string | undefined;
  /** Throws FileRefused. */
  read: () => Promise<Uint8Array>;
}

/**
 * Puts what every message carries into a delivery's content: its attachments, and the images that its HTML names by
 * `cid:` and a path.
 *
 * @param readImage - throws FileRefused
 * @returns the content, or what is wrong: with an attachment, by its index, or with an image, at its place in the content
 */
export async function withFiles(
  content: Content,
  attachments: readonly Attachment[],
  readImage: (path: string) => Promise<Uint8Array>,
): Promise<{ content: Content } | { attachments: Map<number, string>; faults: ContentFault[] }> {
  const faulty = new Map<number, string>();
  const faults: ContentFault[] = [];
  const files: AttachedFile[] = [];
  for (const [i, { name, type = typeOf(name), read }] of attachments.entries()) {
    const base64 = await inBase64(read, (sentence) => faulty.set(i, sentence));
    if (base64 !== undefined) files.push({ name, type, base64 });
  }
  const { html, named, contentIdOf } = inlineImages(content);
  for (const { path, source, line, fault } of named) {
    const report = (sentence: string) => faults.push({ file: source, line, sentence });
    if (fault !== undefined) report(fault);
    const base64 = fault === undefined ? await inBase64(async () => readImage(path), report) : undefined;
    if (base64 !== undefined)
      files.push({ name: basename(path), type: typeOf(path), contentId: contentIdOf(path), base64 });
  }
  const total = files.reduce((sum, { base64 }) => sum + Buffer.byteLength(base64, 'base64'), 0);
  if (total > maxFileBytes)
    faulty.set(0, `attachments and images have ${(total / 1024 / 1024).toFixed(1)} MB together; 10 MB is the most`);
  if (faulty.size || faults.length) return { attachments: faulty, faults };
  return { content: { ...content, ...(html === undefined ? {} : { html }), ...(files.length ? { files } : {}) } };
}

async function inBase64(
  read: () => Promise<Uint8Array>,
  report: (sentence: string) => void,
): Promise<string | undefined> {
  try {
    return Buffer.from(await read()).toString('base64');
  } catch (error) {
    report(refusal(error));
    return undefined;
  }
}

const typeOf = (name: string): string => lookup(name) || 'application/octet-stream';
