import type { FastifyReply } from 'fastify';
import type { MessageKey } from '../delivery/message-key.js';
import { isGenuine, readToken, type TokenUse } from '../mime/message-token.js';

/** The paths that stand in messages. */
export interface TokenRoute {
  Params: { token: string };
}

/**
 * @param find - what there is of a message that somebody says he has a token of
 * @returns undefined for what is no genuine token of this use
 */
export async function findByToken<Found extends { secret: Buffer }>(
  text: string,
  use: TokenUse,
  find: (message: MessageKey) => Promise<Found | undefined>,
): Promise<{ subject: MessageKey; found: Found } | undefined> {
  const token = readToken(text);
  if (!token) return undefined;
  const found = await find(token);
  return found && isGenuine(token, found.secret, use) ? { subject: token, found } : undefined;
}

/** The answer to unknown paths: who guesses learns nothing. */
export function notFound(reply: FastifyReply): FastifyReply {
  reply.callNotFound();
  return reply;
}
