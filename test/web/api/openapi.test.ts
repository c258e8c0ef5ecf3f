import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../../src/web/api/openapi.js';
import { apiRoutes } from '../../../src/web/api/routes.js';

interface Operation {
  operationId: string;
  summary: string;
  security: Record<string, string[]>[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: object; example?: unknown }> }>;
}
const document = JSON.parse(JSON.stringify(openApiDocument(apiRoutes))) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: object };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toMatch(/^3\.1\./);
});

test('has every route of the table, and no other', () => {
  const shown = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const rows = apiRoutes.map(({ path, method }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(shown.toSorted()).toEqual(rows.toSorted());
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
});

test('names for each route the permission that the table demands', () => {
  for (const { path, method, operation } of operations) {
    const row = apiRoutes.find(
      (one) => one.method === method.toUpperCase() && one.path.replaceAll(/:(\w+)/g, '{$1}') === path,
    );
    const scopes = row?.needs === 'account' ? [] : [row?.needs];
    expect(operation.security).toEqual([{ token: scopes }, { session: scopes }]);
  }
});

test('tells of problems by the same schema everywhere, and of sign-in at each route', () => {
  for (const { operation } of operations) {
    expect(operation.responses['401']).toEqual({ $ref: '#/components/responses/Problem401' });
    expect(operation.responses['403']).toEqual({ $ref: '#/components/responses/Problem403' });
  }
});

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, formats: { base64: true } }));
ajv.addSchema(document, 'openapi');
const pointer = (...parts: string[]) =>
  `openapi#/${parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

test('has examples that its own schemas take', () => {
  let examples = 0;
  for (const { path, method, operation } of operations) {
    const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
      ([type, media]) => [['requestBody', 'content', type, 'schema'], media] as const,
    );
    const answers = Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(
        ([type, media]) => [['responses', status, 'content', type, 'schema'], media] as const,
      ),
    );
    for (const [place, { example }] of [...bodies, ...answers]) {
      if (example === undefined) continue;
      examples += 1;
      const validate = ajv.getSchema(pointer('paths', path, method, ...place));
      expect({ path, taken: validate?.(example), errors: validate?.errors }).toEqual({
        path,
        taken: true,
        errors: null,
      });
    }
    const json = operation.requestBody?.content['application/json'];
    if (json)
      expect({ path, method, hasExample: json.example !== undefined }).toEqual({ path, method, hasExample: true });
  }
  expect(examples).toBeGreaterThan(20);
});
