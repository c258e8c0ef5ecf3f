import { denies } from './denylist.js';

/**
 * SQL: why a message `m` of the main target is left out, for its recipient has come to the denylist or into the quarantine
 * since an analysis; null where it is not. With `exists`, Postgres might read the whole of a list that is small when it plans.
 *
 * @param since - SQL for the instants from which entries count, and for the sender as `revision.sender` has it
 */
export const leftOutReason = (since: { denied: string; quarantined: string; sender: string }): string => `case
  when m.proof <> 0 then null
  when (select true from denylist where address = m.address
    and added_at > ${since.denied} and ${denies(since.sender)} limit 1) then 'denylisted'
  when (select true from quarantine where address = m.address and added_at > ${since.quarantined}) then 'quarantined'
end`;
