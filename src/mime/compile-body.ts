import type { TemplateText } from '../content/cut-template.js';
import type { AttachedFile } from '../delivery/definition.js';
import type { Multipart, PartStructure } from '../delivery/mobile-carriers.js';
import type { BodyBuffers } from './byte-buffer.js';
import type { CharsetEncoder } from './charset-encoder.js';
import type { Header } from './compose-message.js';
import { contentDisposition, mediaType } from './mime-parameters.js';
import { compileTextPart, inLines, type TextPart } from './text-part.js';

/** What is the same in all bodies of a revision. */
export interface BodyFrame {
  /** Absent, text is in UTF-8. */
  encoder?: CharsetEncoder | undefined;
  /** With it the messages are multipart/alternative, text first; without it text/plain. */
  html?: TemplateText | undefined;
  text: TemplateText;
  files?: readonly FilePart[] | undefined;
  /** Absent, {@link ordinaryStructure}. */
  structure?: PartStructure | undefined;
}

/** As mail programs expect it. */
const ordinaryStructure: PartStructure = { multiparts: ['alternative', 'related'] };

/** A file that every message carries, made ready once. */
export interface FilePart extends Entity {
  /** An image that the HTML shows, and no attachment. */
  inline: boolean;
}

/** What differs from message to message. */
export interface BodyFill {
  /** Values for the places of the frame's HTML. */
  html?: readonly string[] | undefined;
  /** Values for the places of the frame's text. */
  text: readonly string[];
  /** See `messageIdentities`. */
  boundary: string;
}

/** A body, or a part of one (RFC 2045 §2.4). */
export interface Entity {
  /** The headers that say what it is. */
  headers(boundary: string): readonly Header[];
  write(fill: BodyFill, out: BodyBuffers): void;
}

/**
 * Text and HTML with its images, in the structure; attachments stand beside all of it in multipart/mixed. Without HTML there
 * is the text alone, and its images stay out.
 */
export function compileBody({ html, text, files = [], encoder, structure = ordinaryStructure }: BodyFrame): Entity {
  const attachments = files.filter(({ inline }) => !inline);
  const plain = textEntity('plain', text, (fill) => fill.text, encoder);
  if (!html) return attachments.length ? multipart('mixed', [plain, ...attachments]) : plain;
  const { multiparts, bareImages = false } = structure;
  const images = files.filter(({ inline }) => inline).map((image) => (bareImages ? withoutDisposition(image) : image));
  const beside = multiparts.includes('related') ? attachments : [...images, ...attachments];
  const around: readonly Multipart[] = beside.length ? ['mixed', ...multiparts.filter(isWithin)] : multiparts;
  let content = textEntity('html', html, (fill) => fill.html ?? [], encoder);
  let type = 'text/html';
  for (const subtype of around.toReversed()) {
    if (subtype === 'related' && images.length === 0) continue;
    if (subtype === 'related') content = multipart(subtype, [content, ...images], `; type="${type}"`);
    else content = multipart(subtype, subtype === 'mixed' ? [content, ...beside] : [plain, content]);
    type = `multipart/${subtype}`;
  }
  return content;
}

const isWithin = (subtype: Multipart): boolean => subtype !== 'mixed';

function withoutDisposition(file: FilePart): FilePart {
  return { ...file, headers: (boundary) => file.headers(boundary).filter(([name]) => name !== 'Content-Disposition') };
}

function textEntity(
  subtype: 'plain' | 'html',
  template: TemplateText,
  valuesOf: (fill: BodyFill) => readonly string[],
  encoder: CharsetEncoder | undefined,
): Entity {
  const part: TextPart = compileTextPart(template, encoder, subtype === 'plain' ? 'text' : subtype);
  const headers: Header[] = [
    ['Content-Type', `text/${subtype}; charset=${encoder?.label ?? 'utf-8'}`],
    ['Content-Transfer-Encoding', part.encoding],
  ];
  return { headers: () => headers, write: (fill, out) => part.encode(valuesOf(fill), out) };
}

/** @returns the part that holds a file, encoded once for all messages */
export function filePart({ name, type, contentId, base64 }: AttachedFile): FilePart {
  const headers: Header[] = [
    ['Content-Type', mediaType(type, name)],
    ['Content-Transfer-Encoding', 'base64'],
    ...(contentId === undefined ? [] : [['Content-ID', `<${contentId}>`] as const]),
    ['Content-Disposition', contentDisposition(contentId === undefined ? 'attachment' : 'inline', name)],
  ];
  // It holds no white space: the relaxed form is the same.
  const lines = Buffer.from(inLines(base64), 'latin1');
  return { inline: contentId !== undefined, headers: () => headers, write: (_fill, out) => addBoth(out, lines) };
}

const lineEnd = Buffer.from('\r\n');
const closing = Buffer.from('--\r\n');

/** Tell the boundaries of one message's multiparts from each other: none is the beginning of another. */
const marks: Readonly<Record<Multipart, string>> = { mixed: 'm', related: 'r', alternative: '' };

function multipart(subtype: Multipart, parts: readonly Entity[], parameters = ''): Entity {
  const own = (boundary: string): string => `=_${marks[subtype]}${boundary.slice(2)}`;
  const all = parts.map((part) => ({ part, head: fixedHead(part) }));
  return {
    headers: (boundary) => [
      ['Content-Type', `multipart/${subtype}${parameters};\r\n boundary="${own(checkBoundary(boundary))}"`],
    ],
    write(fill, out) {
      const delimiter = Buffer.from(`\r\n--${own(fill.boundary)}`, 'latin1');
      let before = delimiter.subarray(2);
      for (const { part, head } of all) {
        addBoth(out, before);
        addBoth(out, head ?? partHead(part.headers(fill.boundary)));
        part.write(fill, out);
        before = delimiter;
      }
      addBoth(out, delimiter);
      addBoth(out, closing);
    },
  };
}

/** A multipart's own head names its boundary, and so differs from message to message. */
function fixedHead(part: Entity): Buffer | undefined {
  const headers = part.headers(`=_${'0'.repeat(32)}`);
  return headers[0]?.[1].startsWith('multipart/') ? undefined : partHead(headers);
}

function partHead(headers: readonly Header[]): Buffer {
  return Buffer.from(`\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
}

/** @param bytes - in relaxed form */
function addBoth({ wire, relaxed }: BodyBuffers, bytes: Buffer): void {
  wire.add(bytes);
  relaxed.add(bytes);
}

/** The last line of a message ends in CRLF; RFC 6376 §3.4.4 leaves empty lines at the end of a body out. */
export function endBody({ wire, relaxed }: BodyBuffers): void {
  if (wire.view().at(-1) !== 0x0a) wire.add(lineEnd);
  const text = relaxed.view();
  let end = text.length;
  while (text[end - 1] === 0x0a) end -= 2;
  relaxed.truncate(end);
  if (end > 0) relaxed.add(lineEnd);
}

/** "=_" cannot come up in quoted-printable or base64: no content can forge a boundary. */
function checkBoundary(boundary: string): string {
  if (!/^=_[A-Za-z0-9]{16,66}$/.test(boundary))
    throw new RangeError('boundary must be "=_" and 16–66 letters or digits');
  return boundary;
}
