import { basename, extname } from 'node:path/posix';
import { z } from 'zod';
import { compileContent } from '../content/compile-content.js';
import {
  type ContentFault,
  type ContentSource,
  FileRefused,
  type ReadInclude,
  type SourceFile,
} from '../content/content-source.js';
import type { Content } from '../delivery/definition.js';
import {
  type Attachment,
  attachmentsSchema,
  attachmentValuesSchema,
  imagesSchema,
  maxFileBytes,
  withFiles,
} from './attached-files.js';
import { type Checked, type DefinitionFault, refusal } from './definition-faults.js';
import type { FaultAt } from './definition-templates.js';
import type { SourceFolder } from './source-folder.js';

const maxContent = 2 * 1024 * 1024;

const contentKinds = ['mjml', 'html', 'text'] as const;
type ContentKind = (typeof contentKinds)[number];
type ContentTexts = { [kind in ContentKind]?: string | undefined };

const oneContent = 'must name one of mjml, html and text; beside mjml or html, text may stand too';
/** Names of files, or texts. */
export const contentSchema = z
  .strictObject({ mjml: z.string().optional(), html: z.string().optional(), text: z.string().optional() })
  .refine((given) => (given.mjml === undefined) !== (given.html === undefined) || onlyText(given), oneContent);
const onlyText = (given: ContentTexts) =>
  given.text !== undefined && given.mjml === undefined && given.html === undefined;

const kindsByExtension = new Map<string, ContentKind>([
  ['.mjml', 'mjml'],
  ['.html', 'html'],
  ['.htm', 'html'],
  ['.txt', 'text'],
]);

/** `content: news.mjml` is short for `content: { mjml: news.mjml }`. */
export function contentByKind(content: unknown): unknown {
  if (typeof content !== 'string') return content;
  const kind = kindsByExtension.get(extname(content).toLowerCase());
  return kind ? { [kind]: content } : content;
}

/** @param values - a definition as it was written; what the schema finds wrong with them is not told here */
export async function contentOfFiles(
  values: Readonly<Record<string, unknown>>,
  folder: SourceFolder,
  at: FaultAt,
): Promise<Checked<Content>> {
  const named = contentSchema.safeParse(values['content']);
  const attachments = attachmentsSchema.safeParse(values['attachments']);
  if (!named.success || !attachments.success) return { faults: [] };
  const faults: DefinitionFault[] = [];
  const read = async (kind: ContentKind) => {
    const path = named.data[kind];
    if (path === undefined) return undefined;
    return folder.read(path, '', maxContent).catch((error: unknown) => {
      faults.push(at(['content', kind], refusal(error)));
      return undefined;
    });
  };
  const source = sourceOf({ mjml: await read('mjml'), html: await read('html'), text: await read('text') });
  if (faults.length || !source) return { faults };
  const readBytes = async (path: string) => (await folder.readBytes(path, '', maxFileBytes)).content;
  return await contentOf(source, {
    readInclude: async (path, from) => folder.read(path, from, maxContent),
    attachments: (attachments.data ?? []).map((one) => {
      const { file, name = basename(file), type } = typeof one === 'string' ? { file: one } : one;
      return { name, type, read: async () => readBytes(file) };
    }),
    readImage: readBytes,
    at,
    place: (fault) => ({ ...fault, file: folder.show(fault.file), field: 'content' }),
  });
}

/** The same of a definition given in code. */
export async function contentOfTexts(
  values: Readonly<Record<string, unknown>>,
  at: FaultAt,
): Promise<Checked<Content>> {
  const texts = contentSchema.safeParse(values['content']);
  const attachments = attachmentValuesSchema.safeParse(values['attachments']);
  const images = imagesSchema.safeParse(values['images']);
  if (!texts.success || !attachments.success || !images.success) return { faults: [] };
  const file = (kind: ContentKind): SourceFile | undefined => {
    const text = texts.data[kind];
    return text === undefined ? undefined : { name: contentNames[kind], text };
  };
  const tooBig = contentKinds.filter((kind) => Buffer.byteLength(texts.data[kind] ?? '') > maxContent);
  if (tooBig.length) return { faults: tooBig.map((kind) => at(['content', kind], 'is bigger than 2 MB')) };
  const source = sourceOf({ mjml: file('mjml'), html: file('html'), text: file('text') });
  if (!source) return { faults: [] };
  const given = new Map(Object.entries(images.data ?? {}));
  const kindOf = (name: string) => contentKinds.filter((kind) => contentNames[kind] === name);
  return await contentOf(source, {
    attachments: (attachments.data ?? []).map(({ content, ...one }) => ({ ...one, read: async () => content })),
    readImage: async (path) => given.get(path) ?? Promise.reject(new FileRefused(`images has none called "${path}"`)),
    at,
    place: ({ file: name, line, sentence }) => ({ ...at(['content', ...kindOf(name)], sentence), line }),
  });
}

async function contentOf(
  source: ContentSource,
  files: {
    /** Absent for content given in code, which has no files. */
    readInclude?: ReadInclude;
    attachments: readonly Attachment[];
    readImage: (path: string) => Promise<Uint8Array>;
    at: FaultAt;
    place: (fault: ContentFault) => DefinitionFault;
  },
): Promise<Checked<Content>> {
  const compiled = await compileContent(source, files.readInclude);
  if ('faults' in compiled) return { faults: compiled.faults.map(files.place) };
  const whole = await withFiles(compiled.content, files.attachments, files.readImage);
  if ('content' in whole) return { value: whole.content };
  const faulty = [...whole.attachments].map(([i, sentence]) => files.at(['attachments', i], sentence));
  return { faults: [...faulty, ...whole.faults.map(files.place)] };
}

/** What the sources of a definition given in code are called in its revision. */
export const contentNames = { mjml: 'content.mjml', html: 'content.html', text: 'content.txt' } as const;

function sourceOf(files: Record<ContentKind, SourceFile | undefined>): ContentSource | undefined {
  const { mjml, html, text } = files;
  if (mjml) return { mjml, ...(text ? { text } : {}) };
  if (html) return { html, ...(text ? { text } : {}) };
  return text && { text };
}
