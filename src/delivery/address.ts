/** An address that mail can be sent to. */
export interface ParsedAddress {
  /** As it will stand in the envelope: local part as written, domain as a lower-case A-label (`xn--…`). */
  address: string;
  /** Two addresses with the same key are doubles: same local part, case-folded domain. */
  key: string;
  /** The local part is not ASCII: only a relay with SMTPUTF8 (RFC 6531) can carry the message. */
  smtpUtf8: boolean;
}

/**
 * RFC 5321 §4.1.2 Dot-string, widened by RFC 6531 §3.3. Quoted local parts (`"a b"@…`) are legal there, yet hardly
 * anybody has one, many relays mangle them and they can hide a second `@`: they are refused. Controls, format
 * characters (bidi overrides, zero width) and any kind of space have no place in an address.
 */
const atom = "(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\\0-\\x7f\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}])+";
const localPart = new RegExp(`^${atom}(?:\\.${atom})*$`, 'u');

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** At least one dot, and a last label with a letter: `127.0.0.1` is no domain. */
const domainName = new RegExp(`^(?:${label}\\.)+(?=[a-z0-9-]*[a-z])${label}$`);

// eslint-disable-next-line no-control-regex -- what is not ASCII is what is not in this range
const ascii = /^[\0-\x7f]*$/;
const octets = (text: string) => (ascii.test(text) ? text.length : new TextEncoder().encode(text).length);

/**
 * @param text - one bare address; the caller has trimmed it
 * @returns undefined when no mail can be sent to it
 */
export function parseAddress(text: string): ParsedAddress | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  // RFC 5321 §4.5.3.1: local part 64 octets, path 256 with its angle brackets.
  if (at > 64 || !localPart.test(local) || octets(local) > 64) return undefined;
  const domain = parseDomain(text.slice(at + 1));
  if (domain === undefined || octets(local) + 1 + domain.length > 254) return undefined;
  const address = `${local}@${domain}`;
  // NFC: RFC 6532 §3.1; one and the same name typed on two systems is one person.
  return { address, key: `${local.normalize('NFC')}@${domain}`, smtpUtf8: !ascii.test(local) };
}

/** @returns the domain of an address, or of the template of one, as an A-label; as it stands where it cannot be one */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return parseDomain(domain) ?? domain;
}

/** @returns the domain as a lower-case A-label, undefined when it cannot be one */
export function parseDomain(text: string): string | undefined {
  // A name of 253 octets has fewer characters than that, whatever its script.
  if (text.length > 253) return undefined;
  let domain = text.toLowerCase();
  if (!ascii.test(text) || domain.includes('xn--')) {
    // The URL parser does IDNA (UTS #46), but reads userinfo, ports, paths and escapes too.
    if (/[\s%/\\?#@:[\]<>"|^]/.test(text)) return undefined;
    try {
      domain = new URL(`http://${text}`).hostname;
    } catch {
      return undefined;
    }
  }
  return domain.length <= 253 && domainName.test(domain) ? domain : undefined;
}
