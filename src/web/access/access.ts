import type { Database } from '../../store/database.js';
import type { IdentityProvider } from './identity-provider.js';

/** What everything at the door works with. */
export interface Access {
  database: Database;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Where people of the organisation sign in. */
  provider?: IdentityProvider | undefined;
}

/** Whether anybody comes in by a password. */
export const passwordsTaken = ({ provider }: Access): boolean => provider?.settings.passwords ?? true;
