import { z } from 'zod';
import { publicKeySchema } from '../../../audit/public-key.js';
import { operatorRoles, SealpostError, type Sealpost } from '../../../client/index.js';
import { permissions } from '../../access/permissions.js';
import { apiRoute, type ApiRoute } from '../route.js';
import { present, text } from '../schemas/inputs.js';

const instant = z.iso.datetime();

const key = z.object({
  kid: z.string().describe('RFC 7638 thumbprint'),
  publicKey: publicKeySchema,
  label: z.string(),
  addedAt: instant,
  revokedAt: instant.exactOptional(),
});

const operatorSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string().exactOptional(),
    roles: z.array(z.string()),
    groups: z.array(z.string()),
    active: z.boolean(),
    addedAt: instant,
    keys: z.array(key),
  })
  .meta({ id: 'Operator' });

const event = z
  .object({
    n: z.int(),
    at: instant,
    operator: z.string(),
    kind: z.enum([
      'added',
      'changed',
      'disabled',
      'enabled',
      'key-added',
      'key-revoked',
      'delegated',
      'delegation-ended',
    ]),
    by: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OperatorEvent' });

const base = '/api/v1/operators';
const one = `${base}/:operator`;
const params = z.object({
  operator: text(64)
    .min(1)
    .describe('Operator id')
    .meta({ examples: ['anna'] }),
});
const common = { needs: 'administer', tag: 'operators' } as const;

async function found(sealpost: Sealpost, id: string) {
  const all = await sealpost.operators.list();
  const operator = all.find((candidate) => candidate.id === id);
  if (!operator) throw new SealpostError('OPERATOR_NOT_FOUND', `There is no operator "${id}".`);
  return operator;
}

/** Who acts, and by which keys. */
export const operatorRoutes: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/v1/me',
    needs: 'account',
    tag: 'operators',
    summary: 'Who has signed in, and what the token or session lets do',
    told: z.object({
      id: z.string(),
      name: z.string(),
      roles: z.array(z.string()),
      permissions: z.array(z.enum(permissions)),
    }),
    answer: ({ operator, may }) =>
      Promise.resolve({ id: operator.id, name: operator.name, roles: operator.roles, permissions: [...may] }),
  }),
  apiRoute({
    ...common,
    method: 'GET',
    path: base,
    summary: 'All operators by id, the disabled ones too',
    told: z.object({ operators: z.array(operatorSchema) }),
    answer: async ({ sealpost }) => ({ operators: await sealpost.operators.list() }),
  }),
  apiRoute({
    ...common,
    method: 'GET',
    path: '/api/v1/operator-events',
    summary: 'What was done to operators, their keys and delegations, by whom',
    told: z.object({ events: z.array(event) }),
    answer: async ({ sealpost }) => ({ events: await sealpost.operators.history() }),
  }),
  apiRoute({
    ...common,
    method: 'GET',
    path: one,
    summary: 'One operator',
    params,
    told: operatorSchema,
    answer: async ({ sealpost, params: { operator } }) => await found(sealpost, operator),
  }),
  apiRoute({
    ...common,
    method: 'PUT',
    path: one,
    summary: 'Adds an operator, or gives one that is there these particulars',
    params,
    body: z.strictObject({
      name: text(200).min(1),
      email: text(320).optional(),
      roles: z.array(z.enum(operatorRoles)).default([]),
      groups: z.array(text(64)).max(50).default([]),
    }),
    status: { all: [200, 201], of: ({ added }) => (added ? 201 : 200) },
    told: z.object({ added: z.boolean() }),
    examples: { body: { name: 'Anna', email: 'anna@garden.example', roles: ['approver'] }, answer: { added: true } },
    answer: async ({ sealpost, operator: who, params: { operator: id }, body: { email, ...particulars } }) =>
      await sealpost.operators.put({ id, ...particulars, ...present({ email }) }, who.id),
  }),
  apiRoute({
    ...common,
    method: 'PUT',
    path: `${one}/active`,
    summary: 'Disables an operator, who then decides nothing and comes in nowhere, or enables one again',
    params,
    body: z.strictObject({ active: z.boolean() }),
    told: z.object({ active: z.boolean() }),
    examples: { body: { active: false } },
    answer: async ({ sealpost, operator: who, params: { operator: id }, body: { active } }) => {
      await sealpost.operators.setActive(id, active, who.id);
      return { active };
    },
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: `${one}/keys`,
    summary: 'Lets decisions that are signed with this key count',
    params,
    body: z.strictObject({ key: publicKeySchema, label: text(100).min(1).default('key') }),
    told: z.object({ kid: z.string() }),
    examples: { body: { key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } } },
    answer: async ({ sealpost, operator: who, params: { operator: id }, body }) =>
      await sealpost.operators.addKey(id, body, who.id),
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: `${one}/key-revocations`,
    summary: 'Keys count no more, from now on: those that are named, or all but one',
    params,
    body: z.strictObject({ kids: z.array(text(100)).min(1).max(100).optional(), except: text(100).optional() }),
    told: z.object({ revoked: z.array(z.string()) }),
    examples: { body: { except: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' } },
    answer: async ({ sealpost, operator: who, params: { operator: id }, body }) => ({
      revoked: await sealpost.operators.revokeKeys(id, present(body), who.id),
    }),
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: `${one}/delegations`,
    summary: 'Lets somebody take an operator’s decisions for a while',
    params,
    body: z.strictObject({ to: text(64), from: instant.optional(), until: instant, reason: text(1_000).min(1) }),
    told: z.object({ delegated: z.boolean() }),
    examples: { body: { to: 'ben', until: '2026-12-24T18:00:00Z', reason: 'on leave' } },
    answer: async ({ sealpost, operator: who, params: { operator: id }, body: { to, from, until, reason } }) => {
      const times = { until: new Date(until), ...(from !== undefined && { from: new Date(from) }) };
      await sealpost.operators.delegate(id, { to, reason, ...times }, who.id);
      return { delegated: true };
    },
  }),
  apiRoute({
    ...common,
    method: 'DELETE',
    path: `${one}/delegations`,
    summary: 'Ends what an operator has delegated',
    params,
    told: z.object({ ended: z.int() }),
    answer: async ({ sealpost, operator: who, params: { operator: id } }) => ({
      ended: await sealpost.operators.endDelegations(id, who.id),
    }),
  }),
];
