import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { keyIdOf, publicKeyOf, publicKeySchema, type PublicKey } from '../audit/public-key.js';
import { singleLine } from '../delivery/definition-text.js';
import { operatorIdSchema } from '../delivery/operator-id.js';
import { delegate, endDelegations } from '../store/delegations.js';
import {
  addKey,
  findOperator,
  listOperators,
  operatorEvents,
  putOperator,
  revokeKeys,
  setActive,
  type OperatorEvent,
  type OperatorRecord,
} from '../store/operators.js';
import type { Connections } from './connection.js';
import { SealpostError } from './errors.js';
import { translated } from './failure-translation.js';

/** What an operator may be for. Approvers can be named by role: `role:approver`. */
export const operatorRoles = ['engineer', 'reviewer', 'approver', 'auditor', 'admin'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

const groupSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a group must be 1–64 letters, digits, ".", "_" or "-"');

const operatorSchema = z.strictObject({
  id: operatorIdSchema,
  name: singleLine('name', 200).min(1, 'name must not be empty'),
  email: z.email('email must be an address').max(320).optional(),
  roles: z.array(z.enum(operatorRoles, `a role must be one of ${operatorRoles.join(', ')}`)).default([]),
  groups: z.array(groupSchema).max(50).default([]),
});

export type NewOperator = z.input<typeof operatorSchema>;

/** A key as it is made known: its public half alone. */
export interface NewKey {
  key: KeyObject | PublicKey;
  /** Of the device that has it, for people. @default `key` */
  label?: string;
}

/** Who acts: operators with their roles, and the public keys that their decisions are verified by. Needs no Temporal. */
export class Operators {
  constructor(private readonly connections: Connections) {}

  /** All of them by id, the disabled ones too. */
  async list(): Promise<OperatorRecord[]> {
    return await translated(() => listOperators(this.connections.database));
  }

  /** @throws SealpostError `OPERATOR_NOT_FOUND` */
  async find(id: string): Promise<OperatorRecord> {
    const found = await translated(() => findOperator(this.connections.database, id));
    if (!found) throw notFound(id);
    return found;
  }

  /** What was done to operators, their keys and delegations, by whom, in order. */
  async history(): Promise<OperatorEvent[]> {
    return await translated(() => operatorEvents(this.connections.database));
  }

  /** Adds an operator, or gives one that is there these particulars. @throws SealpostError `OPERATOR_INVALID` */
  async put(operator: NewOperator, by: string): Promise<{ added: boolean }> {
    const { email, ...rest } = valid(operatorSchema, operator);
    const added = await translated(() =>
      putOperator(this.connections.database, { ...rest, ...(email !== undefined && { email }) }, by),
    );
    return { added };
  }

  /** Lets decisions that are signed with this key count. @returns its thumbprint. @throws SealpostError `OPERATOR_INVALID` */
  async addKey(operator: string, { key, label = 'key' }: NewKey, by: string): Promise<{ kid: string }> {
    const publicKey = 'kty' in key ? valid(publicKeySchema, key) : publicKeyOf(key);
    const kid = await keyIdOf(publicKey);
    await this.find(operator);
    const known = valid(z.object({ label: singleLine('label', 100) }), { label });
    if (!(await translated(() => addKey(this.connections.database, operator, { kid, publicKey, ...known }, by))))
      throw new SealpostError(
        'OPERATOR_INVALID',
        `The key ${kid} is another operator's, or was revoked: make a new one.`,
      );
    return { kid };
  }

  /** Keys count no more, from now on; what they have signed before keeps its worth. @returns their thumbprints */
  async revokeKeys(
    operator: string,
    which: { kids?: readonly string[]; except?: string },
    by: string,
  ): Promise<string[]> {
    await this.find(operator);
    return await translated(() => revokeKeys(this.connections.database, operator, which, by));
  }

  /** A disabled operator decides nothing any more. @throws SealpostError `OPERATOR_NOT_FOUND` */
  async setActive(operator: string, active: boolean, by: string): Promise<void> {
    if (!(await translated(() => setActive(this.connections.database, operator, active, by)))) throw notFound(operator);
  }

  /** Lets somebody take an operator's decisions for a while. @throws SealpostError `OPERATOR_INVALID`, `OPERATOR_NOT_FOUND` */
  async delegate(
    delegator: string,
    given: { to: string; until: Date; from?: Date; reason: string },
    by: string,
  ): Promise<void> {
    const { to, until, from = new Date() } = given;
    const { reason } = valid(
      z.object({ reason: singleLine('reason', 1_000).min(1, 'reason must not be empty') }),
      given,
    );
    await this.find(delegator);
    await this.find(to);
    if (to === delegator || !(from < until) || !(until.getTime() > Date.now()))
      throw new SealpostError('OPERATOR_INVALID', 'A delegation goes to somebody else, and to a time that is to come.');
    const delegation = { delegator, delegate: to, reason, from: from.toISOString(), until: until.toISOString() };
    await translated(() => delegate(this.connections.database, delegation, by));
  }

  /** Ends what an operator has delegated. @returns how many delegations */
  async endDelegations(delegator: string, by: string): Promise<number> {
    await this.find(delegator);
    return await translated(() => endDelegations(this.connections.database, delegator, by));
  }
}

const notFound = (id: string): SealpostError =>
  new SealpostError(
    'OPERATOR_NOT_FOUND',
    `There is no operator "${id}": "sealpost operator list" shows those that there are.`,
  );

function valid<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new SealpostError('OPERATOR_INVALID', `${faults.join('; ')}.`);
}
