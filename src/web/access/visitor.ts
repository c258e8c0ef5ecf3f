import type { FastifyRequest } from 'fastify';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { SignedInOperator } from '../../store/sessions.js';
import type { Access } from './access.js';
import { tokenOf } from './api-tokens.js';
import { permissionsFor, type Permission } from './permissions.js';
import type { PublicAddress } from './public-url.js';
import { sessionOf, sessionLimits, type Session } from './sessions.js';

/** Who asks. */
export interface Visitor {
  /** Absent for a stranger. */
  operator?: SignedInOperator;
  may: ReadonlySet<Permission>;
  /** Absent for strangers, and for programs with a token. */
  session?: Session;
  /** Key of the API token that a program has brought. */
  token?: number;
  /** What CSRF tokens are made with: of the session, or of the visit before there is one. */
  secret?: string;
}

const nobody: ReadonlySet<Permission> = new Set();

type CookieName = 'session' | 'visit' | 'notice';

/**
 * Cookies have no path and no domain of their own but the whole host's, and over HTTPS a name that says so (`__Host-`). On one
 * machine cookies of all ports are one jar: the port tells consoles apart.
 */
function cookieName(which: CookieName, { secure, url }: PublicAddress): string {
  return secure ? `__Host-sealpost-${which}` : `sealpost-${which}-${new URL(url).port || '80'}`;
}

export function readCookie(
  { headers }: Pick<FastifyRequest, 'headers'>,
  which: CookieName,
  address: PublicAddress,
): string | undefined {
  return parseCookie(headers.cookie ?? '')[cookieName(which, address)];
}

/** @param value - `undefined` takes it away */
export function setCookie(
  which: CookieName,
  value: string | undefined,
  address: PublicAddress,
  maxAge?: number,
): string {
  return stringifySetCookie(cookieName(which, address), value ?? '', {
    path: '/',
    httpOnly: true,
    // Not `strict`: who follows a link in a request for a decision is signed in. Nothing changes by a GET.
    sameSite: 'lax',
    secure: address.secure,
    ...(value === undefined ? { maxAge: 0 } : maxAge !== undefined && { maxAge }),
  });
}

/** The cookie of a session ends with it; with `undefined`, at once. */
export const sessionCookie = (secret: string | undefined, address: PublicAddress): string =>
  setCookie('session', secret, address, sessionLimits.longestMs / 1_000);

/** A page that is open renews itself, whether anybody sits before it or not. */
export const asksByItself = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  headers.accept === 'text/event-stream' || headers['x-renews-itself'] !== undefined;

/** Who asks a page: the session of the cookie, if it is one. */
export async function visitorBySession(
  access: Access,
  request: FastifyRequest,
  address: PublicAddress,
): Promise<Visitor> {
  const cookie = readCookie(request, 'session', address);
  const session = cookie === undefined ? undefined : await sessionOf(access, cookie, !asksByItself(request));
  if (session) {
    const { operator, secret } = session;
    return { operator, may: permissionsFor(operator.roles), session, secret };
  }
  const visit = readCookie(request, 'visit', address);
  return { may: nobody, ...(visit !== undefined && { secret: visit }) };
}

/** Who asks the API: a token where there is one, else the session. A token that is none does not become the session's. */
export async function visitorOfApi(access: Access, request: FastifyRequest, address: PublicAddress): Promise<Visitor> {
  const { authorization } = request.headers;
  if (authorization === undefined) return await visitorBySession(access, request, address);
  const token = await tokenOf(access, authorization);
  if (!token) return { may: nobody };
  return { operator: token.operator, may: permissionsFor(token.operator.roles, token.scopes), token: token.key };
}
