/** One file that content is made from. */
export interface SourceFile {
  /** Relative to the delivery's folder, e.g. `parts/footer.mjml`. */
  name: string;
  text: string;
}

/** What an author gives: MJML or HTML, with or without a text part of its own, or text alone. */
export type ContentSource =
  { mjml: SourceFile; text?: SourceFile } | { html: SourceFile; text?: SourceFile } | { text: SourceFile };

/** What is wrong in a file of the content. */
export interface ContentFault {
  /** Name of the file as {@link SourceFile} has it. */
  file: string;
  /** From 1. */
  line: number;
  sentence: string;
}

/** Why a file of a delivery cannot be had; the message is a sentence for the author, without a machine's paths. */
export class FileRefused extends Error {
  override name = 'FileRefused';
}

/** There is no such file. */
export class FileMissing extends FileRefused {
  override name = 'FileMissing';
}

/**
 * Gives the file that an `mj-include` or a block asks for, and nothing outside of the delivery's folder.
 *
 * @param path - as written in the include, or of the block
 * @param from - name of the file that the include stands in, empty for a block; `path` is relative to its folder
 * @throws FileRefused
 */
export type ReadInclude = (path: string, from: string) => Promise<SourceFile>;

/** A part with Liquid in it and the files it was made from, or what is wrong with them. */
export type CompiledPart = { text: string; files: SourceFile[] } | { faults: ContentFault[] };
