import { isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedError } from './guard.js';

/** So often a minute somebody at one address may try a password, or begin what is kept until it ends. */
const perMinute = { guessable: 10, kept: 60 } as const;

/**
 * Slows down who tries many names from one place; each account is locked by itself, for those who come from many. Counts
 * are kept in memory: what must outlive a restart are the accounts' own.
 */
export function limitStrangers(
  server: FastifyInstance,
  what: keyof typeof perMinute,
): (request: FastifyRequest) => Promise<void> {
  const limited = server.createRateLimit({
    max: perMinute[what],
    timeWindow: 60_000,
    keyGenerator: ({ ip }: FastifyRequest) => networkOf(ip),
  });
  return async (request) => {
    const { isAllowed, ...state } = await limited(request);
    if (!isAllowed && 'isExceeded' in state && state.isExceeded)
      throw new RefusedError('too-many', 'too many attempts from one address');
  };
}

/** Whoever has one address of IPv6 has 2^64 of them. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.startsWith('::ffff:')) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head.split(':').filter(Boolean);
  if (tail === undefined) return groups.slice(0, 4).join(':');
  return [...groups, '0', '0', '0', '0'].slice(0, 4).join(':');
}
