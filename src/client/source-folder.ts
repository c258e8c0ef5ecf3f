import { isUtf8 } from 'node:buffer';
import { FileRefused, type SourceFile } from '../content/content-source.js';

/** What a definition and its files are read from. Nothing outside of it is read. */
export interface SourceFolder {
  /** The definition's name in it. */
  readonly definition: string;
  /** What the delivery is called where its definition gives no id; empty where nothing tells. */
  readonly defaultId: string;
  /** @returns a file's name as the caller would write it */
  show: (name: string) => string;
  /**
   * @param from - name of the file that the path is written in
   * @returns what recipients can be read from, as often as wanted: a path on this machine, or bytes
   * @throws FileRefused
   */
  recipients: (path: string, from: string) => Promise<{ name: string; source: string | Uint8Array }>;
  /** @param limit - bytes. @throws FileRefused also for what is too big or not UTF-8 */
  read: (path: string, from: string, limit: number) => Promise<SourceFile>;
  /** @param limit - bytes. @throws FileRefused also for what is too big */
  readBytes: (path: string, from: string, limit: number) => Promise<{ name: string; content: Buffer }>;
}

/** @throws FileRefused for what is not UTF-8 */
export function readableText(path: string, { name, content }: { name: string; content: Buffer }): SourceFile {
  const line = lineNotUtf8(content);
  if (line !== undefined) throw new FileRefused(`"${path}" is not UTF-8 text on line ${line}; save it as UTF-8`);
  return { name, text: new TextDecoder().decode(content) };
}

function lineNotUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes) && !bytes.includes(0)) return undefined;
  const lines = bytes.toString('latin1').split('\n');
  return lines.findIndex((line) => line.includes('\0') || !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}
