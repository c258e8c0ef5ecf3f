import type { BodyBuffers } from './byte-buffer.js';
import { encodeEven, evenValue } from './even-value.js';
import {
  encodeBeginning,
  encodeEnd,
  encodeLines,
  lineLength,
  type Octets,
  relaxLines,
  wrapLines,
} from './quoted-printable.js';

const softBreak = Buffer.from('=\r\n');
const leadingDot = Buffer.from('=2E');
const space = Buffer.from(' ');
const DOT = 0x2e;
const EQUALS = 0x3d;

/** A static text between two values, in lines, but for blanks before the next value. */
interface Segment {
  wire: Buffer;
  relaxed: Buffer;
  /** Blanks that follow, as the next value stands behind them. */
  blanks: string;
  /** It begins with a dot. */
  dotted: boolean;
  /** The last column in which it can begin, from 0; a line that is longer by then gets a soft break first. */
  latestStart: number;
  /** Columns that it takes, blanks included, where it is one line; else undefined. */
  width: number | undefined;
  /** The column behind it, blanks included, where it is more than one line. */
  end: number;
}

/** A value that is more than a piece of a line. */
interface Block {
  wire: Buffer;
  relaxed: Buffer;
  /** The column behind it. */
  end: number;
}

/**
 * Encodes what is static once. Values are fitted in later without a look at the rest, since a soft line break can stand
 * before and behind each: the columns of static text do not depend on the values.
 *
 * No line begins with a dot, which some relays have been known to double or to lose (RFC 5321 §4.5.2), and none ends in
 * white space. What is written is thereby in DKIM's relaxed form as soon as runs of white space are one space, and such
 * runs never reach across the edge of a value.
 *
 * @param strings - see `TemplateText`
 * @returns what encodes the values of one message
 */
export function compileQuotedPrintable(
  strings: readonly string[],
  octets: Octets,
): (values: readonly string[], out: BodyBuffers) => void {
  const segments = strings.map((text, i) => compileSegment(text, octets, i === strings.length - 1));
  const encodeBlock = rememberingBlocks(octets);
  return (values, out) => {
    const lines = new Lines(out, octets, encodeBlock);
    let i = 0;
    for (const segment of segments) {
      lines.add(segment);
      const value = values[i];
      if (value !== undefined) lines.fill(value, segment.blanks);
      i += 1;
    }
  };
}

function compileSegment(text: string, octets: Octets, isLast: boolean): Segment {
  const inLines = encodeLines(text, octets);
  const encoded = isLast ? encodeEnd(inLines) : inLines;
  const dotted = encoded.startsWith('.');
  // A dot takes three columns where it comes to stand at the beginning of a line.
  const lines = wrapLines(encoded, dotted ? 2 : 0);
  const blanks = /[ \t]*$/.exec(lines)?.[0] ?? '';
  const wire = lines.slice(0, lines.length - blanks.length);
  const firstBreak = lines.indexOf('\r\n');
  return {
    wire: Buffer.from(wire, 'latin1'),
    relaxed: Buffer.from(relaxLines(wire), 'latin1'),
    blanks,
    dotted,
    // A line that ends here may be full; what follows another may need a soft break.
    latestStart: firstBreak < 0 ? lineLength - 1 - lines.length : lineLength - firstBreak,
    width: firstBreak < 0 ? lines.length : undefined,
    end: columnBehind(lines),
  };
}

const columnBehind = (lines: string): number => lines.length - lines.lastIndexOf('\n') - 1;

/** What stands under a condition is long, and the same for many: the last ones are kept. */
function rememberingBlocks(octets: Octets): (text: string, column: number) => Block {
  const kept = new Map<string, Block>();
  return (text, column) => {
    if (text.length < 256 || text.length > 32_768) return encodeBlock(text, octets, column);
    const key = `${column} ${text}`;
    const known = kept.get(key);
    if (known) return known;
    const block = encodeBlock(text, octets, column);
    if (kept.size === 32) kept.clear();
    kept.set(key, block);
    return block;
  };
}

/** A value's edges meet what it knows nothing of: no blank stands there. */
function encodeBlock(text: string, octets: Octets, column: number): Block {
  const lines = wrapLines(encodeBeginning(encodeEnd(encodeLines(text, octets))), column);
  return {
    wire: Buffer.from(lines, 'latin1'),
    relaxed: Buffer.from(relaxLines(lines), 'latin1'),
    end: lines.includes('\n') ? columnBehind(lines) : column + lines.length,
  };
}

/** One message's lines in the making. */
class Lines {
  private column = 0;

  constructor(
    private readonly out: BodyBuffers,
    private readonly octets: Octets,
    private readonly encodeBlock: (text: string, column: number) => Block,
  ) {}

  add(segment: Segment): void {
    if (this.column > segment.latestStart) this.breakSoftly();
    const dotted = segment.dotted && this.column === 0;
    if (dotted) this.addEven(leadingDot, 0, leadingDot.length);
    this.out.wire.add(dotted ? segment.wire.subarray(1) : segment.wire);
    this.out.relaxed.add(dotted ? segment.relaxed.subarray(1) : segment.relaxed);
    this.column = segment.width === undefined ? segment.end : this.column + segment.width - (dotted ? 1 : 0);
  }

  /** @param blanks - that stand before the value and are counted in `column` already */
  fill(value: string, blanks: string): void {
    // Where nothing follows the last blank it might stand at a line's end, or beside another: it goes with the value.
    const exposed = value === '' || value.startsWith('\r') || value.startsWith('\n') ? blanks.slice(-1) : '';
    const before = blanks.slice(0, blanks.length - exposed.length);
    const text = exposed + value;
    this.column -= exposed.length;
    if (before !== '') {
      this.out.wire.add(Buffer.from(before, 'latin1'));
      this.out.relaxed.add(space);
    }
    const width = encodeEven(text, this.octets);
    if (width === undefined) return this.addBlock(this.encodeBlock(text, this.column));
    if (width >= lineLength) return this.addWrapped(width);
    if (this.column + width >= lineLength) this.breakSoftly();
    this.addEven(evenValue, 0, width);
  }

  /** What `wrapLines` makes of {@link evenValue}. Most such values are URLs: two of them cost more as texts than all the others. */
  private addWrapped(width: number): void {
    let at = 0;
    for (;;) {
      let end = at + lineLength - 1 - this.column;
      if (end >= width) break;
      // RFC 2045 §6.7 (5): no escape is split over two lines.
      if (evenValue[end - 1] === EQUALS) end -= 1;
      else if (evenValue[end - 2] === EQUALS) end -= 2;
      this.addEven(evenValue, at, end);
      this.breakSoftly();
      at = end;
      if (evenValue[at] !== DOT) continue;
      this.addEven(leadingDot, 0, leadingDot.length);
      at += 1;
    }
    this.addEven(evenValue, at, width);
  }

  private addBlock({ wire, relaxed, end }: Block): void {
    this.out.wire.add(wire);
    this.out.relaxed.add(relaxed);
    this.column = end;
  }

  private breakSoftly(): void {
    this.addEven(softBreak, 0, softBreak.length);
    this.column = 0;
  }

  private addEven(bytes: Uint8Array, from: number, to: number): void {
    this.out.wire.addFew(bytes, from, to);
    this.out.relaxed.addFew(bytes, from, to);
    this.column += to - from;
  }
}
