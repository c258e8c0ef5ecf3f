import { Resolver as NodeResolver } from 'node:dns/promises';

/** What DNS says, nothing among it, or why it could not be asked. */
export type Answer<Item> =
  | {
      found: readonly Item[];
      /** Seconds that it holds, where that is known: Node does not tell it of MX records. */
      ttl?: number;
    }
  | { failed: string };

/** A host that takes mail. */
export interface MxRecord {
  /** Empty in a null MX (RFC 7505). */
  exchange: string;
  /** The smaller one comes first. */
  priority: number;
}

/** The questions that are asked. No method throws. */
export interface Resolver {
  /** TXT records, each with its strings joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
  txt(name: string): Promise<Answer<string>>;
  /** Hosts that take mail, in no order. */
  mx(name: string): Promise<Answer<MxRecord>>;
  /** IPv4 and IPv6 addresses. */
  address(name: string): Promise<Answer<string>>;
  /** Whether any name server says anything at all: then a question without an answer is no fault of ours. */
  isHeard(): Promise<boolean>;
}

/** `SEALPOST_DNS` is not usable. */
export class NameServersError extends Error {
  override readonly name = 'NameServersError';
}

/** Codes that say "there is no such record", which is an answer. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

/** Codes that say that nobody answered. */
const silences = new Set(['ETIMEOUT', 'ECONNREFUSED']);

/** @param failed - of an {@link Answer} */
export const isSilence = (failed: string): boolean => silences.has(failed);

async function ask<Item>(question: () => Promise<readonly Item[]>): Promise<Answer<Item>> {
  try {
    return { found: await question() };
  } catch (error) {
    // Not `instanceof`: Node's own errors may be of another realm, as they are under jest.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
    return nothing.has(code) ? { found: [] } : { failed: code };
  }
}

/**
 * Two tries of 2 s each, at the name servers that `SEALPOST_DNS` names (`192.0.2.53 [2001:db8::53]:5353`), else at the
 * machine's own.
 *
 * @param env - such as `process.env`
 * @throws NameServersError
 */
export function resolverFromEnvironment(env: Readonly<Record<string, string | undefined>>): Resolver {
  const dns = new NodeResolver({ timeout: 2_000, tries: 2 });
  const servers = env['SEALPOST_DNS']?.trim();
  if (servers) setServers(dns, servers.split(/[\s,]+/));
  return {
    txt: (name) => ask(async () => (await dns.resolveTxt(name)).map((strings) => strings.join(''))),
    mx: (name) => ask(() => dns.resolveMx(name)),
    async address(name) {
      const [v4, v6] = await Promise.all([
        ask(() => dns.resolve4(name, { ttl: true })),
        ask(() => dns.resolve6(name, { ttl: true })),
      ]);
      const found = [v4, v6].flatMap((answer) => ('found' in answer ? answer.found : []));
      if (found.length > 0)
        return { found: found.map(({ address }) => address), ttl: Math.min(...found.map(({ ttl }) => ttl)) };
      return 'failed' in v4 ? v4 : 'failed' in v6 ? v6 : { found: [] };
    },
    async isHeard() {
      // Whoever answers questions can be asked for the root.
      const answer = await ask(() => dns.resolveNs('.'));
      return !('failed' in answer && isSilence(answer.failed));
    },
  };
}

function setServers(dns: NodeResolver, servers: readonly string[]): void {
  try {
    dns.setServers(servers);
  } catch {
    throw new NameServersError(
      'SEALPOST_DNS must be IP addresses of name servers with spaces between them, such as 192.0.2.53 or [2001:db8::53]:5353.',
    );
  }
}
