import type { FastifyInstance } from 'fastify';
import { escapeHtml } from '../content/escape-html.js';
import type { MessageKey } from '../delivery/message-key.js';
import type { Queryable } from '../store/database.js';
import { findLinkedMessage, unsubscribe } from '../store/denylist.js';
import { page } from './page.js';
import { findByToken, notFound, type TokenRoute } from './token-route.js';

/**
 * `GET /u/<token>` asks, and changes nothing: mail systems open every link of a message. `POST` unsubscribes, from the
 * page's button or from a mailbox provider (RFC 8058), which has neither cookies nor an Origin. What the body says does not
 * matter: whoever posts here with a genuine token wants to leave.
 */
export function addUnsubscription(server: FastifyInstance, database: Queryable): void {
  server.get<TokenRoute>('/u/:token', async ({ params }, reply) => {
    const found = await genuine(database, params.token);
    if (!found) return notFound(reply);
    const body = `<p>You will get no more e-mail from ${escapeHtml(found.sender)}.</p><form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>`;
    return reply.type('text/html; charset=utf-8').send(page('Unsubscribe?', body));
  });

  server.post<TokenRoute>('/u/:token', async ({ params }, reply) => {
    const found = await genuine(database, params.token);
    if (!found) return notFound(reply);
    // Who tries the link of a proof must not leave the list for it.
    if (found.subject.proof > 0) {
      return reply
        .type('text/html; charset=utf-8')
        .send(page('This was a proof', '<p>The link works. Nobody was unsubscribed.</p>'));
    }
    await unsubscribe(database, found.subject);
    const body = `<p>You will get no more e-mail from ${escapeHtml(found.sender)}. A message that is on its way already may still arrive.</p>`;
    return reply.type('text/html; charset=utf-8').send(page('You are unsubscribed', body));
  });
}

async function genuine(
  database: Queryable,
  text: string,
): Promise<{ subject: MessageKey; sender: string } | undefined> {
  const linked = await findByToken(text, 'unsubscription', (message) => findLinkedMessage(database, message));
  // `@shop.example` is whoever sends from there.
  return linked && { subject: linked.subject, sender: linked.found.sender.replace(/^@/, '') };
}
