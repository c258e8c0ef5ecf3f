import fc, { type Arbitrary } from 'fast-check';

/** A JSON Schema, as far as our own document has them. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: Schema[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}
export interface Operation {
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { $ref?: string; content?: Record<string, unknown> }>;
}
export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, { content: Record<string, unknown> }> };
}

/** A request that the document makes one expect to be possible, or nearly. */
export interface MadeRequest {
  method: string;
  path: string;
  body?: string;
  headers: Record<string, string>;
}

/** What breaks programs: control characters, other scripts, what is long, what means something to a database or a path. */
const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '%',
    '..',
    '../../etc/passwd',
    "'; drop table delivery; --",
    '\ud800',
    '\u202e',
    '💌',
    '-1',
  ),
  fc.nat(3_000).map((length) => 'x'.repeat(length)),
);
const anything: Arbitrary<unknown> = fc.oneof(
  strange,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Values of a schema; now and then one that is none. */
function valueOf({ components }: Document, schema: Schema, depth = 0): Arbitrary<unknown> {
  const right = rightValue(schema);
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: anything });

  function rightValue(one: Schema): Arbitrary<unknown> {
    if (one.$ref !== undefined) {
      const named = components.schemas[one.$ref.replace('#/components/schemas/', '')] ?? {};
      return depth > 6 ? fc.constant({}) : valueOf({ components } as Document, named, depth + 1);
    }
    if (one.const !== undefined) return fc.constant(one.const);
    if (one.enum) return fc.constantFrom(...one.enum);
    const choices = one.anyOf ?? one.oneOf;
    if (choices) return fc.oneof(...choices.map((choice) => inner(choice)));
    if (one.type === 'object' || one.properties) return objectOf(one);
    if (one.type === 'array') {
      if (one.prefixItems) return fc.tuple(...one.prefixItems.map((item) => inner(item)));
      return fc.array(inner(one.items ?? {}), {
        minLength: one.minItems ?? 0,
        maxLength: Math.max(one.minItems ?? 0, 3),
      });
    }
    if (one.type === 'integer' || one.type === 'number') {
      const { minimum: min = -10, maximum: max = 2 ** 53 } = one;
      return fc.oneof(fc.integer({ min, max: Math.min(max, min + 300) }), fc.constantFrom(min, max));
    }
    if (one.type === 'boolean') return fc.boolean();
    if (one.type === 'string') return textOf(one);
    return anything;
  }

  function inner(one: Schema): Arbitrary<unknown> {
    return valueOf({ components } as Document, one, depth + 1);
  }

  function objectOf({ properties = {}, required = [], additionalProperties }: Schema): Arbitrary<unknown> {
    // Of settings there are many: a few at a time reach further than all of them at once.
    const members = Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, inner(member)]));
    const own = fc.record(members, { requiredKeys: required.filter((name) => name in members) });
    if (typeof additionalProperties !== 'object' || Object.keys(additionalProperties).length === 0) return own;
    return fc
      .tuple(own, fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), inner(additionalProperties), { maxKeys: 3 }))
      .map(([known, more]) => ({ ...more, ...(known as object) }));
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = 200 }: Schema): Arbitrary<unknown> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (format === 'email') return fc.emailAddress();
  if (format === 'base64') return fc.base64String({ maxLength: 200 });
  if (pattern !== undefined && !/\\p|\(\?/.test(pattern)) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
}

/**
 * @param known - values that are there, by the name of the parameter: what is asked about nothing ends at once
 */
export function requestsOf(
  document: Document,
  { path, method, operation }: { path: string; method: string; operation: Operation },
  known: Readonly<Record<string, string>>,
): Arbitrary<MadeRequest> {
  const parameters = operation.parameters.filter(({ in: place }) => place !== 'header');
  const values = fc.record(
    Object.fromEntries(
      parameters.map(({ name, in: place, schema }) => [
        name,
        place === 'path' && known[name] !== undefined
          ? fc.oneof(
              { weight: 4, arbitrary: fc.constant(known[name]) },
              { weight: 1, arbitrary: valueOf(document, schema) },
            )
          : valueOf(document, schema),
      ]),
    ),
    {
      requiredKeys: parameters
        .filter(({ required, in: place }) => required || place === 'path')
        .map(({ name }) => name),
    },
  ) as Arbitrary<Record<string, unknown>>;
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body: Arbitrary<string | undefined> = media
    ? fc.oneof(
        {
          weight: 15,
          arbitrary: valueOf(document, media.schema).map((value) =>
            type === 'application/json' ? JSON.stringify(value) : textFrom(value),
          ),
        },
        { weight: 1, arbitrary: strange },
        { weight: 1, arbitrary: fc.constant(undefined) },
      )
    : fc.constant(undefined);
  return fc.tuple(values, body).map(([given, sent]) => {
    const query = new URLSearchParams();
    let address = path;
    for (const { name, in: place } of parameters) {
      if (!(name in given)) continue;
      if (place === 'path')
        address = address.replace(`{${name}}`, encodeURIComponent(textFrom(given[name]).toWellFormed()) || 'x');
      else for (const one of [given[name]].flat()) query.append(name, textFrom(one));
    }
    return {
      method: method.toUpperCase(),
      path: `${address}${query.size > 0 ? `?${query.toString()}` : ''}`,
      headers: sent === undefined || type === undefined ? {} : { 'content-type': type },
      ...(sent !== undefined && { body: sent }),
    };
  });
}

const textFrom = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
