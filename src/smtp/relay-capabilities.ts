/** What a relay offers of what we have a use for. */
export interface RelayCapabilities {
  /** RFC 2920: commands may be sent before earlier ones were answered. */
  pipelining: boolean;
  /** RFC 6531: addresses with characters beyond ASCII. */
  smtpUtf8: boolean;
  /** RFC 1870: MAIL may tell the message's length, and what is longest; `Infinity` where the relay sets no limit. */
  size?: number;
}

/**
 * @param lines - of the reply to EHLO, without codes and without the first; none where the relay knows only HELO
 */
export function readCapabilities(lines: readonly string[]): RelayCapabilities {
  const offered = new Map(
    lines.map((line) => {
      const [keyword = '', ...parameters] = line.split(/\s+/);
      return [keyword.toUpperCase(), parameters[0]];
    }),
  );
  return {
    pipelining: offered.has('PIPELINING'),
    smtpUtf8: offered.has('SMTPUTF8'),
    // RFC 1870 §4: 0, or no number, is no limit.
    ...(offered.has('SIZE') && { size: Number(offered.get('SIZE')) || Infinity }),
  };
}
