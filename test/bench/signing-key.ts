import { generateKeyPairSync } from 'node:crypto';

export type SigningAlgorithm = 'rsa' | 'ed25519';

/** A DKIM key for one run, in PEM. Nobody publishes it, and nobody but the two sides ever has it. */
export interface SigningKey {
  algorithm: SigningAlgorithm;
  domain: string;
  selector: string;
  pem: string;
}

/** Of the newsletter's From address. */
const domain = 'fernlea.example';

export function makeSigningKey(algorithm: SigningAlgorithm): SigningKey {
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const { privateKey } =
    algorithm === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding, publicKeyEncoding })
      : generateKeyPairSync('ed25519', { privateKeyEncoding, publicKeyEncoding });
  return { algorithm, domain, selector: 'bench', pem: privateKey };
}
