import { isCollective, isNamed, type Decider } from '../delivery/approver.js';
import type { Delegation } from './delegations.js';
import { claimsOf, type OperatorRecord } from './operators.js';

/**
 * The people whom approvers stand for, each with all that a signature of theirs would add, persons who are named before
 * those of roles and groups. Who is named and is no operator counts too: where signatures are not asked for, that needs none.
 *
 * @param operators - those who are disabled are left out
 */
export function decidersAmong(
  approvers: readonly string[],
  operators: readonly OperatorRecord[],
  delegations: readonly Pick<Delegation, 'delegator' | 'delegate'>[],
): Decider[] {
  const delegatorsOf = (id: string) => delegations.filter(({ delegate }) => delegate === id);
  const known = operators.map((one): Decider & { active: boolean } => ({
    operator: one.id,
    as: [...claimsOf(one), ...delegatorsOf(one.id).map(({ delegator }) => `for:${delegator}`)],
    active: one.active,
  }));
  const found = new Map<string, Decider>();
  for (const approver of [...approvers].sort((a, b) => Number(isCollective(a)) - Number(isCollective(b)))) {
    if (!isCollective(approver) && !known.some(({ operator }) => operator === approver))
      found.set(approver, { operator: approver, as: [] });
    for (const { active, ...decider } of known)
      if (active && isNamed([approver], decider) && !found.has(decider.operator)) found.set(decider.operator, decider);
  }
  return [...found.values()];
}
