const SPACE = 0x20;
const TAB = 0x09;
const CR = 0x0d;
const LF = 0x0a;

/** Those that we write: a look-up is faster than the conversion. */
const relaxedNames = new Map(
  [
    'From',
    'Reply-To',
    'To',
    'Subject',
    'Date',
    'Message-ID',
    'List-Unsubscribe',
    'MIME-Version',
    'Content-Type',
    'Content-Transfer-Encoding',
  ].map((name) => [name, name.toLowerCase()]),
);

/** A header's name in the relaxed canonical form of RFC 6376 §3.4.2. */
export function relaxName(name: string): string {
  return relaxedNames.get(name) ?? name.trim().toLowerCase();
}

/**
 * A header in the relaxed canonical form of RFC 6376 §3.4.2.
 *
 * @param value - as it stands in the message, folded or not
 * @returns with its CRLF
 */
export function relaxHeader(name: string, value: string): string {
  // Nearly every header is as it will be.
  const relaxed = /[\t\r\n]| {2}|^ | $/.test(value)
    ? value
        .replace(/\r\n(?=[ \t])/g, '')
        .replace(/[ \t]+/g, ' ')
        .replace(/^ | $/g, '')
    : value;
  return `${relaxName(name)}:${relaxed}\r\n`;
}

/**
 * A body in the relaxed canonical form of RFC 6376 §3.4.4: runs of white space count as one space, white space at the
 * end of a line and empty lines at the end of the body do not count.
 */
export function relaxBody(body: Buffer): Buffer {
  // A missing CRLF at the end is added.
  const out = Buffer.allocUnsafe(body.length + 2);
  let at = 0;
  // Where the body ends if only empty lines follow.
  let end = 0;
  let blank = false;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] ?? 0;
    if (byte === SPACE || byte === TAB) {
      blank = true;
    } else if (byte === CR && body[i + 1] === LF) {
      blank = false;
      out[at++] = CR;
      out[at++] = LF;
      i += 1;
    } else {
      if (blank) out[at++] = SPACE;
      blank = false;
      out[at++] = byte;
      end = at;
    }
  }
  if (end === 0) return out.subarray(0, 0);
  out[end] = CR;
  out[end + 1] = LF;
  return out.subarray(0, end + 2);
}
