import { recordAccess } from '../../store/access-events.js';
import {
  closeFirstInvitations,
  findInvitation,
  insertInvitation,
  useInvitation,
  type Invitation,
} from '../../store/invitations.js';
import { findOperator, putOperator } from '../../store/operators.js';
import { hasAdministrator } from '../../store/passwords.js';
import { passwordsTaken, type Access } from './access.js';
import { passwordFault } from './password.js';
import { newSecret, secretHash } from './secret.js';
import { givePassword, PasswordFault } from './sign-in.js';

/** How long a link opens. */
export const invitationMs = 3_600_000;

/** Where a link leads. */
export const invitationPath = (secret: string): string => `/welcome/${secret}`;

/**
 * Makes a link by which an operator sets a password, once.
 *
 * @param operator - one who is there; absent for the first administrator
 * @returns its path, which is the only copy of its secret
 */
export async function invite({ database, now }: Access, operator: string | undefined, by?: string): Promise<string> {
  const secret = newSecret();
  const at = now();
  await insertInvitation(database, {
    secretHash: secretHash(secret),
    ...(operator !== undefined && { operator }),
    now: new Date(at),
    expiresAt: new Date(at + invitationMs),
  });
  await recordAccess(database, {
    at: new Date(at),
    kind: 'invited',
    ...(operator !== undefined && { operator }),
    ...(by !== undefined && { by }),
  });
  return invitationPath(secret);
}

/** @returns the path of a link for the first administrator; undefined where there is one already */
export async function inviteFirst(access: Access): Promise<string | undefined> {
  return (await firstIsWanted(access)) ? await invite(access, undefined) : undefined;
}

/** The first one has a password; where nobody has, administrators are those whom the provider gives the role. */
async function firstIsWanted(access: Access): Promise<boolean> {
  return passwordsTaken(access) && !(await hasAdministrator(access.database, access.provider?.settings.issuer));
}

/** What a link opens, without using it. */
export async function invitationOf(access: Access, secret: string): Promise<Invitation | undefined> {
  const found = await findInvitation(access.database, secretHash(secret), new Date(access.now()));
  // One that was left over must not make a second first administrator.
  return found && found.operator === undefined && !(await firstIsWanted(access)) ? undefined : found;
}

/** The first administrator's own particulars. */
export interface FirstOperator {
  id: string;
  name: string;
  roles: readonly string[];
}

/**
 * Uses a link. A kill after that leaves a link that opens no more, and no password: another one is made.
 *
 * @param first - of the first administrator
 * @returns operator id; undefined where the link opens no more
 * @throws PasswordFault, which leaves the link as it was
 */
export async function acceptInvitation(
  access: Access,
  secret: string,
  password: string,
  first: FirstOperator | undefined,
): Promise<string | undefined> {
  const { database, now } = access;
  const open = await invitationOf(access, secret);
  const id = open?.operator ?? first?.id;
  if (!open || id === undefined) return undefined;
  const known = await findOperator(database, id);
  const fault = passwordsTaken(access)
    ? passwordFault(password, { id, name: first?.name ?? known?.name ?? id })
    : 'Nobody signs in with a password here.';
  if (fault !== undefined) throw new PasswordFault(fault);
  if (!(await useInvitation(database, secretHash(secret), new Date(now())))) return undefined;
  if (open.operator === undefined && first) {
    const roles = [...new Set([...(known?.roles ?? []), ...first.roles, 'admin'])];
    const particulars = { id, name: first.name, roles, groups: known?.groups ?? [] };
    await putOperator(database, { ...particulars, ...(known?.email !== undefined && { email: known.email }) }, id);
    await closeFirstInvitations(database, new Date(now()));
  }
  await givePassword(access, { id, name: first?.name ?? known?.name ?? id }, password);
  return id;
}
