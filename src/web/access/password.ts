import { hash, verify } from '@node-rs/argon2';

/** OWASP's first recommendation for Argon2id: 46 MiB, one pass, one lane. The package's default algorithm is Argon2id. */
const cost = { memoryCost: 47_104, timeCost: 1, parallelism: 1 };

/** NFC, or the same word typed on another machine would be another one (RFC 8265). */
const prepared = (password: string): string => password.normalize('NFC');

export const hashPassword = (password: string): Promise<string> => hash(prepared(password), cost);

let nobodys: Promise<string> | undefined;

/** Without a hash it does the same work and says no: how long it takes tells nobody which names there are. */
export async function passwordMatches(password: string, known: string | undefined): Promise<boolean> {
  const against = known ?? (await (nobodys ??= hashPassword('of nobody')));
  return (await verify(against, prepared(password))) && known !== undefined;
}

export const passwordLength = { least: 12, most: 200 } as const;

/**
 * Length is what counts (NIST SP 800-63B): no rules on what characters there must be.
 *
 * @returns why a password cannot be taken, for a person
 */
export function passwordFault(password: string, operator: { id: string; name?: string }): string | undefined {
  const length = Array.from(password).length;
  const { least, most } = passwordLength;
  if (length < least) return `A password has at least ${least} characters; a few words that you remember will do.`;
  if (length > most) return `A password has at most ${most} characters.`;
  if (new Set(password).size < 5)
    return 'This password is one character over and over: choose one that is harder to guess.';
  const plain = password.toLowerCase();
  const own = [operator.id, operator.name ?? '', 'sealpost', 'password'].map((word) => word.toLowerCase());
  const rest = own.filter((word) => word.length > 2).reduce((left, word) => left.replaceAll(word, ''), plain);
  if (rest.length < least - 6) return 'This password is mostly your own name or a word that everybody tries first.';
  return undefined;
}
