import { denies } from './denylist.js';

/** SQL: why {@link leftOutJoins} leaves the message out; null where it does not. */
export const leftOutReason = `case when y.address is not null then 'denylisted' when q.address is not null then 'quarantined' end`;

/**
 * SQL: joins that find who has come to the denylist or into the quarantine since an analysis, of messages `m` of the main
 * target.
 *
 * @param since - SQL for the instants from which entries count, and for the sender as `revision.sender` has it
 */
export const leftOutJoins = (since: { denied: string; quarantined: string; sender: string }): string => `
  left join lateral (
    select address from denylist where address = m.address and m.proof = 0
      and added_at > ${since.denied} and ${denies(since.sender)} limit 1
  ) y on true
  left join quarantine q on q.address = m.address and m.proof = 0 and q.added_at > ${since.quarantined}`;
