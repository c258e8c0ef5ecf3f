import { type ContentFault, FileRefused, type ReadInclude, type SourceFile } from './content-source.js';
import { templateFault } from './liquid.js';
import { type Mark, readMarks } from './mjml-markup.js';

/** Includes of one document, all levels together: enough for any newsletter, and a stop for a file that multiplies. */
const maxIncludes = 200;
const maxLength = 2 * 1024 * 1024;

/** An MJML document with its includes in place. */
export interface MjmlDocument {
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
 * Puts every `mj-include` in place ourselves, for MJML would read any file of the machine. An included file holds a
 * fragment: components without `<mjml>` around them; `type="css"` and `type="html"` are put in `mj-style` and `mj-raw`.
 *
 * Every file is Liquid that parses for itself.
 */
export async function assembleMjml(main: SourceFile, readInclude: ReadInclude): Promise<MjmlDocument> {
  const assembly = new Assembly(readInclude);
  await assembly.addFile(main, [main.name]);
  return assembly;
}

class Assembly implements MjmlDocument {
  text = '';
  readonly files: SourceFile[] = [];
  readonly faults: ContentFault[] = [];
  private readonly chunks: Chunk[] = [];
  private includes = 0;

  constructor(private readonly readInclude: ReadInclude) {}

  async addFile(file: SourceFile, within: string[]): Promise<void> {
    if (!this.takeIn(file)) return;
    let end = 0;
    for (const mark of readMarks(file.text).filter((one) => one.name === 'mj-include' && one.kind !== 'close')) {
      this.add(file.text.slice(end, mark.begin), file, end);
      end = mark.kind === 'open' ? endOfPair(file.text, mark) : mark.end;
      try {
        await this.addInclude(file, mark, within);
      } catch (error) {
        if (!(error instanceof FileRefused)) throw error;
        this.faults.push({ file: file.name, line: lineOf(file.text, mark.begin), sentence: error.message });
      }
    }
    this.add(file.text.slice(end), file, end);
  }

  originOf(offset: number): { file: string; line: number } {
    const chunk = this.chunks.findLast(({ begin }) => begin <= offset);
    if (!chunk) throw new RangeError('a document without content has no places');
    const within = chunk.offset + Math.min(offset - chunk.begin, chunk.length);
    return { file: chunk.file.name, line: lineOf(chunk.file.text, within) };
  }

  private async addInclude(file: SourceFile, mark: Mark, within: string[]): Promise<void> {
    const path = mark.attributes['path'];
    if (!path) throw new FileRefused('mj-include needs a path');
    const wrapper = wrapperOf(mark);
    if ((this.includes += 1) > maxIncludes) throw new FileRefused(`there are more than ${maxIncludes} includes`);
    const included = await this.readInclude(path, file.name);
    if (within.includes(included.name)) throw new FileRefused(`"${included.name}" includes itself`);
    if (this.text.length + included.text.length > maxLength) throw new FileRefused('the includes are too big together');
    if (!wrapper) return this.addFile(included, [...within, included.name]);
    this.add(`<${wrapper}>`, file, mark.begin, 0);
    if (this.takeIn(included)) this.add(included.text, included, 0);
    this.add(`</${wrapper.split(' ')[0]}>`, file, mark.begin, 0);
  }

  /** @returns whether the file can be read as a template */
  private takeIn(file: SourceFile): boolean {
    if (!this.files.some(({ name }) => name === file.name)) this.files.push(file);
    const fault = templateFault(file.text);
    if (fault) this.faults.push({ file: file.name, ...fault });
    return !fault;
  }

  private add(piece: string, file: SourceFile, offset: number, length = piece.length): void {
    if (!piece) return;
    this.chunks.push({ begin: this.text.length, file, offset, length });
    this.text += piece;
  }
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

/** @returns the line of a place in a text, from 1 */
function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
