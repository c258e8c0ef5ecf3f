import { operatorRoles } from '../../src/client/index.js';
import { invite, inviteFirst } from '../../src/web/access/invitations.js';
import { makeToken } from '../../src/web/access/api-tokens.js';
import { csrfField, csrfHeader, csrfToken } from '../../src/web/access/csrf.js';
import { permissionsFor, type Permission } from '../../src/web/access/permissions.js';
import { publicAddress } from '../../src/web/access/public-url.js';
import { needsCsrfToken, type RouteRule } from '../../src/web/access/route-rule.js';
import { givePassword } from '../../src/web/access/sign-in.js';
import { apiRoutes } from '../../src/web/api/routes.js';
import { consoleRoutes } from '../../src/web/console/routes.js';
import { definition } from './definition.js';
import { eventually, inPhase, openSendingEnvironment, type SendingEnvironment } from './environment.js';
import { noticeIn, serveConsole, sessionName, setsCookie, type Browser, type ServedConsole } from './served-console.js';

const password = 'four green garden gates';
const hour = 3_600_000;
const rules: readonly RouteRule[] = [...consoleRoutes, ...apiRoutes];

let environment: SendingEnvironment;
let served: ServedConsole;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  served = await serveConsole(environment);
  for (const role of operatorRoles)
    await environment.sealpost.operators.put({ id: role, name: role, roles: [role] }, 'author');
  await environment.sealpost.operators.put({ id: 'nobody', name: 'Nobody' }, 'author');
  await environment.sealpost.operators.put({ id: 'all', name: 'All', roles: [...operatorRoles] }, 'author');
});
afterAll(async () => {
  await served.close();
  await environment.close();
});

/** An address of the route, of things that are not there. */
const addressOf = ({ path }: RouteRule): string =>
  path.replaceAll(/:key/g, '2147483647').replaceAll(/:\w+/g, 'x'.repeat(43));

let asked = 0;
/** Each request from another address, or there would soon be too many from one. */
const elsewhere = (): string => `127.0.${Math.floor(++asked / 250)}.${asked % 250}`;

async function ask(who: Browser, rule: RouteRule, headers: Record<string, string> = {}) {
  if (rule.method === 'GET') return await who.get(addressOf(rule), headers);
  const secret = who.cookies.get(sessionName(served.address)) ?? '';
  const token = rule.kind === 'api' ? { [csrfHeader]: csrfToken(secret) } : {};
  return await who.post(
    addressOf(rule),
    {},
    { method: rule.method, headers: { ...token, ...headers }, from: elsewhere() },
  );
}

/** Whether the guard has let it through, whatever the route said then. */
function admitted({ statusCode, headers }: Awaited<ReturnType<typeof ask>>, { path }: RouteRule): boolean {
  if ([401, 403, 419, 421, 429].includes(statusCode)) return false;
  return path === '/sign-out' || !headers.location?.startsWith('/sign-in');
}

describe('each route for each role', () => {
  const visitors = ['nobody', ...operatorRoles];
  test.each(visitors)('%s', async (id) => {
    const roles = id === 'nobody' ? [] : [id];
    const may = permissionsFor(roles);
    for (const rule of rules) {
      // A session each: some of them end it. Everybody from an address of their own, or there would be too many attempts.
      const wanted = rule.needs === 'nothing' || rule.needs === 'account' || may.has(rule.needs);
      if (rule.needs === 'nothing') continue;
      const answer = await ask(await served.as(id), rule);
      expect([rule.method, rule.path, admitted(answer, rule), answer.statusCode >= 500]).toEqual([
        rule.method,
        rule.path,
        wanted,
        false,
      ]);
    }
  });

  test('a stranger is taken to the sign-in, and a program is told that it is none of ours', async () => {
    for (const rule of rules.filter(({ needs }) => needs !== 'nothing')) {
      const { statusCode, headers } = await ask(served.stranger(), rule);
      if (rule.kind === 'api') {
        expect([rule.path, statusCode, headers['content-type']]).toEqual([
          rule.path,
          401,
          'application/problem+json; charset=utf-8',
        ]);
        continue;
      }
      const next = rule.method === 'GET' && rule.path !== '/' ? `?next=${encodeURIComponent(addressOf(rule))}` : '';
      expect([rule.path, statusCode, headers.location]).toEqual([rule.path, 303, `/sign-in${next}`]);
    }
  });

  test('a token has its scopes, at most those of its operator, and opens no page', async () => {
    const scopes: Permission[] = ['read', 'administer'];
    const token = await makeToken(served.access, 'reviewer', { label: 'ci', scopes, days: 1 });
    const authorization = `Bearer ${token}`;
    for (const rule of rules.filter(({ needs }) => needs !== 'nothing')) {
      const answer = await ask(served.stranger(), rule, { authorization });
      const wanted = rule.kind === 'api' && (rule.needs === 'account' || rule.needs === 'read');
      expect([rule.path, admitted(answer, { ...rule, path: '' })]).toEqual([rule.path, wanted]);
    }
  });
});

test.each(rules.filter(needsCsrfToken).map((rule) => [`${rule.method} ${rule.path}`, rule] as const))(
  '%s is refused where another site could have sent it',
  async (_name, rule) => {
    const other = await served.as('all');
    const stolen = csrfToken(other.cookies.get(sessionName(served.address)) ?? '');
    const attempts: [fields: Record<string, string>, headers: Record<string, string>][] = [
      [{ [csrfField]: '' }, { [csrfHeader]: '' }],
      [{ [csrfField]: stolen }, { [csrfHeader]: stolen }],
      [{}, { origin: 'https://evil.example' }],
      [{}, { 'sec-fetch-site': 'cross-site' }],
    ];
    for (const [fields, headers] of attempts) {
      const who = await served.as('all');
      const own = csrfToken(who.cookies.get(sessionName(served.address)) ?? '');
      const { statusCode } = await who.post(addressOf(rule), fields, {
        method: rule.method,
        headers: { ...(rule.kind === 'api' && { [csrfHeader]: own }), ...headers },
        from: elsewhere(),
      });
      expect([fields, headers, statusCode]).toEqual([fields, headers, 419]);
    }
  },
);

describe('signing in', () => {
  let next = 0;
  /** Each from an address of its own: what is limited by address has a test of its own. */
  const signIn = async (who: Browser, fields: Record<string, string>) => {
    await who.get('/sign-in');
    return await who.post('/sign-in', fields, { from: `127.1.0.${++next}` });
  };

  beforeAll(async () => {
    await givePassword(served.access, { id: 'approver' }, password);
    await givePassword(served.access, { id: 'auditor' }, password);
    await givePassword(served.access, { id: 'engineer' }, password);
  });

  test('the right password opens what was asked for, with a cookie that no script reads', async () => {
    const who = served.stranger();
    const answer = await signIn(who, { operator: 'approver', password, next: '/deliveries?status=open' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/deliveries?status=open']);
    const cookie = [answer.headers['set-cookie'] ?? []]
      .flat()
      .find((one) => one.startsWith(sessionName(served.address)));
    expect(cookie).toMatch(/^sealpost-session-8090=[\w-]{43}; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await who.get('/deliveries')).statusCode).toBe(200);
    const { rows } = await environment.database.query('select secret_hash from console_session');
    expect(rows.map(({ secret_hash: hash }) => (hash as Buffer).toString('base64url'))).not.toContain(
      who.cookies.get(sessionName(served.address)),
    );
  });

  test('whoever signs in leads nobody elsewhere', async () => {
    const { headers } = await signIn(served.stranger(), { operator: 'approver', password, next: '//evil.example' });
    expect(headers.location).toBe('/');
  });

  test('a session that the browser had before ends', async () => {
    const who = await served.as('approver');
    const before = who.cookies.get(sessionName(served.address)) ?? '';
    await signIn(who, { operator: 'approver', password });
    const [old, now] = [served.stranger(), served.stranger()];
    old.cookies.set(sessionName(served.address), before);
    now.cookies.set(sessionName(served.address), who.cookies.get(sessionName(served.address)) ?? '');
    expect([(await old.get('/account')).statusCode, (await now.get('/account')).statusCode]).toEqual([303, 200]);
  });

  test('a wrong password, a name that nobody has and an operator without a password are answered alike', async () => {
    const answers = [
      await signIn(served.stranger(), { operator: 'approver', password: 'not the right one' }),
      await signIn(served.stranger(), { operator: 'unknown', password }),
      await signIn(served.stranger(), { operator: 'nobody', password }),
      await signIn(served.stranger(), { operator: "o'; drop table operator", password }),
    ];
    const [first, ...others] = answers.map(({ statusCode, body }) => [
      statusCode,
      body.replaceAll(/value="[^"]*"/g, ''),
    ]);
    expect(first?.[0]).toBe(401);
    expect(others).toEqual([first, first, first]);
    expect(answers.some((answer) => setsCookie(answer, sessionName(served.address)))).toBe(false);
    const { rows } = await environment.database.query(`select data from access_event where operator is null`);
    expect(JSON.stringify(rows)).not.toMatch(/unknown|drop table/);
  });

  test('after five failures in a row the right password is none either, for a while, and a restart changes nothing', async () => {
    const attempt = async (given: string) =>
      (await signIn(served.stranger(), { operator: 'auditor', password: given })).statusCode;
    for (let i = 0; i < 4; i++) expect(await attempt('wrong')).toBe(401);
    expect(await attempt(password)).toBe(303);
    // That one has cleared the count.
    for (let i = 0; i < 5; i++) expect(await attempt('wrong')).toBe(401);
    expect(await attempt(password)).toBe(401);
    await served.restart();
    served.pass(59_000);
    expect(await attempt(password)).toBe(401);
    served.pass(2_000);
    expect(await attempt('wrong')).toBe(401);
    served.pass(61_000);
    expect(await attempt(password)).toBe(401);
    served.pass(60_000);
    expect(await attempt(password)).toBe(303);
  });

  test('guesses that come at once are counted one by one', async () => {
    const guesses = Array.from({ length: 12 }, () =>
      signIn(served.stranger(), { operator: 'engineer', password: 'wrong' }),
    );
    await Promise.all(guesses);
    const { rows } = await environment.database.query(
      `select count(*) filter (where data ? 'failures')::int as looked, max((data->>'failures')::int) as counted
       from access_event where operator = 'engineer' and kind = 'sign-in-failed'`,
    );
    expect(rows[0]).toEqual({ looked: 5, counted: 5 });
    expect((await signIn(served.stranger(), { operator: 'engineer', password })).statusCode).toBe(401);
    served.pass(hour);
  });

  test('many attempts from one address are slowed down, whoever they are for', async () => {
    const who = served.stranger();
    await who.get('/sign-in');
    const attempt = async (operator: string, from: string) =>
      (await who.post('/sign-in', { operator, password }, { from })).statusCode;
    for (let i = 0; i < 10; i++) expect(await attempt(`name${i}`, '127.2.0.1')).toBe(401);
    expect(await attempt('approver', '127.2.0.1')).toBe(429);
    expect(await attempt('approver', '127.2.0.2')).toBe(303);
  });

  test('what a proxy says of where a request comes from counts for nothing unless it is trusted', async () => {
    const who = served.stranger();
    await who.get('/sign-in');
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      const { statusCode } = await who.post(
        '/sign-in',
        { operator: 'unknown', password },
        { from: '127.3.0.1', headers },
      );
      statuses.push(statusCode);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  test('over HTTPS cookies are the host’s alone, and the browser is told to stay there', async () => {
    const secure = await serveConsole(environment, publicAddress('https://console.example'));
    const who = secure.stranger();
    const { headers } = await who.get('/sign-in');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-sealpost-visit=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const answer = await who.post('/sign-in', { operator: 'approver', password });
    expect(setsCookie(answer, '__Host-sealpost-session')).toBe(true);
    await secure.close();
  });
});

describe('a session', () => {
  const opens = async (who: Browser) => (await who.get('/account')).statusCode === 200;

  test('ends after eight hours without use, and after a day in any case', async () => {
    const [used, left] = [await served.as('approver'), await served.as('approver')];
    served.pass(7.9 * hour);
    expect(await opens(used)).toBe(true);
    served.pass(0.2 * hour);
    expect([await opens(used), await opens(left)]).toEqual([true, false]);
    served.pass(7.5 * hour);
    expect(await opens(used)).toBe(true);
    served.pass(7.5 * hour);
    expect(await opens(used)).toBe(true);
    served.pass(1 * hour);
    expect(await opens(used)).toBe(false);
  });

  test('is not in use by a page that renews itself', async () => {
    const who = await served.as('approver');
    const renews = { accept: 'text/event-stream' };
    served.pass(7 * hour);
    expect((await who.get('/news', renews)).statusCode).toBe(204);
    expect((await who.get('/deliveries', { 'x-renews-itself': 'yes' })).statusCode).toBe(200);
    served.pass(1.1 * hour);
    expect(await opens(who)).toBe(false);
  });

  test('is none that somebody made up', async () => {
    const who = await served.as('approver');
    const name = sessionName(served.address);
    const genuine = who.cookies.get(name) ?? '';
    for (const forged of ['', 'x', genuine.slice(1), `${genuine}x`, genuine.toLowerCase(), `${genuine};`]) {
      who.cookies.set(name, forged);
      expect([forged, await opens(who)]).toEqual([forged, forged === `${genuine};`]);
    }
  });

  test('may what its operator may now, and nothing once the operator is disabled', async () => {
    await environment.sealpost.operators.put({ id: 'changing', name: 'C', roles: ['reviewer'] }, 'author');
    const who = await served.as('changing');
    expect((await who.get('/deliveries')).statusCode).toBe(200);
    await environment.sealpost.operators.put({ id: 'changing', name: 'C', roles: [] }, 'author');
    expect((await who.get('/deliveries')).statusCode).toBe(403);
    await environment.sealpost.operators.setActive('changing', false, 'author');
    expect(await opens(who)).toBe(false);
  });

  test('is ended by signing out, and no other one', async () => {
    const [one, other] = [await served.as('approver'), await served.as('approver')];
    const copy = served.stranger();
    copy.cookies.set(sessionName(served.address), one.cookies.get(sessionName(served.address)) ?? '');
    const { headers } = await one.post('/sign-out');
    expect([headers.location, one.cookies.has(sessionName(served.address))]).toEqual(['/sign-in?out=1', false]);
    expect([await opens(copy), await opens(other)]).toEqual([false, true]);
  });

  test('is listed and can be ended by its operator, and by nobody else', async () => {
    const [own, theirs] = [await served.as('reviewer'), await served.as('auditor')];
    const another = await served.as('reviewer');
    const { body } = await own.get('/account');
    const [, key = ''] = /action="\/account\/sessions\/(\d+)\/end"/.exec(body) ?? [];
    await theirs.post(`/account/sessions/${key}/end`);
    expect(noticeIn((await theirs.get('/account')).body)).toContain('no such session');
    expect(await opens(another)).toBe(true);
    expect(body).toContain('this one');
    await own.post('/account/sessions/end-others');
    expect([await opens(own), await opens(another)]).toEqual([true, false]);
    const { rows } = await environment.database.query(
      `select count(*)::int as ended from access_event where operator = 'reviewer' and kind = 'session-ended'`,
    );
    expect(rows[0].ended).toBeGreaterThan(0);
  });

  test('ends with a change of the password, but for the one that changes it', async () => {
    await givePassword(served.access, { id: 'reviewer' }, password);
    const [own, another] = [await served.as('reviewer'), await served.as('reviewer')];
    const change = (current: string, next: string, again = next) =>
      own.post('/account/password', { current, password: next, again }, { from: '127.4.0.1' });
    await change('wrong', 'five blue garden gates');
    expect(noticeIn((await own.get('/account')).body)).toContain('not your password');
    await change(password, 'five blue garden gates', 'six');
    expect(noticeIn((await own.get('/account')).body)).toContain('not the same');
    await change(password, 'short');
    expect(noticeIn((await own.get('/account')).body)).toContain('at least 12 characters');
    expect(await opens(another)).toBe(true);
    await change(password, 'five blue garden gates');
    expect(noticeIn((await own.get('/account')).body)).toContain('changed');
    expect([await opens(own), await opens(another)]).toEqual([true, false]);
  });
});

describe('an API token', () => {
  const api = (authorization?: string) => {
    const headers = { host: '127.0.0.1:8090', ...(authorization !== undefined && { authorization }) };
    return served.ask({ url: '/api/v1/deliveries', headers });
  };

  beforeAll(() => givePassword(served.access, { id: 'all' }, password));

  test('is made with the password, shown once, works until it expires, and can be revoked by its operator alone', async () => {
    const who = await served.as('all');
    const make = (given: string) =>
      who.post(
        '/account/tokens',
        { label: 'ci', scopes: ['read', 'steer'], days: '7', password: given },
        { from: '127.5.0.1' },
      );
    const refused = await make('wrong');
    expect([refused.statusCode, refused.body.includes('sealpost_')]).toEqual([422, false]);
    const [, token = ''] = /value="(sealpost_[\w-]{43})"/.exec((await make(password)).body) ?? [];
    const answer = await api(`Bearer ${token}`);
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([200, { deliveries: expect.any(Array) }]);
    const { body } = await who.get('/account');
    expect([body.includes(token), body.includes('read, steer')]).toEqual([false, true]);
    const [, key = ''] = /action="\/account\/tokens\/(\d+)\/revoke"/.exec(body) ?? [];
    await (await served.as('admin')).post(`/account/tokens/${key}/revoke`);
    expect((await api(`Bearer ${token}`)).statusCode).toBe(200);
    await who.post(`/account/tokens/${key}/revoke`);
    expect((await api(`Bearer ${token}`)).statusCode).toBe(401);
  });

  test('expires, and is none that somebody made up', async () => {
    const token = await makeToken(served.access, 'all', { label: 'short', scopes: ['read'], days: 1 });
    for (const other of [
      undefined,
      '',
      'Bearer',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer sealpost_${'x'.repeat(43)}`,
    ])
      expect([other, (await api(other)).statusCode]).toEqual([other, 401]);
    served.pass(23 * hour);
    expect((await api(`Bearer ${token}`)).statusCode).toBe(200);
    served.pass(1 * hour);
    expect((await api(`Bearer ${token}`)).statusCode).toBe(401);
  });

  test('that is wrong is not made good by a session', async () => {
    const who = await served.as('all');
    const headers = { authorization: `Bearer sealpost_${'x'.repeat(43)}` };
    expect((await who.get('/api/v1/deliveries')).statusCode).toBe(200);
    expect((await who.get('/api/v1/deliveries', headers)).statusCode).toBe(401);
  });
});

describe('an invitation', () => {
  const accept = (who: Browser, path: string, fields: Record<string, string | string[]>) =>
    who.post(path, { password, again: password, ...fields }, { from: '127.6.0.1' });

  test('lets its operator set a password once, within an hour, and looking at it uses nothing up', async () => {
    await environment.sealpost.operators.put({ id: 'invited', name: 'Invited', roles: ['reviewer'] }, 'author');
    const path = await invite(served.access, 'invited', 'author');
    const who = served.stranger();
    for (let i = 0; i < 3; i++) expect((await who.get(path)).statusCode).toBe(200);
    expect((await accept(who, path, { again: 'another' })).statusCode).toBe(422);
    expect((await accept(who, path, { password: 'short', again: 'short' })).statusCode).toBe(422);
    // Whoever it is for stands in the link, whatever the form says.
    const answer = await accept(who, path, { id: 'admin', roles: ['admin'] });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/']);
    expect((await who.get('/account')).body).toContain('<code>invited</code>');
    const [{ roles } = { roles: [] }] = (await environment.sealpost.operators.list()).filter(
      ({ id }) => id === 'invited',
    );
    expect(roles).toEqual(['reviewer']);
    expect((await accept(served.stranger(), path, {})).statusCode).toBe(419);
    const again = served.stranger();
    expect((await again.get(path)).statusCode).toBe(410);
    const late = await invite(served.access, 'invited', 'author');
    served.pass(hour);
    expect((await again.get(late)).statusCode).toBe(410);
  });

  test('for the first administrator is there until there is one', async () => {
    const own = await openFreshConsole();
    const [one, other] = [await inviteFirst(own.served.access), await inviteFirst(own.served.access)];
    const who = own.served.stranger();
    await who.get(one ?? '');
    const first = { id: 'anna', name: 'Anna <b>Berg</b>', roles: ['approver', 'nonsense'] };
    expect((await accept(who, one ?? '', { ...first, id: 'not an id' })).statusCode).toBe(422);
    expect((await accept(who, one ?? '', first)).statusCode).toBe(303);
    const { body } = await who.get('/account');
    expect(body).toContain('Anna &lt;b&gt;Berg&lt;/b&gt;');
    expect(body).toContain('approver, admin');
    // Another link that was made before it opens no more, and no new one is made.
    expect((await own.served.stranger().get(other ?? '')).statusCode).toBe(410);
    expect(await inviteFirst(own.served.access)).toBeUndefined();
    await own.close();
  });
});

/** A console where nobody has signed in yet. */
async function openFreshConsole() {
  const fresh = await openSendingEnvironment();
  const own = await serveConsole(fresh);
  return {
    served: own,
    close: async () => {
      await own.close();
      await fresh.close();
    },
  };
}

describe('deliveries', () => {
  const start = async (id: string, own: Parameters<typeof definition>[0] | object = {}) => {
    const delivery = await environment.sealpost.start(definition({ ...own, id }), { operator: 'engineer' });
    return delivery;
  };

  test('are listed, found and told, and what people wrote runs nowhere', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const delivery = await start('evil', { name: `News ${evil}`, subject: `Hello ${evil}`, owner: 'engineer' });
    await inPhase(delivery, 'awaiting-decision');
    const who = await served.as('approver');
    const list = await who.get('/deliveries?search=NEWS&status=wanted');
    expect(list.body).toContain('href="/deliveries/evil"');
    const page = await who.get('/deliveries/evil');
    for (const { statusCode, body } of [list, page, await who.get(`/deliveries?search=${encodeURIComponent(evil)}`)]) {
      expect(statusCode).toBe(200);
      expect(body).not.toContain('<img src=x');
      expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    }
    expect(page.body).toContain('awaiting decision');
    expect((await who.get('/deliveries?search=nothing-like-it')).body).toContain('No delivery is like that');
    expect((await who.get('/deliveries?status=finished')).body).not.toContain('/deliveries/evil');
    expect((await who.get('/deliveries?status=%27x&after=no-such&search=%25')).statusCode).toBe(200);
    const gone = await who.get('/deliveries/no-such');
    expect([gone.statusCode, gone.body.includes('no such page or delivery')]).toEqual([404, true]);
    expect(gone.body).not.toContain('sealpost list');
  });

  test('are paged through, each once, the newest first', async () => {
    await environment.database.query(
      `insert into delivery (id, created_at, secret, phase)
       select 'old-' || n, now() - interval '1 year', sha256(n::text::bytea), 'finished' from generate_series(1, 60) n`,
    );
    await environment.database.query(
      `insert into revision (delivery, hash, author, created_at, settings, content, profiles, sender)
       select key, id, 'author', created_at, '{"name": "100% wool_"}', '{}', 1, '' from delivery where id like 'old-%'`,
    );
    const who = await served.as('auditor');
    const seen: string[] = [];
    let next: string | undefined = '/deliveries?search=100%25%20wool_';
    while (next !== undefined) {
      const { body } = await who.get(next);
      seen.push(...[...body.matchAll(/class="delivery" href="\/deliveries\/([^"]+)"/g)].map(([, id = '']) => id));
      next = /rel="next"\s+href="([^"]+)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => `old-${60 - i}`));
    expect((await who.get('/deliveries?search=100xx')).body).toContain('No delivery is like that');
  });

  test('take commands from forms, and the workflow’s answer is told, a refusal too', async () => {
    const delivery = await start('steered', { owner: 'engineer', sending: { rate: '1/min' } });
    const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
    await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
    await inPhase(delivery, 'sending');
    const who = await served.as('engineer');
    const press = async (by: Browser, act: string) => {
      const { statusCode, headers } = await by.post(`/deliveries/steered/${act}`, { comment: 'from a form' });
      expect([statusCode, headers.location]).toEqual([303, '/deliveries/steered']);
      return (await by.get('/deliveries/steered')).body;
    };
    await who.post('/deliveries/steered/pause', { comment: 'from a form' });
    // An open page that renews itself meanwhile takes nothing of it away.
    const renewed = await who.get('/deliveries/steered', { 'x-renews-itself': 'yes' });
    expect(noticeIn(renewed.body)).toBeUndefined();
    expect(noticeIn((await who.get('/deliveries/steered')).body)).toContain('It is paused');
    await inPhase(delivery, 'paused');
    const { body } = await who.get('/deliveries/steered');
    // It is told once.
    expect([body.includes('action="/deliveries/steered/resume"'), noticeIn(body)]).toEqual([true, undefined]);
    await environment.sealpost.operators.put({ id: 'passer-by', name: 'P', roles: ['engineer'] }, 'author');
    const passerBy = await served.as('passer-by');
    expect(noticeIn(await press(passerBy, 'resume'))).toContain('is neither the author nor the owner');
    expect(noticeIn(await press(who, 'resume'))).toContain('It goes on');
    const asked = await who.get('/deliveries/steered/stop');
    expect(asked.body).toContain('Stop it for good?');
    expect((await delivery.progress()).phase).not.toBe('stopped');
    expect(noticeIn(await press(who, 'stop'))).toContain('stopped for good');
    await eventually(
      () => delivery.progress(),
      ({ ended }) => ended,
    );
    expect(noticeIn(await press(who, 'pause'))).toContain('is stopped');
    const journal = await delivery.journal();
    expect(
      journal.filter(({ kind }) => ['pause', 'resume', 'stop'].includes(kind)).map(({ data }) => data),
    ).toMatchObject([
      { operator: 'engineer', accepted: true, comment: 'from a form' },
      { operator: 'passer-by', accepted: false },
      { operator: 'engineer', accepted: true },
      { operator: 'engineer', accepted: true },
      { operator: 'engineer', accepted: false },
    ]);
  });
});

test('the log names routes, and no secret, no address and nobody', async () => {
  const logged = JSON.stringify(served.records);
  expect(logged).toContain('/welcome/:secret');
  expect(logged).not.toMatch(/approver|evil|127\.|sealpost_|welcome\/[\w-]{20}/);
  expect(served.records.filter(({ error }) => error !== undefined)).toEqual([]);
});
