import { Resolver as NodeResolver } from 'node:dns/promises';

/** What DNS says, nothing among it, or why it could not be asked. */
export type Answer<Item> = { found: readonly Item[] } | { failed: string };

/** The questions that the preflight asks. No method throws. */
export interface Resolver {
  /** TXT records, each with its strings joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
  txt(name: string): Promise<Answer<string>>;
  /** Hosts that take mail; an empty name is a null MX (RFC 7505). */
  mx(name: string): Promise<Answer<string>>;
  /** IPv4 and IPv6 addresses. */
  address(name: string): Promise<Answer<string>>;
}

/** Codes that say "there is no such record", which is an answer. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

async function ask<Item>(question: () => Promise<readonly Item[]>): Promise<Answer<Item>> {
  try {
    return { found: await question() };
  } catch (error) {
    const code = error instanceof Object && 'code' in error ? String(error.code) : 'unknown';
    return nothing.has(code) ? { found: [] } : { failed: code };
  }
}

/** The machine's own name servers, two tries of 2 s each. */
export function systemResolver(): Resolver {
  const dns = new NodeResolver({ timeout: 2_000, tries: 2 });
  return {
    txt: (name) => ask(async () => (await dns.resolveTxt(name)).map((strings) => strings.join(''))),
    mx: (name) => ask(async () => (await dns.resolveMx(name)).map(({ exchange }) => exchange)),
    async address(name) {
      const [v4, v6] = await Promise.all([ask(() => dns.resolve4(name)), ask(() => dns.resolve6(name))]);
      const found = [v4, v6].flatMap((answer) => ('found' in answer ? answer.found : []));
      if (found.length > 0) return { found };
      return 'failed' in v4 ? v4 : v6;
    },
  };
}
