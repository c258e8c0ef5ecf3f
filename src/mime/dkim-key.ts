import { createPublicKey, type KeyObject } from 'node:crypto';

/** A key that signs for a domain. The private part stays in this process's memory: no log, page or table holds it. */
export interface DkimKey {
  /** `d=`, a lower-case A-label. */
  domain: string;
  /** `s=` */
  selector: string;
  /** `a=` */
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  privateKey: KeyObject;
}

/** Where verifiers look for the public key (RFC 6376 §3.6.2.1). */
export function keyName({ selector, domain }: Pick<DkimKey, 'selector' | 'domain'>): string {
  return `${selector}._domainkey.${domain}`;
}

/** @returns the text of the TXT record that the key's name must have (RFC 6376 §3.6.1, RFC 8463 §4) */
export function keyRecord({ algorithm, privateKey }: DkimKey): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  // RFC 8463 §4.2: the bare key, which is the end of its SPKI form.
  return algorithm === 'rsa-sha256'
    ? `v=DKIM1; k=rsa; p=${spki.toString('base64')}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`;
}

/**
 * @param domain - of the From address, a lower-case A-label
 * @returns the keys that sign: all of that very domain, else all of the nearest domain above it, which DMARC's relaxed
 *   alignment accepts (RFC 7489 §3.1.1)
 */
export function signingKeys(keys: readonly DkimKey[], domain: string): readonly DkimKey[] {
  const aligned = keys.filter((key) => domain === key.domain || domain.endsWith(`.${key.domain}`));
  const nearest = Math.max(...aligned.map((key) => key.domain.length));
  return aligned.filter((key) => key.domain.length === nearest);
}
