import { z } from 'zod';
import { packageVersion } from '../../client/package-file.js';
import { problemSchema } from './problem.js';
import { tags, type ApiRoute } from './route.js';

type Json = Record<string, unknown>;

/** What any route may answer beside what it is for. */
const problems: Readonly<Record<number, string>> = {
  400: 'The request could not be read',
  401: 'Nobody has signed in',
  403: 'Roles or scopes do not let do it',
  404: 'There is no such thing',
  409: 'Refused, with the reason; or another request under the same Idempotency-Key is under way',
  413: 'More was sent than the route takes',
  415: 'The route does not take such a body',
  419: 'A request with a session lacks its CSRF token',
  421: 'The API does not answer under this name',
  422: 'It cannot be taken as it is, with all faults at once',
  429: 'Too many requests',
  500: 'A defect of Sealpost',
  503: 'A server that this needs does not answer',
};

/** The document of the API, OpenAPI 3.1, made from the table of routes alone. */
export function openApiDocument(routes: readonly ApiRoute[]): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, components);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sealpost',
      version: packageVersion(),
      summary: 'Bulk e-mail that a person signs off',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: components,
      responses: Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [
          `Problem${status}`,
          {
            description,
            content: { 'application/problem+json': { schema: jsonSchema(problemSchema, 'output', components) } },
          },
        ]),
      ),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token. Its scopes are permissions: it may do what both they and its operator’s roles allow.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-sealpost-session',
          description: 'Of a page of the console; what is not a GET needs its CSRF token in X-CSRF-Token.',
        },
      },
    },
  };
}

function operationOf(route: ApiRoute, components: Json): Json {
  const { method, path, tag, summary, description, needs, schemas } = route;
  const permission = needs === 'account' || needs === 'nothing' ? [] : [needs];
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: [{ token: permission }, { session: permission }],
    parameters: [
      ...parametersOf(schemas.params, 'path', components),
      ...parametersOf(schemas.query, 'query', components),
      ...headersOf(route),
    ],
    ...bodyOf(route, components),
    responses: { ...answersOf(route, components), ...problemsOf(route) },
  };
}

/** `postDeliveriesByIdPause` */
function operationId(method: string, path: string): string {
  const words = path.replace('/api/v1', '').split(/[/.-]/).filter(Boolean);
  const named = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return method.toLowerCase() + named.join('');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', components: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: property,
  }));
}

function headersOf({ method, served }: ApiRoute): Json[] {
  const header = (name: string, description: string, schema: Json = { type: 'string' }) => ({
    name,
    in: 'header',
    description,
    schema,
  });
  if (method === 'POST')
    return [
      header('Idempotency-Key', 'The same request under the same key, within 24 hours, is carried out once', {
        type: 'string',
        pattern: '^[!-~]{1,255}$',
      }),
    ];
  return method === 'GET' && !served ? [header('If-None-Match', 'The ETag of an answer that one has')] : [];
}

function bodyOf({ schemas, examples, upload }: ApiRoute, components: Json): Json {
  const schema = schemas.shownBody ?? schemas.body;
  if (!schema && !upload) return {};
  const json = schema && {
    'application/json': {
      schema: jsonSchema(schema, 'input', components),
      ...(examples.body !== undefined && { example: examples.body }),
    },
  };
  const files = (upload?.types ?? []).map((type) => [
    type,
    {
      schema: { type: 'string' },
    },
  ]);
  const needed = schema !== undefined && !schema.safeParse({}).success;
  return {
    requestBody: {
      ...(upload && { description: `${upload.description} At most ${upload.limit / 1024 / 1024} MB.` }),
      required: needed || (upload !== undefined && !schema),
      content: { ...json, ...Object.fromEntries(files) },
    },
  };
}

function answersOf({ statuses, schemas, examples, served, method, path }: ApiRoute, components: Json): Json {
  if (served) {
    const { type, description } = served;
    const more = path.endsWith('/events') && { 204: { description: 'There is nothing more' } };
    return { 200: { description, content: { [type]: { schema: { type: 'string' } } } }, ...more };
  }
  const schema = schemas.answer ? jsonSchema(schemas.answer, 'output', components) : {};
  const content = {
    'application/json': { schema, ...(examples.answer !== undefined && { example: examples.answer }) },
  };
  const tagged = method === 'GET' && {
    headers: { ETag: { description: 'Changes with the answer', schema: { type: 'string' } } },
  };
  const words: Readonly<Record<number, string>> = {
    200: 'Done',
    201: 'Made',
    202: 'Queued: no worker has answered yet',
  };
  return {
    ...Object.fromEntries(statuses.map((status) => [status, { description: words[status], ...tagged, content }])),
    ...(method === 'GET' && { 304: { description: 'It is as If-None-Match says' } }),
  };
}

/** Those that this very route can answer. */
function problemsOf({ method, schemas, upload }: ApiRoute): Json {
  const never = new Set([
    ...(method === 'GET' ? [409, 413, 415, 419] : []),
    ...(schemas.params || method !== 'GET' ? [] : [404]),
    ...(schemas.body || upload ? [] : [413]),
  ]);
  return Object.fromEntries(
    Object.keys(problems).flatMap((status) =>
      never.has(Number(status)) ? [] : [[status, { $ref: `#/components/responses/Problem${status}` }]],
    ),
  );
}

/** JSON Schema 2020-12, as OpenAPI 3.1 has it; what has an id becomes one of the document's components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $schema: _dialect,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & {
    $defs?: Record<string, Json>;
  };
  for (const [name, { id: _id, ...definition }] of Object.entries($defs))
    components[name] ??= withComponents(definition);
  const { id, ...whole } = own;
  if (typeof id !== 'string') return withComponents(whole) as Json;
  components[id] ??= withComponents(whole);
  return { $ref: `#/components/schemas/${id}` };
}

function withComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponents);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string'
        ? member.replace('#/$defs/', '#/components/schemas/')
        : withComponents(member),
    ]),
  );
}
