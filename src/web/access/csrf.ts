import type { FastifyRequest } from 'fastify';
import type { PublicAddress } from './public-url.js';
import { proofOf, sameText } from './secret.js';

/** Name of the field in forms. */
export const csrfField = '_csrf';
/** Name of the header of scripts. */
export const csrfHeader = 'x-csrf-token';

/** What a form must carry, bound to the session, or before there is one to the visit. */
export const csrfToken = (secret: string): string => proofOf(secret, 'csrf');

/**
 * Both must hold: the browser says that our own page asked, and the request has what only our own page was told.
 *
 * @returns why the request is refused
 */
export function csrfFault(
  { headers }: Pick<FastifyRequest, 'headers'>,
  given: unknown,
  secret: string | undefined,
  { origins }: Pick<PublicAddress, 'origins'>,
): string | undefined {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return 'another site asked for it';
  // Every browser that can be signed in with names the origin of a POST.
  if (origin === undefined ? site === undefined : !origins.has(origin)) return 'another site asked for it';
  if (secret === undefined || typeof given !== 'string' || !sameText(given, csrfToken(secret)))
    return 'the page that it came from is too old';
  return undefined;
}
