import { denies } from './denylist.js';

/**
 * SQL: why a message `m` of the main target is left out, for its recipient has come to the denylist or into the quarantine
 * since an analysis; null where it is not. With `exists`, Postgres might read the whole of a list that is small when it plans.
 *
 * @param delivery - a query of the statement with one row: `denied_since`, `quarantined_since` and the revision's `sender`
 */
export function leftOutReason(delivery: string): string {
  const its = (column: string): string => `(select ${column} from ${delivery})`;
  return `case
  when m.proof <> 0 then null
  when (select true from denylist where address = m.address
    and added_at > ${its('denied_since')} and ${denies(its('sender'))} limit 1) then 'denylisted'
  when (select true from quarantine where address = m.address and added_at > ${its('quarantined_since')}) then 'quarantined'
end`;
}
