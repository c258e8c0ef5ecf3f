import { operatorRoles, Sealpost } from '../../src/client/index.js';
import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { openDatabase } from '../../src/store/database.js';
import type { Access } from '../../src/web/access/access.js';
import { makeToken } from '../../src/web/access/api-tokens.js';
import { permissions, type Permission } from '../../src/web/access/permissions.js';
import { loopbackAddress } from '../../src/web/access/public-url.js';
import { createConsole } from '../../src/web/console/server.js';
import type { RequestRecord } from '../../src/web/request-record.js';
import type { TestEnvironment } from './environment.js';

export interface Asked {
  method?: string;
  /** Behind `/api/v1`. */
  path: string;
  /** JSON where it is an object. */
  body?: string | Uint8Array | FormData | object;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON. */
  json: () => never;
}

export interface ServedApi {
  url: string;
  access: Access;
  records: RequestRecord[];
  /** Moves the API's clock on. */
  pass: (ms: number) => void;
  /** A token of this operator's. */
  tokenOf: (operator: string, scopes?: readonly Permission[]) => Promise<string>;
  ask: (token: string | undefined, asked: Asked) => Promise<Answer>;
  close: () => Promise<void>;
}

/** The console's API over the servers of a test, with an operator for each role, by its name, and one with all of them. */
export async function serveApi({ env }: TestEnvironment): Promise<ServedApi> {
  const database = openDatabase(env['DATABASE_URL'] ?? '');
  const { SEALPOST_KEYS: _keys, ...unsigned } = env;
  const sealpost = Sealpost.connect({ env: unsigned });
  const key = await parseSystemKey(makeSystemKey());
  let ahead = 0;
  const access = { database, now: () => Date.now() + ahead };
  const records: RequestRecord[] = [];
  let port = 0;
  const server = await createConsole({
    sealpost,
    access,
    address: () => loopbackAddress(port),
    record: (request) => void records.push(request),
    systemKey: () => Promise.resolve(key),
    requestsPerMinute: 1_000_000,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(url).port);
  for (const role of operatorRoles) await sealpost.operators.put({ id: role, name: role, roles: [role] }, 'author');
  await sealpost.operators.put({ id: 'all', name: 'All', roles: [...operatorRoles] }, 'author');
  return {
    url,
    access,
    records,
    pass: (ms) => (ahead += ms),
    tokenOf: (operator, scopes = permissions) => makeToken(access, operator, { label: 'test', scopes, days: 30 }),
    ask: async (token, { method = 'GET', path, body, headers = {} }) => {
      const isJson = typeof body === 'object' && !(body instanceof Uint8Array) && !(body instanceof FormData);
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as string) }),
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(isJson && { 'content-type': 'application/json' }),
          ...headers,
        },
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) as never };
    },
    close: async () => {
      await server.close();
      await sealpost.close();
      await database.end();
    },
  };
}
