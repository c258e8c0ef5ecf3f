const lineFeedDot = Buffer.from('\n.');
const dot = Buffer.from('.');
const dotCode = 0x2e;
const lineFeedCode = 0x0a;

/**
 * A message as it goes over the wire after `354`, up to the line with the dot that ends it (RFC 5321 §4.5.2). Nothing is
 * copied where no line begins with a dot, which is nearly always so.
 *
 * @param bytes - CRLF throughout. A dot behind a bare LF is doubled too: no message can end itself early, even at a
 *   relay that takes a bare LF for the end of a line
 */
export function dotStuffed(bytes: Buffer): Buffer {
  let at = bytes.indexOf(lineFeedDot);
  if (at < 0 && bytes[0] !== dotCode) return bytes;
  const pieces: Buffer[] = bytes[0] === dotCode ? [dot] : [];
  let from = 0;
  for (; at >= 0; at = bytes.indexOf(lineFeedDot, from)) {
    pieces.push(bytes.subarray(from, at + 1), dot);
    from = at + 1;
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]);
}

/** What ends the message: the dot stands on a line of its own, whatever the message ended with. */
export function endOf(bytes: Buffer): string {
  return bytes.at(-1) === lineFeedCode ? '.\r\n' : '\r\n.\r\n';
}
