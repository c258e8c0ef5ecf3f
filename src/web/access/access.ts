import type { Database } from '../../store/database.js';

/** What everything at the door works with. */
export interface Access {
  database: Database;
  /** Milliseconds since the epoch. */
  now: () => number;
}
