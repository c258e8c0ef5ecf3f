import type { BodyBuffers } from './byte-buffer.js';


/** RFC 2045 §6.7 (5): 76 with the `=` of a soft line break. */
const lineLength = 76;
const softBreak = Buffer.from('=\r\n');
const leadingDot = Buffer.from('=2E');
const blank = Buffer.from(' ');
const hexDigits = Buffer.from('0123456789ABCDEF');

/** A static text between two values, in lines, but for blanks before the next value. */
interface Segment {
  wire: Buffer;
  relaxed: Buffer;
  /** Blanks that follow, as the next value stands behind them. */
  blanks: string;
  /** The last column in which it can begin, from 0; a line that is longer by then gets a soft break first. */
  latestStart: number;
  /** Columns that it takes, blanks included, where it is one line; else undefined. */
  width: number | undefined;
  /** The column behind it, blanks included, where it is more than one line. */
  end: number;
  dotted: boolean;
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
): (values: readonly string[], out: BodyBuffers) => void {
  const segments = strings.map((text, i) => compileSegment(text, i === strings.length - 1));
  return (values, out) => {
    const lines = new Lines(out);
    let i = 0;
    for (const segment of segments) {
      lines.add(segment);
      const value = values[i];
      if (value !== undefined) lines.fill(value, segment.blanks);
      i += 1;
    }
  };
}

class Lines {
  private column = 0;

  constructor(private readonly out: BodyBuffers) {}

  add(segment: Segment): void {
    if (this.column > segment.latestStart) this.breakSoftly();
    const dotted = segment.dotted && this.column === 0;
    if (dotted) this.write(leadingDot, leadingDot.length);
    this.out.wire.add(dotted ? segment.wire.subarray(1) : segment.wire);
    this.out.relaxed.add(dotted ? segment.relaxed.subarray(1) : segment.relaxed);
    this.column = segment.width === undefined ? segment.end : this.column + segment.width + (dotted ? 2 : 0);
  }

  /** @param blanks - that stand before the value and are counted in `column` already */
  fill(value: string, blanks: string): void {
    // Without a value the last blank might stand at a line's end, or beside another: it is encoded like a value.
    const before = value === '' ? blanks.slice(0, -1) : blanks;
    const text = value === '' ? blanks.slice(-1) : value;
    if (before !== '') {
      this.out.wire.add(Buffer.from(before, 'latin1'));
      this.out.relaxed.add(blank);
    }
    this.column -= blanks.length - before.length;
    const width = encodeShort(text);
    if (width === undefined) return this.addLines(encodeEdges(encodeLines(text)));
    if (this.column + width >= lineLength) this.breakSoftly();
    this.write(shortValue, width);
    this.column += width;
  }

  private addLines(encoded: string): void {
    const lines = wrap(encoded, this.column);
    this.out.wire.add(Buffer.from(lines, 'latin1'));
    this.out.relaxed.add(Buffer.from(relax(lines), 'latin1'));
    const lastBreak = lines.lastIndexOf('\n');
    this.column = lastBreak < 0 ? this.column + lines.length : lines.length - lastBreak - 1;
  }

  private breakSoftly(): void {
    this.write(softBreak, softBreak.length);
    this.column = 0;
  }

  private write(bytes: Uint8Array, length: number): void {
    this.out.wire.addFew(bytes, length);
    this.out.relaxed.addFew(bytes, length);
  }
}

/** A value in the making, and the most that can follow before its length is looked at: four bytes, each escaped. */
const shortValue = new Uint8Array(lineLength + 12);

/**
 * Encodes what nearly every value is: fit for one line, without line breaks and tabs, blanks at its edges or in rows, or a
 * dot at its beginning.
 *
 * @returns the number of bytes in {@link shortValue}; undefined for another value
 */
function encodeShort(text: string): number | undefined {
  const { length } = text;
  if (text.startsWith('.')) return undefined;
  let at = 0;
  let afterBlank = true;
  for (let i = 0; i < length; i += 1) {
    const code = text.codePointAt(i) ?? 0;
    if (code === 0x20) {
      if (afterBlank) return undefined;
      afterBlank = true;
      shortValue[at++] = code;
    } else if (code === 0x09 || code === 0x0a || code === 0x0d) {
      return undefined;
    } else {
      afterBlank = false;
      if (code > 0x20 && code < 0x7f && code !== 0x3d) shortValue[at++] = code;
      else at = escapeCodePoint(code, at);
      if (code > 0xffff) i += 1;
    }
    if (at >= lineLength) return undefined;
  }
  return afterBlank && length > 0 ? undefined : at;
}

/** Writes a character's bytes in UTF-8, escaped, into {@link shortValue}. @returns where they end */
function escapeCodePoint(code: number, start: number): number {
  if (code < 0x80) return escapeByte(code, start);
  let at = start;
  // A surrogate that is alone has no UTF-8 form.
  const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
  if (point < 0x800) {
    at = escapeByte(0xc0 | (point >> 6), at);
  } else {
    if (point < 0x10000) {
      at = escapeByte(0xe0 | (point >> 12), at);
    } else {
      at = escapeByte(0xf0 | (point >> 18), at);
      at = escapeByte(0x80 | ((point >> 12) & 0x3f), at);
    }
    at = escapeByte(0x80 | ((point >> 6) & 0x3f), at);
  }
  return escapeByte(0x80 | (point & 0x3f), at);
}

function escapeByte(byte: number, at: number): number {
  shortValue[at] = 0x3d;
  shortValue[at + 1] = hexDigits[byte >> 4] ?? 0;
  shortValue[at + 2] = hexDigits[byte & 15] ?? 0;
  return at + 3;
}

function compileSegment(text: string, isLast: boolean): Segment {
  const encoded = encodeLines(text);
  const whole = isLast ? encodeLastBlank(encoded) : encoded;
  // A dot takes three columns where it comes to stand at the beginning of a line.
  const reserve = whole.startsWith('.') ? 2 : 0;
  const lines = wrap(whole, reserve);
  const blanks = /[ \t]*$/.exec(lines)?.[0] ?? '';
  const wire = lines.slice(0, lines.length - blanks.length);
  const firstBreak = lines.indexOf('\r\n');
  return {
    wire: Buffer.from(wire, 'latin1'),
    relaxed: Buffer.from(relax(wire), 'latin1'),
    blanks,
    latestStart: firstBreak < 0 ? lineLength - 1 - reserve - lines.length : lineLength - reserve - firstBreak,
    width: firstBreak < 0 ? lines.length : undefined,
    end: lines.length - lines.lastIndexOf('\n') - 1,
    dotted: whole.startsWith('.'),
  };
}

/** RFC 6376 §3.4.4, of lines that do not end in white space. */
function relax(lines: string): string {
  return lines.replace(/[ \t]+/g, ' ');
}

/** @returns the text with hard line breaks only, encoded but for blanks at its very end and a dot at its beginning */
export function encodeLines(text: string): string {
  return escapeBytes(text.replace(/\r\n?|\n/g, '\r\n'))
    .replace(/[ \t](?=\r\n)/g, encodeBlank)
    .replace(/\r\n\./g, '\r\n=2E');
}

/** Percent-encoding is quoted-printable with another sign, and native. */
function escapeBytes(text: string): string {
  return text.replace(/[^\t\r\n -<>-~]+/g, (run) => encodeURIComponent(run.toWellFormed()).replaceAll('%', '='));
}

const encodeBlank = (blank: string) => (blank === '\t' ? '=09' : '=20');
const encodeLastBlank = (line: string) => line.replace(/[ \t]$/, encodeBlank);

/** A value's edges meet what it knows nothing of. */
function encodeEdges(line: string): string {
  return encodeLastBlank(line)
    .replace(/^[ \t]/, encodeBlank)
    .replace(/^\./, '=2E');
}

/** @param column - in which the first line begins */
function wrap(lines: string, column: number): string {
  if (column + lines.length < lineLength) return lines;
  return lines
    .split('\r\n')
    .map((line, i) => wrapLine(line, lineLength - 1 - (i === 0 ? column : 0)))
    .join('\r\n');
}

function wrapLine(line: string, firstRoom: number): string {
  let wrapped = '';
  let room = firstRoom;
  let at = 0;
  while (line.length - at > room) {
    let end = at + room;
    // No escape is split over two lines.
    if (line[end - 1] === '=') end -= 1;
    else if (line[end - 2] === '=') end -= 2;
    wrapped += `${line.slice(at, end)}=\r\n`;
    at = end;
    room = lineLength - 1;
    if (line[at] === '.') {
      wrapped += '=2E';
      at += 1;
      room -= 3;
    }
  }
  return wrapped + line.slice(at);
}
