import type { FastifyInstance } from 'fastify';
import { escapeHtml } from '../content/escape-html.js';
import { partsWithMirror } from '../content/personalise.js';
import type { MessageKey } from '../delivery/message-key.js';
import { mirrorOf } from '../delivery/mirror-page.js';
import { compileRevision, isRecipientFault, type RenderMessage } from '../mime/compile-revision.js';
import { compileShown, type ShownMessage } from '../mime/shown-message.js';
import type { Queryable } from '../store/database.js';
import { findStoredMessage, type StoredMessage } from '../store/mirrored-messages.js';
import { revisionReader } from '../store/revision-reader.js';
import { page } from './page.js';
import { findByToken, notFound, type TokenRoute } from './token-route.js';

/**
 * A message's HTML is its author's: pictures and styles are shown, and nothing of it runs, posts or frames. `sandbox`
 * without `allow-scripts` stops scripts a second time and `meta refresh` too, and the page has no origin, so that no
 * request from it tells the address with the token. Links open.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  'img-src https: http: data:',
  "style-src 'unsafe-inline' https:",
  'font-src https: data:',
  'media-src https:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation',
].join('; ');

/** A message that does not come out as it was sealed is shown to nobody. */
export class SealDiffersError extends Error {
  override readonly name = 'SealDiffersError';
  readonly code = 'SEAL_DIFFERS';
  readonly statusCode = 404;
}

interface MirrorOptions {
  database: Queryable;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** `GET /m/<token>` shows a message as it was sent. It changes nothing. */
export function addMirror(server: FastifyInstance, { database, now }: MirrorOptions): void {
  const read = revisionReader(database, (deliveryId, stored) => ({
    settings: stored.settings.mirror,
    linked: partsWithMirror(stored.settings, stored.content).length > 0,
    render: compileRevision({ deliveryId, ...stored }),
    show: compileShown({ deliveryId, ...stored }),
  }));
  server.get<TokenRoute>('/m/:token', async ({ params }, reply) => {
    const genuine = await findByToken(params.token, 'mirror', (message) => findStoredMessage(database, message));
    if (!genuine) return notFound(reply);
    const { subject, found } = genuine;
    const { settings, linked, render, show } = await read(found);
    const mirror = mirrorOf(settings, linked, found, now());
    if ('absence' in mirror && mirror.absence === 'expired') {
      const body = '<p>This message could be seen here for some time after it was sent. That time is over.</p>';
      return reply.code(410).type('text/html; charset=utf-8').send(page('No longer here', body));
    }
    if ('absence' in mirror) return notFound(reply);
    demandSealed(render, subject, found);
    const shown = readersPage(show({ ...subject, ...found }));
    return reply.header('content-security-policy', contentSecurityPolicy).type('text/html; charset=utf-8').send(shown);
  });
}

/** @returns the HTML as its reader gets it; of who gets text alone, a page with the text */
export function readersPage({ subject, html, text }: Pick<ShownMessage, 'subject' | 'html' | 'text'>): string {
  return html ?? page(subject, `<pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>`);
}

/** @throws SealDiffersError */
function demandSealed(
  render: RenderMessage,
  { proof, seq }: MessageKey,
  { address, fields, profileAddress, leaf, firstClaimedAt }: StoredMessage,
): void {
  try {
    const message = render({ proof, seq, address, fields, profileAddress, date: firstClaimedAt ?? new Date(0) });
    if (proof > 0 || leaf?.equals(message.leaf)) return;
  } catch (error) {
    // It was rendered when it was sealed: that it cannot be now means that something was changed since.
    if (!isRecipientFault(error)) throw error;
  }
  throw new SealDiffersError('the message is not the one that was sealed');
}
