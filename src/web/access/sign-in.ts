import { recordAccess } from '../../store/access-events.js';
import { findOperator } from '../../store/operators.js';
import { beginAttempt, clearFailures, setPassword } from '../../store/passwords.js';
import { passwordsTaken, type Access } from './access.js';
import { lockMs } from './lock-out.js';
import { hashPassword, passwordFault, passwordMatches } from './password.js';
import { endSessionsOf } from './sessions.js';

/**
 * Whether a password is an operator's. Counted, recorded and as slow for names that nobody has; while an account is locked
 * the right password is none either.
 */
export async function passwordHolds(access: Access, operator: string, password: string): Promise<boolean> {
  const { database, now } = access;
  const at = new Date(now());
  const stored = passwordsTaken(access) ? await beginAttempt(database, operator, at, lockMs) : undefined;
  const holds = await passwordMatches(password, stored?.hash);
  if (holds) {
    await clearFailures(database, operator);
    return true;
  }
  if (!stored) {
    const known = (await findOperator(database, operator)) !== undefined;
    await recordAccess(database, { at, kind: 'sign-in-failed', ...(known && { operator }), data: { closed: known } });
    return false;
  }
  await recordAccess(database, { at, kind: 'sign-in-failed', operator, data: { failures: stored.failures } });
  const ms = lockMs[Math.min(stored.failures, lockMs.length) - 1] ?? 0;
  if (ms > 0) await recordAccess(database, { at, kind: 'locked', operator, data: { minutes: ms / 60_000 } });
  return false;
}

/**
 * Gives an operator a password, and ends all sessions that began with another one.
 *
 * @param keep - session that goes on
 * @throws PasswordFault
 */
export async function givePassword(
  access: Access,
  operator: { id: string; name?: string },
  password: string,
  keep?: number,
): Promise<void> {
  const fault = passwordFault(password, operator);
  if (fault !== undefined) throw new PasswordFault(fault);
  const { database, now } = access;
  const at = new Date(now());
  await setPassword(database, operator.id, await hashPassword(password), at);
  await recordAccess(database, { at, kind: 'password-set', operator: operator.id });
  await endSessionsOf(access, operator.id, { except: keep }, { by: operator.id, kind: 'session-ended' });
}

/** Its message says what to choose. */
export class PasswordFault extends Error {
  override readonly name = 'PasswordFault';
}
