import { z } from 'zod';
import type { DefinitionSource } from '../../client/index.js';
import { deliveryIdSchema, deliverySettingsSchema } from '../../delivery/definition.js';
import { ApiError, type Fault } from './problem.js';

/** What a definition in JSON is, for the document; the client looks at it whole, so that all faults are told at once. */
export const definitionBody = deliverySettingsSchema
  .extend({
    id: deliveryIdSchema,
    content: z
      .strictObject({
        mjml: z.string().optional(),
        html: z.string().optional(),
        text: z.string().optional(),
      })
      .describe('Texts: one of mjml, html and text; beside mjml or html, text may stand too'),
    attachments: z
      .array(z.strictObject({ name: z.string(), content: z.base64(), type: z.string().optional() }))
      .optional(),
    images: z
      .record(z.string(), z.base64())
      .optional()
      .describe('By the name that the HTML shows them by, such as cid:logo.png'),
    recipients: z
      .array(z.looseObject({ email: z.string() }))
      .describe('Addresses, with the fields for personalisation'),
  })
  .meta({ id: 'Definition', description: 'docs/parameters.md tells of each setting' });

/** Octets of a definition with all that is in it. */
export const definitionLimit = 10 * 1024 * 1024;

export const anyDefinition = z.record(z.string(), z.unknown());

/** @throws ApiError where what must be octets is no base64 */
export function definitionOf(body: z.output<typeof anyDefinition>): DefinitionSource {
  const faults: Fault[] = [];
  const octets = (value: unknown, field: string): unknown => {
    const parsed = z.base64().safeParse(value);
    if (!parsed.success) faults.push({ field, sentence: 'must be base64' });
    return Buffer.from(parsed.data ?? '', 'base64');
  };
  const { attachments, images, ...rest } = body;
  const values = {
    ...rest,
    ...(attachments !== undefined && {
      attachments: Array.isArray(attachments)
        ? attachments.map((one: unknown, n) =>
            isObject(one) ? { ...one, content: octets(one['content'], `attachments[${n}].content`) } : one,
          )
        : attachments,
    }),
    ...(images !== undefined && {
      images: isObject(images)
        ? Object.fromEntries(Object.entries(images).map(([name, value]) => [name, octets(value, `images.${name}`)]))
        : images,
    }),
  };
  if (faults.length > 0) throw new ApiError(422, 'REQUEST_INVALID', 'The definition cannot be taken as it is.', faults);
  // The client looks at it.
  return values as unknown as DefinitionSource;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
