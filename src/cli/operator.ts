import { userInfo } from 'node:os';
import type { Env } from './environment.js';
import { CliError } from './failures.js';

/**
 * Who acts: the option, else `SEALPOST_OPERATOR`, else the operating system's user.
 *
 * @throws CliError `USAGE` for what is no operator id
 */
export async function operatorOf(option: string | undefined, env: Env): Promise<string> {
  const { operatorIdSchema } = await import('../delivery/operator-id.js');
  const id = operatorIdSchema.safeParse(option ?? (env['SEALPOST_OPERATOR'] || userName()));
  if (id.success) return id.data;
  const [fault] = id.error.issues;
  throw new CliError(
    'USAGE',
    `${fault?.message ?? 'this is no operator id'}: name one with --operator or SEALPOST_OPERATOR.`,
  );
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user without an entry in /etc/passwd.
    return '';
  }
}
