import { diffWordsWithSpace, structuredPatch } from 'diff';

/** A piece of a line; `marked` where it is what differs from the line's other version. */
export interface LinePart {
  text: string;
  marked: boolean;
}

/** A line of a unified diff. */
export interface DiffLine {
  sign: ' ' | '-' | '+';
  parts: LinePart[];
}

/** Lines that differ, with those around them. */
export interface Hunk {
  /** Number of its first line, from 1. */
  beforeLine: number;
  afterLine: number;
  lines: DiffLine[];
}

/** How a source file of the content differs. */
export interface SourceDifference {
  file: string;
  change: 'added' | 'removed' | 'changed';
  hunks: Hunk[];
  /** More differs than the hunks show. */
  cut: boolean;
}

/** Lines of one file; nobody reads on, and a report has to be sent around. */
const maxLines = 400;
/** Beyond so many changes of lines a file is another one, and comparing costs their square. */
const maxEdits = 1_000;
/** Characters of a line's two versions that are compared word by word, and changes of words from which on they are not. */
const maxCompared = 100_000;
const maxWordEdits = 200;
/** Characters of a line, or of a piece of it, around what differs. */
const maxShown = 300;

/** Compares what two revisions were made from, by file name. */
export function sourceDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): SourceDifference[] {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((file) => {
    const [old, now] = [was.get(file), is.get(file)];
    if (old === now) return [];
    const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    return [{ file, change, ...hunksOf(old ?? '', now ?? '') } as const];
  });
}

function hunksOf(before: string, after: string): Pick<SourceDifference, 'hunks' | 'cut'> {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: 3, maxEditLength: maxEdits });
  if (!patch) return { hunks: [], cut: true };
  const hunks: Hunk[] = [];
  let left = maxLines;
  for (const { oldStart, newStart, lines } of patch.hunks) {
    if (left === 0) break;
    const shown = lines.filter((line) => !line.startsWith('\\')).slice(0, left);
    left -= shown.length;
    hunks.push({ beforeLine: oldStart, afterLine: newStart, lines: markedLines(shown) });
  }
  const total = patch.hunks.reduce((sum, { lines }) => sum + lines.filter((line) => !line.startsWith('\\')).length, 0);
  return { hunks, cut: total > maxLines };
}

/** Lines that were taken out and as many that came in their place are taken for versions of one another. */
function markedLines(lines: readonly string[]): DiffLine[] {
  const marked: DiffLine[] = [];
  for (let at = 0; at < lines.length;) {
    const removed = run(lines, at, '-');
    const added = run(lines, at + removed.length, '+');
    if (removed.length > 0 && removed.length === added.length) {
      const pairs = removed.map((line, i) => versionsOf(line.slice(1), (added[i] ?? '').slice(1)));
      marked.push(...pairs.map(([old]) => ({ sign: '-' as const, parts: old })));
      marked.push(...pairs.map(([, now]) => ({ sign: '+' as const, parts: now })));
      at += removed.length + added.length;
    } else {
      marked.push(plainLine(lines[at] ?? ''));
      at += 1;
    }
  }
  return marked;
}

function run(lines: readonly string[], from: number, sign: string): string[] {
  const end = lines.findIndex((line, i) => i >= from && !line.startsWith(sign));
  return lines.slice(from, end === -1 ? lines.length : end);
}

function plainLine(line: string): DiffLine {
  const sign = line.startsWith('-') ? '-' : line.startsWith('+') ? '+' : ' ';
  return { sign, parts: [{ text: shortened(line.slice(1)), marked: false }] };
}

function versionsOf(before: string, after: string): [LinePart[], LinePart[]] {
  const words =
    before.length + after.length > maxCompared
      ? undefined
      : diffWordsWithSpace(before, after, { maxEditLength: maxWordEdits });
  if (!words) return [[{ text: shortened(before), marked: false }], [{ text: shortened(after), marked: false }]];
  const version = (other: 'added' | 'removed', own: 'added' | 'removed'): LinePart[] =>
    words.filter((word) => !word[other]).map((word) => ({ text: shortened(word.value), marked: word[own] }));
  return [version('added', 'removed'), version('removed', 'added')];
}

/** Both ends stay: what differs stands beside them. */
function shortened(text: string): string {
  if (text.length <= maxShown) return text;
  const half = Math.floor(maxShown / 2);
  return `${text.slice(0, half).toWellFormed()} … ${text.slice(-half).toWellFormed()}`;
}
