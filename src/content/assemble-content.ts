import {
  type BlockTag,
  blockFiles,
  blockTags,
  type ContentKind,
  shippedBlock,
  shippedNames,
  withoutBlocks,
} from './content-blocks.js';
import { type ContentFault, FileMissing, FileRefused, type ReadInclude, type SourceFile } from './content-source.js';
import { lineAt } from './line-at.js';
import { templateFault } from './liquid.js';
import { type Mark, readMarks } from './mjml-markup.js';

/** Includes and blocks of one document, all levels together: enough for any newsletter, and a stop for a file that multiplies. */
const maxParts = 200;
const maxLength = 2 * 1024 * 1024;

/** A file of content with its includes and blocks in place. */
export interface AssembledContent {
  text: string;
  /** All files that it was made from, the first one first. */
  files: SourceFile[];
  /** Where a place of `text`, from 0, stands in the author's files. */
  originOf(offset: number): { file: string; line: number };
  faults: ContentFault[];
}

interface Chunk {
  /** Place in the document. */
  begin: number;
  file: SourceFile;
  /** Place in the file. */
  offset: number;
  /** 0 for what we put in ourselves. */
  length: number;
}

/**
 * Puts every block and, in MJML, every `mj-include` in place ourselves, for MJML and Liquid would read any file of the
 * machine. An included file holds a fragment: components without `<mjml>` around them; `type="css"` and `type="html"` are
 * put in `mj-style` and `mj-raw`.
 *
 * Every file is Liquid that parses for itself.
 *
 * @param readInclude - absent for content given in code, which has no files
 */
export async function assembleContent(
  main: SourceFile,
  kind: ContentKind,
  readInclude: ReadInclude | undefined,
): Promise<AssembledContent> {
  const assembly = new Assembly(readInclude);
  await assembly.addFile(main, kind, [main.name]);
  return assembly;
}

/** A piece of a file in whose place something else is put. */
interface Splice {
  begin: number;
  end: number;
  asks: { include: Mark } | { block: BlockTag['asked'] };
}

function splicesOf(text: string, kind: ContentKind): Splice[] {
  const marks = kind === 'mjml' ? readMarks(text) : [];
  const includes = marks
    .filter((mark) => mark.name === 'mj-include' && mark.kind !== 'close')
    .map((mark): Splice => ({
      begin: mark.begin,
      end: mark.kind === 'open' ? endOfPair(text, mark) : mark.end,
      asks: { include: mark },
    }));
  const blocks = blockTags(text).map(({ asked, ...place }): Splice => ({ ...place, asks: { block: asked } }));
  return [...includes, ...blocks].sort((a, b) => a.begin - b.begin);
}

class Assembly implements AssembledContent {
  text = '';
  readonly files: SourceFile[] = [];
  readonly faults: ContentFault[] = [];
  private readonly chunks: Chunk[] = [];
  private readonly unread = new Set<string>();
  private parts = 0;

  constructor(private readonly readInclude: ReadInclude | undefined) {}

  /** @param text - of the file, or its beginning */
  async addFile(file: SourceFile, kind: ContentKind, within: string[], text = file.text): Promise<void> {
    if (!this.takeIn(file)) return;
    let end = 0;
    for (const splice of splicesOf(text, kind)) {
      this.add(text.slice(end, splice.begin), file, end);
      end = splice.end;
      try {
        if ('include' in splice.asks) await this.addInclude(file, splice.asks.include, within);
        else await this.addBlock(file, splice.begin, splice.asks.block, kind, within);
      } catch (error) {
        if (!(error instanceof FileRefused)) throw error;
        this.faults.push({ file: file.name, line: lineAt(file.text, splice.begin), sentence: error.message });
      }
    }
    this.add(text.slice(end), file, end);
  }

  originOf(offset: number): { file: string; line: number } {
    const chunk = this.chunks.findLast(({ begin }) => begin <= offset);
    if (!chunk) throw new RangeError('a document without content has no places');
    const within = chunk.offset + Math.min(offset - chunk.begin, chunk.length);
    return { file: chunk.file.name, line: lineAt(chunk.file.text, within) };
  }

  private async addInclude(file: SourceFile, mark: Mark, within: string[]): Promise<void> {
    const path = mark.attributes['path'];
    if (!path) throw new FileRefused('mj-include needs a path');
    if (!this.readInclude)
      throw new FileRefused('content given in code can include no files; put the included part in its place');
    const wrapper = wrapperOf(mark);
    const included = await this.readInclude(path, file.name);
    this.demandRoom(included, within);
    const inside = [...within, included.name];
    if (!wrapper) return this.addFile(included, 'mjml', inside);
    this.add(`<${wrapper}>`, file, mark.begin, 0);
    await this.addFile(included, 'html', inside);
    this.add(`</${wrapper.split(' ')[0]}>`, file, mark.begin, 0);
  }

  private async addBlock(
    file: SourceFile,
    at: number,
    asked: BlockTag['asked'],
    place: ContentKind,
    within: string[],
  ): Promise<void> {
    if ('fault' in asked) throw new FileRefused(asked.fault);
    const own = await this.ownBlock(asked.name, place);
    if (own) {
      this.demandRoom(own.file, within);
      // Editors end a file with a line break that is no part of the block.
      const text = own.file.text.replace(/\r?\n$/, '');
      return this.addFile(own.file, own.kind, [...within, own.file.name], text);
    }
    const shipped = shippedBlock(asked.name, place);
    if (!shipped) throw new FileRefused(missingBlock(asked.name, place, this.readInclude !== undefined));
    this.demandRoom(shipped, within);
    this.takeIn(shipped);
    // Where it is asked for is the place that its reader can change.
    this.add(shipped.text, file, at, 0);
  }

  private async ownBlock(
    name: string,
    place: ContentKind,
  ): Promise<{ file: SourceFile; kind: ContentKind } | undefined> {
    for (const { path, kind } of this.readInclude ? blockFiles(name, place) : []) {
      const file = await this.readInclude?.(path, '').catch((error: unknown) => {
        if (!(error instanceof FileMissing)) throw error;
      });
      if (file) return { file, kind };
    }
    return undefined;
  }

  private demandRoom(part: SourceFile, within: string[]): void {
    if ((this.parts += 1) > maxParts) throw new FileRefused(`there are more than ${maxParts} includes and blocks`);
    if (within.includes(part.name)) throw new FileRefused(`"${part.name}" includes itself`);
    if (this.text.length + part.text.length > maxLength)
      throw new FileRefused('the includes and blocks are too big together');
  }

  /** @returns whether the file can be read as a template; one that cannot is told once */
  private takeIn(file: SourceFile): boolean {
    if (this.files.some(({ name }) => name === file.name)) return !this.unread.has(file.name);
    this.files.push(file);
    const fault = templateFault(withoutBlocks(file.text));
    if (fault) {
      this.unread.add(file.name);
      this.faults.push({ file: file.name, ...fault });
    }
    return !fault;
  }

  private add(piece: string, file: SourceFile, offset: number, length = piece.length): void {
    if (!piece) return;
    this.chunks.push({ begin: this.text.length, file, offset, length });
    this.text += piece;
  }
}

function missingBlock(name: string, place: ContentKind, hasFiles: boolean): string {
  const own = hasFiles
    ? `put one into ${blockFiles(name, place)
        .map(({ path }) => path)
        .join(' or ')}`
    : 'content given in code has no files for one, so put its text in this place';
  return `there is no block "${name}": ${own}, or use one of Sealpost's: ${shippedNames.join(', ')}`;
}

/** The component to put around an included file that holds no MJML. */
function wrapperOf({ attributes }: Mark): string | undefined {
  switch (attributes['type'] ?? 'mjml') {
    case 'mjml':
      return undefined;
    case 'html':
      return 'mj-raw';
    case 'css':
      return attributes['css-inline'] === 'inline' ? 'mj-style inline="inline"' : 'mj-style';
    default:
      throw new FileRefused('the type of an mj-include is "mjml", "html" or "css"');
  }
}

/** `<mj-include …></mj-include>`, written as a pair, goes as a whole. */
function endOfPair(text: string, mark: Mark): number {
  const closing = /^\s*<\/mj-include\s*>/i.exec(text.slice(mark.end));
  return mark.end + (closing?.[0].length ?? 0);
}
