import { z } from 'zod';
import { SealpostError } from '../../../client/index.js';
import type { SystemKey } from '../../../audit/system-key.js';
import { fileStream } from '../file-stream.js';
import { html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';

type Params = z.output<typeof deliveryParams>;
const query = z.object({ names: z.literal('pseudonyms').optional().catch(undefined) });

/** The system's key, or why there is none. */
async function keyOf({ systemKey }: Pick<Visit, 'systemKey'>): Promise<SystemKey | string> {
  try {
    return await systemKey();
  } catch (error) {
    // Only errors that were made for people are told to people.
    if (error instanceof SealpostError) return error.message;
    throw error;
  }
}

async function bundlePage(visit: Visit<'audit', Params>): Promise<Answer> {
  const { sealpost, params } = visit;
  const standing = await sealpost.delivery(params.id).standing();
  const key = await keyOf(visit);
  const body = html`<h2 class="page-title">Audit bundle</h2>
    <p>
      Everything that an auditor needs of this delivery, as one signed file: revisions, the analysis, decisions, the
      whole ledger with replies, the journal and the histories of its workflows.
    </p>
    ${
      typeof key === 'string'
        ? html`<div class="notice refused" role="alert">
            <span class="mark" aria-hidden="true">!</span>
            <p>${key}</p>
          </div>`
        : html`<form class="stack" method="get" action="${deliveryPath(params.id, 'audit.ndjson')}">
              <label class="choice"
                ><input type="checkbox" name="names" value="pseudonyms" /><span
                  ><b>With pseudonyms</b> <small>without recipients’ addresses, salts and operators’ names</small></span
                ></label
              >
              <button class="primary">Download</button>
            </form>
            <p>
              It is signed by the key <code>${key.thumbprint}</code>. Whoever has the file checks it with
              <code>sealpost audit verify FILE --key ${key.thumbprint}</code>, which needs none of our servers.
            </p>`
    }`;
  return { page: deliveryFrame(visit, standing, { page: 'bundle', title: 'Audit bundle', body }) };
}

async function download(visit: Visit<'audit', Params, z.output<typeof query>>): Promise<Answer> {
  const { sealpost, params, query: asked } = visit;
  const delivery = sealpost.delivery(params.id);
  await delivery.progress();
  const key = await visit.systemKey();
  const pseudonymise = asked.names === 'pseudonyms';
  // Lines are gathered: each is far less than a connection likes.
  const body = fileStream(async (write) => {
    let lines = '';
    await delivery.auditBundle({ key, pseudonymise }, async (line) => {
      lines += line;
      if (lines.length < 128_000) return;
      await write(lines);
      lines = '';
    });
    await write(lines);
  });
  return { download: { name: `${params.id}.audit.ndjson`, type: 'application/x-ndjson', body } };
}

export const auditBundleRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/bundle', needs: 'audit', params: deliveryParams, answer: bundlePage }),
  page({ path: '/deliveries/:id/audit.ndjson', needs: 'audit', params: deliveryParams, query, answer: download }),
];
