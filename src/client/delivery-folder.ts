import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { FileMissing, FileRefused, type SourceFile } from '../content/content-source.js';
import { readableText, type SourceFolder } from './source-folder.js';

const definitionName = 'delivery.yaml';

/** The folder that a delivery's files stand in. Nothing outside of it is read, wherever a path or a link leads. */
export class DeliveryFolder implements SourceFolder {
  private constructor(
    /** Without symbolic links. */
    private readonly root: string,
    /** As the caller named it. */
    private readonly shown: string,
    /** The definition's name in it. */
    readonly definition: string,
    /** What the delivery is called where its definition gives no id. */
    readonly defaultId: string,
  ) {}

  /**
   * @param path - of a YAML file, or of a folder that holds `delivery.yaml`
   * @throws FileRefused
   */
  static async at(path: string): Promise<DeliveryFolder> {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new FileRefused('there is no such file or folder');
    const file = found.isDirectory() ? join(path, definitionName) : path;
    const name = basename(resolve(file));
    const id = name === definitionName ? basename(dirname(resolve(file))) : basename(name, extname(name));
    return new DeliveryFolder(await realpath(dirname(file)), dirname(file), name, id);
  }

  /** @returns a file's name as the caller would write it */
  show(name: string): string {
    return join(this.shown, name);
  }

  /**
   * @param path - as written in a definition or an include
   * @param from - name of the file that it is written in
   * @returns where the file really is, and its name relative to the folder
   * @throws FileRefused for anything outside of the folder and for what is not there
   */
  private async find(path: string, from: string): Promise<{ real: string; name: string; bytes: number }> {
    if (!path || isAbsolute(path) || /[\\\0]|^[A-Za-z]:/.test(path)) {
      throw new FileRefused(`"${path}" is not a path relative to this file, such as parts/footer.mjml`);
    }
    const wanted = resolve(this.root, dirname(from), path);
    this.refuseOutside(wanted, path);
    const real = await realpath(wanted).catch(() => undefined);
    if (real === undefined) throw new FileMissing(`there is no file "${path}"`);
    this.refuseOutside(real, path);
    // Before it is opened: opening a named pipe would wait for its writer.
    const found = await stat(real);
    if (!found.isFile()) throw new FileRefused(`"${path}" is not a file`);
    return { real, name: relative(this.root, real).split(sep).join(posix.sep), bytes: found.size };
  }

  /**
   * @param limit - bytes
   * @throws FileRefused also for what is too big or not UTF-8
   */
  async read(path: string, from: string, limit: number): Promise<SourceFile> {
    return readableText(path, await this.readBytes(path, from, limit));
  }

  /** @throws FileRefused for anything outside of the folder and for what is not there */
  async recipients(path: string, from: string): Promise<{ name: string; source: string }> {
    const { real, name } = await this.find(path, from);
    return { name, source: real };
  }

  /**
   * @param limit - bytes
   * @throws FileRefused also for what is too big
   */
  async readBytes(path: string, from: string, limit: number): Promise<{ name: string; content: Buffer }> {
    const { real, name, bytes } = await this.find(path, from);
    if (bytes > limit) throw new FileRefused(`"${path}" is bigger than ${limit / 1024 / 1024} MB`);
    const content = await readFile(real).catch(() => {
      throw new FileRefused(`"${path}" cannot be opened; check its permissions`);
    });
    return { name, content };
  }

  private refuseOutside(target: string, path: string): void {
    const way = relative(this.root, target);
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
      throw new FileRefused(`"${path}" is outside of the delivery's folder; put the file in it`);
    }
  }
}
