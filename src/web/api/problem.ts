import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../../client/index.js';
import { noStore, RefusedError, type Refusal } from '../access/guard.js';
import { statusOfClientError } from '../error-status.js';

/** What can go wrong before a request has come to Sealpost's client, whose own codes are the others. */
export const apiCodes = [
  'REQUEST_MALFORMED',
  'REQUEST_INVALID',
  'SIGN_IN_NEEDED',
  'FORBIDDEN',
  'CSRF_TOKEN_INVALID',
  'NOT_FOUND',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_KEY_BUSY',
  'WRONG_HOST',
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
export type ApiCode = (typeof apiCodes)[number];

const faultSchema = z
  .object({
    field: z.string().describe('Path of the setting, or of the part of the request; empty for the whole'),
    sentence: z.string().describe('What is wrong and what to do'),
    file: z.string().optional(),
    line: z.int().optional(),
  })
  .meta({ id: 'Fault' });
export type Fault = z.output<typeof faultSchema>;

/** An answer by RFC 9457, with a stable code. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.enum([...errorCodes, ...apiCodes]).describe('Stable: match on it, not on sentences'),
    detail: z.string().optional().describe('For a person'),
    reason: z.string().optional().describe('Of COMMAND_REFUSED: what the approval policy or the process gave'),
    faults: z.array(faultSchema).optional().describe('All that is wrong at once; the first 50 of a list’s'),
    count: z.int().optional().describe('How many faults there are, where not all are told'),
  })
  .meta({ id: 'Problem', description: 'What has gone wrong (RFC 9457)' });
export type Problem = z.output<typeof problemSchema>;

/** A request that the API refuses by itself. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly problem: ApiCode,
    message: string,
    readonly faults?: readonly Fault[],
  ) {
    super(message);
  }
}

const ofRefusal: Readonly<Record<Refusal, readonly [status: number, code: ApiCode, detail: string]>> = {
  'sign-in': [401, 'SIGN_IN_NEEDED', 'Send an API token that works: "Authorization: Bearer sealpost_…".'],
  forbidden: [403, 'FORBIDDEN', 'Your roles, or the scopes of your token, do not let you do this.'],
  'stale-form': [419, 'CSRF_TOKEN_INVALID', 'A request with a session needs its token in the header X-CSRF-Token.'],
  'too-many': [429, 'TOO_MANY_REQUESTS', 'Too many requests: wait a minute.'],
  'wrong-host': [421, 'WRONG_HOST', 'The API does not answer under this name.'],
};

const ofStatus: Readonly<Record<number, readonly [code: ApiCode, detail: string]>> = {
  400: ['REQUEST_MALFORMED', 'The request could not be read.'],
  404: ['NOT_FOUND', 'There is no such route.'],
  413: ['BODY_TOO_LARGE', 'More was sent than this route takes.'],
  415: ['MEDIA_TYPE_UNSUPPORTED', 'This route does not take such a body.'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests: wait a minute.'],
  503: ['UNAVAILABLE', 'A server that this needs does not answer: try again in a minute.'],
};
const unconfigured = 'The console lacks what this needs, such as its system key: who runs it can name one.';
const defect = ['INTERNAL', 'This is a defect of Sealpost; the log of the console tells where.'] as const;

/** @param status - as the console has found it to be. @returns what is told of an error: nothing that was not made to be told */
export function problemOf(error: unknown, status: number): Problem {
  if (error instanceof RefusedError) {
    const [own, code, detail] = ofRefusal[error.refusal];
    return problem(own, code, detail);
  }
  if (error instanceof ApiError)
    return {
      ...problem(error.status, error.problem, error.message),
      ...(error.faults && { faults: [...error.faults] }),
    };
  const ofClient = statusOfClientError(error);
  // The sentences of outages speak of addresses and variables, to who runs the servers.
  if (ofClient !== undefined && ofClient < 500 && error instanceof Error)
    return { ...problem(ofClient, codeOf(error), error.message), ...membersOf(error) };
  if (ofClient !== undefined && error instanceof Error && codeOf(error) === 'NOT_CONFIGURED')
    return problem(ofClient, 'NOT_CONFIGURED', unconfigured);
  const [code, detail] = ofStatus[status] ?? (status < 500 ? (ofStatus[400] ?? defect) : defect);
  return problem(status, ofClient === undefined || !(error instanceof Error) ? code : codeOf(error), detail);
}

const codeOf = (error: Error): ErrorCode => (error as Error & { code: ErrorCode }).code;

function problem(status: number, code: Problem['code'], detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Refused', status, code, detail };
}

/** What single errors have beside their sentence. */
function membersOf(error: Error): Pick<Problem, 'reason' | 'faults' | 'count'> {
  const { reason, faults, count } = error as { reason?: unknown; faults?: unknown; count?: unknown };
  const told = z.array(faultSchema).safeParse(faults);
  return {
    ...(typeof reason === 'string' && { reason }),
    ...(told.success && { faults: told.data }),
    ...(typeof count === 'number' && { count }),
  };
}

export function sendProblem(reply: FastifyReply, error: unknown, status: number): FastifyReply {
  const told = problemOf(error, status);
  noStore(reply);
  if (told.status === 401) reply.header('www-authenticate', 'Bearer realm="sealpost"');
  if (told.code === 'IDEMPOTENCY_KEY_BUSY') reply.header('retry-after', '5');
  if (told.status === 429) reply.header('retry-after', '60');
  return reply.code(told.status).type('application/problem+json').send(JSON.stringify(told));
}
