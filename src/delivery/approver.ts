import { z } from 'zod';

/** Somebody who decides, with what is known of them beside their id. */
export interface Decider {
  operator: string;
  /**
   * What a verified signature adds: `role:approver`, `group:finance`, and `for:anna` where anna has delegated her
   * decisions. Nobody can claim them without one.
   */
  as?: readonly string[] | undefined;
}

/** An operator's id, or all operators of a role or group: `anna`, `role:approver`, `group:finance`. */
export const approverSchema = z
  .string('an approver must be text')
  .regex(
    /^(?:(?:role|group):)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'an approver must be an operator id, role:NAME or group:NAME',
  );

/** Whether an approver stands for whoever has a role or is in a group. */
export const isCollective = (approver: string): boolean => /^(?:role|group):/.test(approver);

/** Whether one of the approvers is this person, somebody who delegated to this person, or a role or group of theirs. */
export function isNamed(approvers: readonly string[], { operator, as = [] }: Decider): boolean {
  return approvers.some((one) => one === operator || as.includes(one) || as.includes(`for:${one}`));
}

/** The same person without what somebody delegated to them: where that one may not decide, nobody may instead. */
export function withoutDelegation({ operator, as = [] }: Decider, delegator: string): Decider {
  return { operator, as: as.filter((one) => one !== `for:${delegator}`) };
}
