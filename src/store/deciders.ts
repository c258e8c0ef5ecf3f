import { isCollective, isNamed, type Decider } from '../delivery/approver.js';
import type { Delegation } from './delegations.js';
import { claimsOf, type OperatorRecord } from './operators.js';

type ByDelegation = Pick<Delegation, 'delegator' | 'delegate'>;

/** An operator with all that a signature adds to the id. @param delegations - of that instant */
export function deciderOf(
  { id, ...operator }: Pick<OperatorRecord, 'id' | 'roles' | 'groups'>,
  delegations: readonly ByDelegation[],
): Decider & { as: string[] } {
  const delegated = delegations.filter(({ delegate }) => delegate === id);
  return { operator: id, as: [...claimsOf(operator), ...delegated.map(({ delegator }) => `for:${delegator}`)] };
}

/**
 * The people whom approvers stand for, each with all that a signature of theirs would add, persons who are named before
 * those of roles and groups. Who is named and is no operator counts too: where signatures are not asked for, that needs none.
 *
 * @param operators - those who are disabled are left out
 */
export function decidersAmong(
  approvers: readonly string[],
  operators: readonly OperatorRecord[],
  delegations: readonly ByDelegation[],
): Decider[] {
  const known = operators.map((one) => ({ ...deciderOf(one, delegations), active: one.active }));
  const found = new Map<string, Decider>();
  for (const approver of [...approvers].sort((a, b) => Number(isCollective(a)) - Number(isCollective(b)))) {
    if (!isCollective(approver) && !known.some(({ operator }) => operator === approver))
      found.set(approver, { operator: approver, as: [] });
    for (const { active, ...decider } of known)
      if (active && isNamed([approver], decider) && !found.has(decider.operator)) found.set(decider.operator, decider);
  }
  return [...found.values()];
}
