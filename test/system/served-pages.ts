import type { Database } from '../../src/store/database.js';
import type { RequestRecord } from '../../src/web/request-record.js';
import { createWebServer } from '../../src/web/server.js';

interface Ask {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  payload?: string;
}

export interface ServedPages {
  records: RequestRecord[];
  ask: (ask: Ask) => Promise<{ statusCode: number; body: string; headers: Record<string, string> }>;
  stop: () => Promise<void>;
}

/** The public endpoints over real HTTP, on any port. */
export async function servePages(over: Database, now?: () => number): Promise<ServedPages> {
  const records: RequestRecord[] = [];
  const record = (request: RequestRecord) => void records.push(request);
  const web = createWebServer({ database: over, record, ...(now && { now }) });
  const at = await web.listen({ host: '127.0.0.1', port: 0 });
  return {
    records,
    ask: async ({ url, method = 'GET', headers = {}, payload }) => {
      const answer = await fetch(`${at}${url}`, { method, headers, ...(payload !== undefined && { body: payload }) });
      const { status: statusCode } = answer;
      return { statusCode, body: await answer.text(), headers: Object.fromEntries(answer.headers) };
    },
    stop: () => web.close(),
  };
}
