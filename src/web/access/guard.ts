import type { FastifyReply, FastifyRequest } from 'fastify';
import { csrfFault, csrfField, csrfHeader } from './csrf.js';
import type { PublicAddress } from './public-url.js';
import { needsCsrfToken, type RouteRule } from './route-rule.js';
import type { Visitor } from './visitor.js';

/** Why nobody gets any further. */
export type Refusal = 'sign-in' | 'forbidden' | 'stale-form' | 'too-many' | 'wrong-host';

/** A request that is refused before its route's own code has seen it. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
  }
}

/** A page of another site whose name was made to lead here gets nothing (DNS rebinding). @throws RefusedError */
export function demandOwnHost({ host }: Pick<FastifyRequest, 'host'>, { hosts }: PublicAddress): void {
  if (!hosts.has(host.toLowerCase())) throw new RefusedError('wrong-host', 'the request names another host');
}

/** @throws RefusedError */
export function demandPermission({ needs }: Pick<RouteRule, 'needs'>, { operator, may }: Visitor): void {
  if (needs === 'nothing') return;
  if (!operator) throw new RefusedError('sign-in', 'nobody has signed in');
  if (needs !== 'account' && !may.has(needs)) throw new RefusedError('forbidden', `it needs the permission "${needs}"`);
}

/** What a program brings a token for cannot be made to come from a browser. @throws RefusedError */
export function demandCsrfToken(
  rule: RouteRule,
  request: FastifyRequest,
  { secret, session, operator }: Visitor,
  address: PublicAddress,
): void {
  if (!needsCsrfToken(rule) || (operator && !session)) return;
  const given = rule.kind === 'form' ? fieldOf(request.body) : request.headers[csrfHeader];
  const fault = csrfFault(request, given, secret, address);
  if (fault !== undefined) throw new RefusedError('stale-form', fault);
}

function fieldOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[csrfField] : undefined;
}

/**
 * What answers of ours may do: nothing but show, load our own styles, scripts and pictures, and post to us. `same-origin`
 * and not `no-referrer`: with that, browsers say `null` where a form comes from.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'x-robots-tag': 'noindex',
};

/**
 * Of what others wrote and a page of ours shows in a frame. `sandbox` holds where it is opened by itself, too: it has an origin
 * of its own, runs nothing and sends nothing. It needs styles of its own; links of an opened one tell nobody where it was.
 */
export const frameHeaders = ({ images }: { images: boolean }): Record<string, string> => ({
  'content-security-policy': [
    'sandbox',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    ...(images ? ['img-src data:'] : []),
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; '),
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'x-dns-prefetch-control': 'off',
});

/** Pages and answers hold what not everybody may see: nothing keeps them. */
export function noStore(reply: FastifyReply): void {
  reply.header('cache-control', 'no-store');
}
