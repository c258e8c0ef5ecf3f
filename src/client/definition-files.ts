import { posix } from 'node:path';
import { FileMissing, FileRefused, type SourceFile } from '../content/content-source.js';
import { readableText, type SourceFolder } from './source-folder.js';

/** A definition with all of its files in memory, as they come from a browser: nothing of them is on a disk, and no name is a path there. */
export interface DefinitionFiles {
  /** By name, relative to the definition's folder: `parts/footer.mjml`. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Name of the definition among them. @default delivery.yaml */
  definition?: string;
}

/** A folder that is in memory alone. A file that is not under its whole path is found by its name: browsers send no paths. */
export class FilesInMemory implements SourceFolder {
  readonly definition: string;
  readonly defaultId = '';
  private readonly files: ReadonlyMap<string, Uint8Array>;

  constructor({ files, definition = 'delivery.yaml' }: DefinitionFiles) {
    this.files = files;
    this.definition = definition;
  }

  show(name: string): string {
    return name;
  }

  async recipients(path: string, from: string): Promise<{ name: string; source: Uint8Array }> {
    const { name, content } = await this.readBytes(path, from);
    return { name, source: content };
  }

  async read(path: string, from: string, limit: number): Promise<SourceFile> {
    return readableText(path, await this.readBytes(path, from, limit));
  }

  // eslint-disable-next-line require-await -- a refusal is a rejection, as that of a folder on disk is
  async readBytes(path: string, from: string, limit = Infinity): Promise<{ name: string; content: Buffer }> {
    if (!path || path.startsWith('/') || /[\\\0]|^[A-Za-z]:/.test(path))
      throw new FileRefused(`"${path}" is not a path relative to this file, such as parts/footer.mjml`);
    const name = posix.join(posix.dirname(from), path);
    if (name === '..' || name.startsWith('../'))
      throw new FileRefused(`"${path}" is outside of the delivery's folder; put the file in it`);
    const content = this.files.get(name) ?? this.files.get(posix.basename(name));
    if (!content) throw new FileMissing(`there is no file "${path}" among those that were given`);
    if (content.length > limit) throw new FileRefused(`"${path}" is bigger than ${limit / 1024 / 1024} MB`);
    return { name, content: Buffer.from(content.buffer, content.byteOffset, content.length) };
  }
}
