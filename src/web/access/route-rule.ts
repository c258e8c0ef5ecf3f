import type { Permission } from './permissions.js';

/** Who may come: anybody, whoever has signed in, or who has a permission. */
export type Needs = 'nothing' | 'account' | Permission;

/**
 * - `file`: the same for everybody, and for ever
 * - `page`: HTML for a person
 * - `form`: what a form of a page posts; it must carry the session's CSRF token
 * - `api`: JSON for programs, which bring a token; a page that brings its session sends the CSRF token as a header
 */
export type RouteKind = 'file' | 'page' | 'form' | 'api';

/** What holds of a route before its own code runs. All routes of a server are registered from a table of these. */
export interface RouteRule {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify's pattern. */
  path: string;
  kind: RouteKind;
  needs: Needs;
  /** Passwords can be tried there: few requests a minute from one address. */
  guessable?: true;
  /** What strangers ask for there is kept for a while: not many requests a minute from one address. */
  kept?: true;
  /** Octets that a request may bring. @default 32,768 */
  bodyLimit?: number;
  /** The form may bring files. */
  uploads?: UploadLimits;
}

/** What a form with files may bring, all together. */
export interface UploadLimits {
  bytes: number;
  files: number;
}

/** A GET changes nothing; whatever else can be made to come from another site. */
export function needsCsrfToken({ method }: Pick<RouteRule, 'method'>): boolean {
  return method !== 'GET';
}
