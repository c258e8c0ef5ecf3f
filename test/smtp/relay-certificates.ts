import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (name: string) => fileURLToPath(new URL(`certificates/${name}.pem`, import.meta.url));

/**
 * Certificates of `localhost` and 127.0.0.1 for relays in tests, each signed with its own key, which stands beside them
 * and is good for nothing else. `expired` ended in 2020; `valid` lasts until 2120.
 */
export function relayCertificate(name: 'expired' | 'valid'): { certificate: string; key: string; path: string } {
  const path = pathOf(name);
  return { certificate: readFileSync(path, 'utf8'), key: readFileSync(pathOf('key'), 'utf8'), path };
}
