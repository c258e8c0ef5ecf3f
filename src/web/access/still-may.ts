import { openApiTokens } from '../../store/api-tokens.js';
import { openSessions } from '../../store/sessions.js';
import type { Access } from './access.js';
import { permissionsFor, type Permission } from './permissions.js';
import { instants } from './sessions.js';
import type { Visitor } from './visitor.js';

/**
 * What visitors who came a while ago may do now, all asked for at once. A look that nobody takes by hand: a session is not in
 * use by it.
 *
 * @returns for each of them; nothing for whose session or token has ended
 */
export async function permissionsNow(
  { database, now }: Access,
  visitors: readonly Visitor[],
): Promise<ReadonlySet<Permission>[]> {
  const at = now();
  const keys = (of: (visitor: Visitor) => number | undefined) => [...new Set(visitors.flatMap((one) => of(one) ?? []))];
  const [sessions, tokens] = await Promise.all([
    openSessions(
      database,
      keys(({ session }) => session?.key),
      instants(at),
    ),
    openApiTokens(
      database,
      keys(({ token }) => token),
      new Date(at),
    ),
  ]);
  return visitors.map(({ session, token }) => {
    const roles = sessions.get(session?.key ?? -1);
    const held = token === undefined ? roles && { roles, scopes: undefined } : tokens.get(token);
    return held ? permissionsFor(held.roles, held.scopes) : new Set();
  });
}
