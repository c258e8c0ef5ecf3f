import type { FastifyInstance } from 'fastify';
import type { Sealpost } from '../../../src/client/index.js';
import type { Database } from '../../../src/store/database.js';
import { loopbackAddress } from '../../../src/web/access/public-url.js';
import { apiRoutes } from '../../../src/web/api/routes.js';
import { assetRule, consoleRoutes } from '../../../src/web/console/routes.js';
import { createConsole } from '../../../src/web/console/server.js';
import { listenAndAsk, type Answered, type Asked } from '../http-asker.js';

const rules = [assetRule, ...consoleRoutes, ...apiRoutes];

interface Bare {
  server: FastifyInstance;
  ask: (asked: Asked) => Promise<Answered>;
}

let bare: Bare;
beforeAll(async () => {
  bare = await bareConsole();
});
afterAll(() => bare.server.close());

/** Without servers behind it: a request that gets that far fails. */
async function bareConsole(): Promise<Bare> {
  const away = new Proxy({}, { get: () => () => Promise.reject(new Error('not in a unit test')) });
  const server = await createConsole({
    sealpost: away as Sealpost,
    access: { database: away as Database, now: Date.now },
    address: () => loopbackAddress(8090),
    record: () => undefined,
  });
  return { server, ask: await listenAndAsk(server) };
}

test('what the server answers are the routes of the table, and no others', async () => {
  for (const { method, path } of rules) expect(bare.server.hasRoute({ method, url: path })).toBe(true);
  const printed = bare.server.printRoutes({ commonPrefix: false });
  const answered = [...printed.matchAll(/\((\w+(?:, \w+)*)\)/g)].flatMap(([, methods = '']) => methods.split(', '));
  expect(answered).toHaveLength(rules.length);
});

test('no two rows of the table are the same route', () => {
  const routes = rules.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  expect(new Set(routes).size).toBe(routes.length);
});

test.each(rules.map((rule) => [`${rule.method} ${rule.path}`, rule] as const))('%s is of its kind', (_name, rule) => {
  const { method, path, kind, needs } = rule;
  if (kind === 'page' || kind === 'file') expect(method).toBe('GET');
  if (kind === 'form') expect(method).toBe('POST');
  expect(path.startsWith('/api/v1/')).toBe(kind === 'api');
  // Whoever is a stranger can sign in, use a link, and nothing else.
  if (needs === 'nothing')
    expect(path).toMatch(/^\/(assets\/:name|sign-in(\/provider|\/callback)?|welcome\/:secret(\/provider)?)$/);
});

const hostile = [
  ['another host', { host: 'evil.example' }, 421],
  ['another port', { host: '127.0.0.1:8091' }, 421],
  ['a host that a stranger’s proxy names', { host: '127.0.0.1:8090', 'x-forwarded-host': 'evil.example' }, 200],
] as const;
test.each(hostile)('a request that names %s', async (_name, headers, status) => {
  const answer = await bare.ask({ url: '/sign-in', headers });
  expect(answer.statusCode).toBe(status);
});

const ours = { host: '127.0.0.1:8090' };

test.each(['/sign-in', '/nowhere', '/api/v1/nowhere', '/deliveries', '/assets/none.css', '/%zz'])(
  'the answer to %s may load, run, frame and tell nothing',
  async (url) => {
    const { headers } = await bare.ask({ url, headers: ours });
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  },
);

test('a page has no script and no style of its own', async () => {
  const { body } = await bare.ask({ url: '/sign-in', headers: ours });
  expect(body).not.toMatch(/<style|\sstyle=|<script(?![^>]* src=)|\son\w+=|javascript:/i);
});

test('what has gone wrong on our side is told without a trace, to people and to programs', async () => {
  const cookie = `sealpost-session-8090=${'x'.repeat(43)}`;
  const page = await bare.ask({ url: '/deliveries', headers: { ...ours, cookie } });
  const api = await bare.ask({ url: '/api/v1/deliveries', headers: { ...ours, cookie } });
  expect([page.statusCode, api.statusCode]).toEqual([500, 500]);
  expect(page.body).toContain('defect of Sealpost');
  expect(JSON.parse(api.body)).toMatchObject({ type: 'about:blank', status: 500, code: 'INTERNAL' });
  expect(page.body + api.body).not.toMatch(/unit test|\.ts:| at /);
});

test('a body that is too large, and one that is none, are refused', async () => {
  const post = (payload: string, type: string) =>
    bare.ask({ method: 'POST', url: '/sign-in', headers: { ...ours, 'content-type': type }, payload });
  expect((await post('x'.repeat(40_000), 'application/x-www-form-urlencoded')).statusCode).toBe(413);
  expect((await post('<a/>', 'text/xml')).statusCode).toBe(415);
});
