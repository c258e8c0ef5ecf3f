import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { ApiError } from '../problem.js';
import { servedRoute, type ApiRoute } from '../route.js';
import { deliveryParams, flag } from '../schemas/inputs.js';

const one = '/api/v1/deliveries/:id';

/** Each holds a connection to the database for as long as its reader takes. */
const atOnce = 2;
/** So long a reader may take nothing. */
const patienceMs = 30_000;
let underWay = 0;

/** What proves what happened. */
export const auditRoutes: readonly ApiRoute[] = [
  servedRoute({
    method: 'GET',
    path: `${one}/audit-bundle`,
    needs: 'audit',
    tag: 'audit',
    summary: 'Everything that an auditor needs of it, as one signed file',
    description:
      'Streamed as it is read. One that was cut off lacks its last two lines: “sealpost audit verify” refuses it.',
    params: deliveryParams,
    query: z.object({
      pseudonymise: flag.optional().describe('Without recipients’ addresses, salts and operators’ names'),
    }),
    type: 'application/x-ndjson',
    gives: 'Lines of JSON; docs/audit-bundle.md tells of each',
    serve: async ({ sealpost, systemKey, params: { id }, query: { pseudonymise = false } }, { reply }) => {
      if (underWay >= atOnce)
        throw new ApiError(429, 'TOO_MANY_REQUESTS', 'Other bundles are being exported: try again in a minute.');
      const delivery = sealpost.delivery(id);
      // What is refused is refused before the first line.
      await delivery.summary();
      const key = await systemKey();
      const out = new PassThrough();
      underWay += 1;
      const whole = delivery.auditBundle({ key, pseudonymise }, (line) => written(out, line));
      void whole
        .then(() => out.end())
        .catch((error: unknown) => out.destroy(error instanceof Error ? error : new Error('the export failed')))
        .finally(() => (underWay -= 1));
      await reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="${fileName(id)}.audit.ndjson"`)
        .send(out);
    },
  }),
  servedRoute({
    method: 'GET',
    path: `${one}/messages/:seq/proof`,
    needs: 'audit',
    tag: 'audit',
    summary: 'What shows that one message is under the seal, and nothing of any other one',
    params: deliveryParams.extend({ seq: z.coerce.number().int().min(0).max(2_147_483_647) }),
    type: 'application/json',
    gives: 'A signed proof; docs/audit.md tells of it',
    serve: async ({ sealpost, systemKey, params: { id, seq } }, { reply }) => {
      const delivery = sealpost.delivery(id);
      await delivery.summary();
      const proof = await delivery.messageProof(seq, await systemKey());
      await reply.type('application/json; charset=utf-8').send(proof);
    },
  }),
];

const fileName = (id: string): string => id.replaceAll(/[^a-z0-9._-]/g, '_');

/** @throws Error where the reader is gone, or takes nothing for long: its transaction must end */
async function written(out: PassThrough, line: string): Promise<void> {
  if (out.destroyed) throw new Error('the reader is gone');
  if (out.write(line)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => () => {
      clearTimeout(timer);
      out.off('drain', drained);
      out.off('close', closed);
      act();
    };
    const drained = settle(resolve);
    const closed = settle(() => reject(new Error('the reader is gone')));
    const timer = setTimeout(
      settle(() => reject(new Error('the reader takes nothing'))),
      patienceMs,
    );
    out.once('drain', drained);
    out.once('close', closed);
  });
}
