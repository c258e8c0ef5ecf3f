import { Readable } from 'node:stream';
import { z } from 'zod';
import type { AddressList, OfSender } from '../../../client/index.js';
import { cursorOf, gathered, pageOf } from '../cursor.js';
import { apiRoute, type ApiRoute } from '../route.js';
import { limit, present, text } from '../schemas/inputs.js';
import { listEntry, next } from '../schemas/ledger.js';
import { listUpload } from '../uploads.js';

const addresses = z.array(text(400)).min(1).max(10_000);
const sender = text(400)
  .optional()
  .describe('Address of a sender, or @ and a domain for all of its senders; not given, all');
const reason = text(1_000).optional().describe('In one line, for people');
const cursor = cursorOf(z.tuple([text(400), text(400)])).optional();

/** The same for both lists; only the denylist knows senders. */
function routesOf(name: 'denylist' | 'quarantine'): ApiRoute[] {
  const path = `/api/v1/${name}`;
  const common = { needs: 'lists', tag: 'lists' } as const;
  const scope = z.strictObject(name === 'denylist' ? { sender } : {}) as z.ZodType<{ sender?: string | undefined }>;
  const scoped = <T extends z.ZodRawShape>(shape: T) =>
    z.strictObject({ ...shape, ...(name === 'denylist' && { sender }) }) as unknown as z.ZodObject<
      T & { sender: typeof sender },
      z.core.$strict
    >;
  const scopeOf = (given: z.output<typeof scope>): OfSender => present({ sender: given.sender });
  const listOf = (sealpost: Record<typeof name, unknown>) => sealpost[name] as AddressList<OfSender>;
  return [
    apiRoute({
      ...common,
      method: 'GET',
      path,
      summary: `The ${name}, in order of address`,
      query: scoped({ search: text(400).optional().describe('A part of the address'), cursor, limit }),
      told: z.object({ entries: z.array(listEntry), next }),
      answer: async ({ sealpost, query: { cursor: at, limit: most, search, sender: of } }) => {
        const after = at && { address: at[0], sender: at[1] };
        const filter = present({ search, sender: of, after });
        const found = await gathered(listOf(sealpost).list({ ...filter, limit: most + 1 }));
        const { rows, ...more } = pageOf(found, most, (last) => [last.address, last.sender]);
        return { entries: rows, ...more };
      },
    }),
    apiRoute({
      ...common,
      method: 'POST',
      path,
      summary: `Puts addresses on the ${name}; of who is there already, the time alone changes`,
      body: scoped({ addresses, reason }),
      told: z.object({ added: z.array(z.string()), present: z.array(z.string()) }),
      examples: { body: { addresses: ['ann@shop.example'], reason: 'asked for it by telephone' } },
      answer: async ({ sealpost, operator, body: { addresses: given, reason: why, ...of } }) =>
        await listOf(sealpost).add(given, { operator: operator.id, ...scopeOf(of), ...present({ reason: why }) }),
    }),
    apiRoute({
      ...common,
      method: 'POST',
      path: `${path}/removals`,
      summary: `Takes addresses off the ${name}`,
      body: scoped({ addresses }),
      told: z.object({
        removed: z.array(z.string()),
        absent: z.array(z.string()),
        denied: z
          .array(z.object({ address: z.string(), sender: z.string() }))
          .describe('Entries of theirs for other senders, which stay'),
      }),
      examples: { body: { addresses: ['ann@shop.example'] } },
      answer: async ({ sealpost, body: { addresses: given, ...of } }) =>
        await listOf(sealpost).remove(given, scopeOf(of)),
    }),
    apiRoute({
      ...common,
      method: 'POST',
      path: `${path}/imports`,
      summary: 'Adds all addresses of a file, or none',
      upload: listUpload,
      query: scoped({ reason }),
      told: z.object({ added: z.int(), present: z.int(), doubles: z.int() }),
      answer: async ({ sealpost, operator, upload, query: { reason: why, ...of } }) =>
        await listOf(sealpost).import(
          { name: 'the list', bytes: Readable.from([upload?.bytes ?? new Uint8Array()]) },
          { operator: operator.id, ...scopeOf(of), ...present({ reason: why }) },
        ),
    }),
  ];
}

export const listRoutes: readonly ApiRoute[] = [...routesOf('denylist'), ...routesOf('quarantine')];
