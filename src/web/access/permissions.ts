import type { OperatorRole } from '../../client/index.js';

/**
 * What each role may do over the web. What becomes of it is still the delivery's own word: its approval policy judges every
 * decision, and it takes commands only from who has to do with it.
 */
const permissionsOf = {
  /** Deliveries, findings, proofs, reports. */
  read: ['engineer', 'reviewer', 'approver', 'auditor', 'admin'],
  /** Recipients' data: addresses, messages as they get them, replies. */
  recipients: ['engineer', 'approver', 'auditor', 'admin'],
  /** Starting and revising deliveries. */
  submit: ['engineer'],
  /** Proofs, analysis, pause, resume, stop, rate. */
  steer: ['engineer', 'approver'],
  /** A word on a proof. */
  review: ['reviewer', 'approver'],
  /** Confirm, reject, withdraw. */
  decide: ['approver'],
  /** Journals and bundles that prove what happened. */
  audit: ['auditor', 'admin'],
  /** Denylist and quarantine. */
  lists: ['engineer', 'admin'],
  /** Operators and who may come in. */
  administer: ['admin'],
} as const satisfies Record<string, readonly OperatorRole[]>;

export type Permission = keyof typeof permissionsOf;
export const permissions = Object.keys(permissionsOf) as Permission[];

/** Words for people; the same names are the scopes of API tokens. */
export const permissionWords: Readonly<Record<Permission, string>> = {
  read: 'see deliveries, findings, proofs and reports',
  recipients: 'see recipients, their messages and replies',
  submit: 'start and revise deliveries',
  steer: 'send proofs, analyse, pause, resume and stop',
  review: 'say a word on a proof',
  decide: 'confirm and reject',
  audit: 'export what proves what happened',
  lists: 'keep denylist and quarantine',
  administer: 'let people in and out',
};

/** @param scopes - of the token that is used, if one is: it narrows what its operator may */
export function permissionsFor(roles: readonly string[], scopes?: readonly string[]): ReadonlySet<Permission> {
  return new Set(
    permissions.filter(
      (permission) =>
        permissionsOf[permission].some((role) => roles.includes(role)) &&
        (scopes === undefined || scopes.includes(permission)),
    ),
  );
}
