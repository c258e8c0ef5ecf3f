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
  const room = { bytes: maxFileBytes };
  for (const [i, { name, type = typeOf(name), read }] of attachments.entries()) {
    const report = (sentence: string) => faulty.set(i, sentence);
    const wrongName = fileName.safeParse(name).error?.issues[0]?.message;
    if (wrongName !== undefined) report(wrongName);
    const base64 = wrongName === undefined ? await inBase64(read, room, report) : undefined;
    if (base64 !== undefined) files.push({ name, type, base64 });
  }
  const { html, named, contentIdOf } = inlineImages(content);
  for (const { path, source, line, fault } of named) {
    const report = (sentence: string) => faults.push({ file: source, line, sentence });
    if (fault !== undefined) report(fault);
    const base64 = fault === undefined ? await inBase64(async () => readImage(path), room, report) : undefined;
    if (base64 !== undefined)
      files.push({ name: basename(path), type: typeOf(path), contentId: contentIdOf(path), base64 });
  }
  if (faulty.size || faults.length) return { attachments: faulty, faults };
  return { content: { ...content, ...(html === undefined ? {} : { html }), ...(files.length ? { files } : {}) } };
}

/** @param room - for this file and all after it */
async function inBase64(
  read: () => Promise<Uint8Array>,
  room: { bytes: number },
  report: (sentence: string) => void,
): Promise<string | undefined> {
  try {
    // With no room left, nothing more is read: one sentence is enough, and memory has its limit too.
    if (room.bytes < 0) return undefined;
    const content = Buffer.from(await read());
    room.bytes -= content.length;
    if (room.bytes < 0) report('with this file, attachments and images have more than 10 MB together');
    return content.toString('base64');
  } catch (error) {
    report(refusal(error));
    return undefined;
  }
}

const typeOf = (name: string): string => lookup(name) || 'application/octet-stream';
