import type { AddressInfo } from 'node:net';
import { parseCookie, parseSetCookie } from 'cookie';
import { openDatabase, type Database } from '../../src/store/database.js';
import type { Access } from '../../src/web/access/access.js';
import { csrfField, csrfToken } from '../../src/web/access/csrf.js';
import { loopbackAddress, type PublicAddress } from '../../src/web/access/public-url.js';
import { beginSession } from '../../src/web/access/sessions.js';
import { createConsole } from '../../src/web/console/server.js';
import type { RequestRecord } from '../../src/web/request-record.js';
import { listenAndAsk, type Answered, type Asked } from '../web/http-asker.js';
import type { TestEnvironment } from './environment.js';

type Fields = Record<string, string | string[]>;

/** One browser with its cookies, as far as the console sees it. */
export interface Browser {
  cookies: Map<string, string>;
  get: (path: string, headers?: Record<string, string>) => Promise<Answered>;
  /** Sends a form of our own page, whose CSRF token it has unless `fields` say otherwise. */
  post: (path: string, fields?: Fields, more?: Partial<Asked>) => Promise<Answered>;
}

export interface ServedConsole {
  ask: (asked: Asked) => Promise<Answered>;
  access: Access;
  /** Where it really listens. */
  port: () => number;
  address: PublicAddress;
  records: RequestRecord[];
  /** Moves the console's clock on. */
  pass: (ms: number) => void;
  stranger: () => Browser;
  /** Somebody who has signed in. */
  as: (operator: string) => Promise<Browser>;
  /** The console once more, over the same database: its memory is gone. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
}

export async function serveConsole(
  { sealpost, env }: TestEnvironment,
  address: PublicAddress = loopbackAddress(8090),
): Promise<ServedConsole> {
  const database: Database = openDatabase(env['DATABASE_URL'] ?? '');
  let ahead = 0;
  const access = { database, now: () => Date.now() + ahead };
  const records: RequestRecord[] = [];
  const open = async () => {
    const server = await createConsole({
      sealpost,
      access,
      address: () => address,
      record: (request) => void records.push(request),
    });
    return { server, ask: await listenAndAsk(server) };
  };
  let running = await open();
  const ask = (asked: Asked) => running.ask(asked);
  return {
    ask,
    access,
    port: () => (running.server.server.address() as AddressInfo).port,
    address,
    records,
    pass: (ms) => (ahead += ms),
    stranger: () => browser(ask, address),
    as: async (operator) => {
      const signedIn = browser(ask, address);
      signedIn.cookies.set(sessionName(address), await beginSession(access, operator, 'Firefox on Linux'));
      return signedIn;
    },
    restart: async () => {
      await running.server.close();
      running = await open();
    },
    close: async () => {
      await running.server.close();
      await database.end();
    },
  };
}

export const sessionName = ({ secure, url }: PublicAddress): string =>
  secure ? '__Host-sealpost-session' : `sealpost-session-${new URL(url).port}`;

function browser(ask: ServedConsole['ask'], address: PublicAddress): Browser {
  const cookies = new Map<string, string>();
  const host = new URL(address.url).host;
  const send = async (options: Asked): Promise<Answered> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask({
      ...options,
      headers: { host, ...(cookie && { cookie }), ...options.headers },
    });
    for (const written of [answer.headers['set-cookie'] ?? []].flat()) {
      const { name, value = '', maxAge } = parseSetCookie(written);
      if (maxAge === 0) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    cookies,
    get: (url, headers = {}) => send({ url, headers }),
    post: (url, fields = {}, more = {}) => {
      const secret = cookies.get(sessionName(address)) ?? cookies.get(sessionName(address).replace('session', 'visit'));
      const all = { ...(secret !== undefined && { [csrfField]: csrfToken(secret) }), ...fields };
      const payload = new URLSearchParams(
        Object.entries(all).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
      );
      return send({
        method: 'POST',
        url,
        payload: payload.toString(),
        ...more,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: address.url,
          'sec-fetch-site': 'same-origin',
          ...more.headers,
        },
      });
    },
  };
}

/** What the page says happened, where it says so. */
export function noticeIn(body: string): string | undefined {
  const [, text] = /class="notice [a-z]+"[^]*?<p>([^]*?)<\/p>/.exec(body) ?? [];
  return text;
}

/** Whether an answer sets this cookie to something. */
export function setsCookie({ headers }: Answered, name: string): boolean {
  return [headers['set-cookie'] ?? []].flat().some((one) => (parseCookie(one)[name] ?? '') !== '');
}
