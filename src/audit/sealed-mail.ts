import { createHash } from 'node:crypto';
import type { ReceivedMail } from './received-mail.js';

/** What opens the envelope's part of a leaf. */
export interface OpenedEnvelope {
  /** 32 hex digits. */
  salt: string;
  sender: string;
  recipient: string;
  archive?: string | undefined;
}

/** How a mail stands to its leaf. */
export interface LeafMatch {
  /** Names of headers that are under the seal. */
  sealed: string[];
  /** Names of headers that servers have added around them. */
  added: string[];
}

const sha256 = (...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * Looks for the headers that are under the seal: servers add theirs above and below, so it is a run of them without a
 * gap whose hash, with body and envelope, gives the leaf.
 *
 * @param leaf - 32 bytes
 * @returns undefined where no run does
 */
export function matchLeaf(
  { headers, bodyHash }: ReceivedMail,
  { salt, sender, recipient, archive }: OpenedEnvelope,
  leaf: Buffer,
): LeafMatch | undefined {
  const addresses = [sender, recipient, ...(archive === undefined ? [] : [archive])];
  const envelope = sha256(salt + addresses.join('\0'));
  for (let from = 0; from < headers.length; from += 1) {
    const hash = createHash('sha256');
    for (let to = from; to < headers.length; to += 1) {
      hash.update(headers[to]?.relaxed ?? '', 'latin1');
      if (!sha256(Buffer.of(0), envelope, hash.copy().digest(), bodyHash).equals(leaf)) continue;
      const names = headers.map(({ name }) => name);
      return { sealed: names.slice(from, to + 1), added: [...names.slice(0, from), ...names.slice(to + 1)] };
    }
  }
  return undefined;
}
