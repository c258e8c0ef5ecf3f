import { randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { CompactSign } from 'jose';
import { signStatement } from '../../src/audit/operator-signature.js';
import { keyIdOf, publicKeyOf } from '../../src/audit/public-key.js';
import { verifyBundle } from '../../src/audit/verify-bundle.js';
import { operatorRoles } from '../../src/client/index.js';
import { makeOperatorKey } from '../../src/client/operator-keys.js';
import { permissions, permissionsFor } from '../../src/web/access/permissions.js';
import { apiRoutes } from '../../src/web/api/routes.js';
import type { ApiRoute } from '../../src/web/api/route.js';
import { requestsOf, type Document } from './api-requests.js';
import { definition, recipients } from './definition.js';
import { eventually, openSendingEnvironment, type SendingEnvironment } from './environment.js';
import { serveApi, type Answer, type Asked, type ServedApi } from './served-api.js';

let environment: SendingEnvironment;
let served: ServedApi;
/** May do everything. */
let token: string;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  served = await serveApi(environment);
  token = await served.tokenOf('all');
});
afterAll(async () => {
  await served.close();
  await environment.close();
});

const ask = (asked: Asked) => served.ask(token, asked);
const post = (path: string, body: object = {}, headers: Record<string, string> = {}) =>
  ask({ method: 'POST', path, body, headers });

async function read(path: string): Promise<never> {
  const answer = await ask({ path });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json();
}

const inPhase = (id: string, wanted: string): Promise<{ phase: string; seal: string; revision: string }> =>
  eventually(
    () => read(`/deliveries/${id}`) as Promise<{ phase: string; seal: string; revision: string }>,
    ({ phase }) => phase === wanted,
  );

async function started(id: string, own: object = {}): Promise<void> {
  const { status } = await post('/deliveries', { ...definition({ id }), approval: { approvers: ['all'] }, ...own });
  expect(status).toBe(201);
}

function problem({ status, headers, json }: Answer): { status: number; code: string } & Record<string, unknown> {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  return { ...(json() as { code: string }), status };
}

test('a delivery from its definition to its end', async () => {
  const id = 'from-json';
  const body = { ...definition({ id }), owner: 'owner', approval: { approvers: ['all'] } };
  const first = await post('/deliveries', body);
  expect([first.status, first.json()]).toEqual([201, { id, revision: expect.any(String), alreadyStarted: false }]);
  const again = await post('/deliveries', body);
  expect([again.status, again.json()]).toEqual([200, { ...(first.json() as object), alreadyStarted: true }]);
  expect(problem(await post('/deliveries', { ...body, subject: 'Another' }))).toMatchObject({
    status: 409,
    code: 'DELIVERY_ID_USED',
  });

  const { seal, revision } = await inPhase(id, 'awaiting-decision');
  // The author is who has signed in.
  expect(await read(`/deliveries/${id}`)).toMatchObject({ author: 'all', revision, decisions: [] });

  expect(problem(await post(`/deliveries/${id}/decisions`, { verdict: 'confirm', seal }))).toMatchObject({
    status: 409,
    code: 'COMMAND_REFUSED',
    reason: expect.stringContaining('sign'),
  });
  const { entries } = await eventually(
    () => read(`/deliveries/${id}/timeline`) as Promise<{ entries: { kind: string; at: string }[] }>,
    (told) => told.entries.some(({ kind }) => kind === 'sealed'),
  );
  const keys = await mkdtemp(join(tmpdir(), 'sealpost-key-'));
  const key = await makeOperatorKey(join(keys, 'all.pem'), undefined);
  const jwk = key.export({ format: 'jwk' }) as { x: string };
  expect((await post('/operators/all/keys', { key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x } })).status).toBe(200);
  const signature = await signStatement(
    'decision',
    {
      delivery: id,
      revision,
      seal,
      verdict: 'confirm',
      inDoubt: 'hold',
      sealedAt: entries.findLast(({ kind }) => kind === 'sealed')?.at ?? '',
      signedAt: new Date().toISOString(),
      nonce: randomBytes(16).toString('hex'),
    },
    key,
  );
  const decided = await post(`/deliveries/${id}/decisions`, { verdict: 'confirm', seal, signature });
  expect([decided.status, decided.json()]).toEqual([200, { state: 'accepted' }]);
  await inPhase(id, 'finished');
  expect(await read(`/deliveries/${id}/progress`)).toMatchObject({ ended: true, counts: { sent: 5 }, settled: 5 });
  expect(problem(await post(`/deliveries/${id}/pause`))).toMatchObject({ status: 409 });

  const bundle = join(keys, 'bundle.ndjson');
  const exported = await ask({ path: `/deliveries/${id}/audit-bundle` });
  await writeFile(bundle, exported.text);
  const { ok, checks } = await verifyBundle(bundle, { version: '0.1.0', replay: () => Promise.resolve(undefined) });
  expect([ok, checks.filter(({ state }) => state === 'failed')]).toEqual([true, []]);
  await rm(keys, { recursive: true });
  const pages: number[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const asked: string = cursor && `&cursor=${cursor}`;
    const page: { messages: { seq: number }[]; next?: string } = await read(
      `/deliveries/${id}/messages?status=sent&limit=2${asked}`,
    );
    pages.push(...page.messages.map(({ seq }) => seq));
    cursor = page.next;
  }
  expect(pages).toEqual([1, 2, 3, 4, 5]);
});

test('an author signs elsewhere for exactly what is submitted, and nothing is stored under another signature', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-key-'));
  const [own, others] = await Promise.all(
    (['all', 'engineer'] as const).map(async (operator) => {
      const key = await makeOperatorKey(join(folder, `${operator}.pem`), undefined);
      await environment.sealpost.operators.addKey(operator, { key: publicKeyOf(key), label: 'elsewhere' }, 'author');
      return key;
    }),
  );
  await rm(folder, { recursive: true });
  const sign = async ({ text, type }: { text: string; type: string }, key: KeyObject) =>
    await new CompactSign(Buffer.from(text))
      .setProtectedHeader({ alg: 'EdDSA', kid: await keyIdOf(publicKeyOf(key)), typ: type })
      .sign(key);
  const toSign = async (path: string, body: object): Promise<{ text: string; type: string; revision: string }> => {
    const answer = await post(path, body);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.json();
  };
  const signed = async (path: string, body: object, key = own) =>
    await sign(await toSign(path, body), key as KeyObject);

  const id = 'four-eyes';
  const body = { ...definition({ id }), approval: { approvers: ['approver'], fourEyes: true } };
  expect(problem(await post('/deliveries', body))).toMatchObject({ status: 422, code: 'KEY_UNUSABLE' });
  const signature = await signed('/submission-text', body);
  const refused: [body: object, signature: string, reason: RegExp][] = [
    [{ ...body, subject: 'Changed' }, signature, /is not what was signed/],
    [{ ...body, recipients: recipients(4) }, signature, /is not what was signed/],
    [{ ...body, id: 'other' }, signature, /given for delivery "four-eyes"/],
    [body, await signed('/submission-text', body, others), /signed by "engineer" and given as "all"/],
    [body, `${signature.slice(0, -9)}AAAAAAAAA`, /forged or damaged/],
    [
      body,
      await sign({ ...(await toSign('/submission-text', body)), type: 'sealpost-review' }, own as KeyObject),
      /none of a/,
    ],
  ];
  for (const [given, as, reason] of refused)
    expect(problem(await post(`/deliveries?signature=${as}`, given))).toMatchObject({
      status: 422,
      code: 'SIGNATURE_REFUSED',
      detail: expect.stringMatching(reason),
    });
  expect((await environment.sealpost.list({ search: 'four-eyes' })).length).toBe(0);
  const first = await toSign('/submission-text', body);
  expect((await post(`/deliveries?signature=${signature}`, body)).json()).toMatchObject({ revision: first.revision });
  await inPhase(id, 'awaiting-decision');
  expect(await read(`/deliveries/${id}`)).toMatchObject({ author: 'all', authorSigned: true });

  const { id: _id, ...revised } = { ...body, subject: 'Revised' };
  const again = await signed(`/deliveries/${id}/revision-text`, revised);
  expect(problem(await post(`/deliveries/${id}/revisions?signature=${again}`, body))).toMatchObject({
    code: 'SIGNATURE_REFUSED',
  });
  expect((await post(`/deliveries/${id}/revisions?signature=${again}`, revised)).status).toBe(200);
  await inPhase(id, 'awaiting-decision');
  const at = { at: '2031-12-02T09:00', timeZone: 'Europe/Berlin' };
  const dated = await signed(`/deliveries/${id}/schedule-text`, at);
  expect((await post(`/deliveries/${id}/schedule`, { ...at, signature: dated })).status).toBe(200);
  const { journal } = await eventually(
    () => environment.sealpost.delivery(id).show(),
    (shown) => shown.phase === 'awaiting-decision' && shown.revisions.length === 3 && shown.seal !== undefined,
  );
  expect(
    journal.filter(({ kind }) => kind === 'started' || kind === 'revise').map(({ signature: one }) => one),
  ).toEqual([signature, again, dated]);
});

test('what is wrong with a definition is told all at once, by field', async () => {
  const { name: _name, ...body } = definition({ id: 'Wrong Id' });
  const told = problem(await post('/deliveries', { ...body, subject: 7, content: { html: '<p>{{ oops' } }));
  expect(told).toMatchObject({ status: 422, code: 'DEFINITION_INVALID' });
  const faults = told['faults'] as { field: string }[];
  expect(faults.map(({ field }) => field)).toEqual(expect.arrayContaining(['id', 'name', 'subject', 'content.html']));
  expect(
    problem(await post('/deliveries', { ...body, attachments: [{ name: 'a.pdf', content: 'no base64!' }] })),
  ).toMatchObject({
    faults: [{ field: 'attachments[0].content', sentence: 'must be base64' }],
  });
});

describe('requests under a key', () => {
  const keyed = (path: string, body: object, key: string) => post(path, body, { 'idempotency-key': key });

  test('are carried out once, and give the same answer', async () => {
    const key = randomUUID();
    const body = { addresses: ['ann@shop.example'] };
    const first = await keyed('/quarantine', body, key);
    expect(first.json()).toEqual({ added: ['ann@shop.example'], present: [] });
    const second = await keyed('/quarantine', body, key);
    expect([second.text, second.headers.get('idempotency-replayed')]).toEqual([first.text, 'true']);
    expect(problem(await keyed('/quarantine', { addresses: ['ben@shop.example'] }, key))).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    // Somebody else's key of the same name is another one.
    const other = await served.ask(await served.tokenOf('engineer'), {
      method: 'POST',
      path: '/quarantine',
      body,
      headers: { 'idempotency-key': key },
    });
    expect(other.json()).toEqual({ added: [], present: ['ann@shop.example'] });
    served.pass(25 * 3_600_000);
    expect((await keyed('/quarantine', body, key)).json()).toEqual({ added: [], present: ['ann@shop.example'] });
  });

  test('of which the process was killed before it kept the answer count once', async () => {
    await started('killed-between');
    await inPhase('killed-between', 'awaiting-decision');
    const key = randomUUID();
    const path = '/deliveries/killed-between/proofs';
    const proofs = async () =>
      ((await read('/deliveries/killed-between/timeline')) as { entries: { kind: string }[] }).entries.filter(
        ({ kind }) => kind === 'sendProof',
      ).length;
    expect((await keyed(path, {}, key)).status).toBe(409);
    expect(await eventually(proofs, (count) => count > 0)).toBe(1);
    // What a kill leaves: the claim, without an answer.
    await environment.database.query('update idempotent_request set status = null, answer = null where key = $1', [
      key,
    ]);
    expect(problem(await keyed(path, {}, key))).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_BUSY' });
    served.pass(61_000);
    expect(problem(await keyed(path, {}, key))).toMatchObject({ status: 409, code: 'COMMAND_REFUSED' });
    expect(await proofs()).toBe(1);
  });

  test('that came to nothing may be mended', async () => {
    const key = randomUUID();
    expect((await keyed('/quarantine', { addresses: ['none'] }, key)).status).toBe(422);
    expect((await keyed('/quarantine', { addresses: ['cleo@shop.example'] }, key)).status).toBe(200);
  });
});

test('an answer that one has is not sent again', async () => {
  const first = await ask({ path: '/operators/all' });
  const tag = first.headers.get('etag') ?? '';
  const known = await ask({ path: '/operators/all', headers: { 'if-none-match': `"other", W/${tag}` } });
  expect([known.status, known.text]).toEqual([304, '']);
  expect((await ask({ path: '/operators/all', headers: { 'if-none-match': '"other"' } })).status).toBe(200);
});

test('lists take files and go on by cursor', async () => {
  const csv = `email,reason\n${Array.from({ length: 5 }, (_, n) => `p${n}@list.example,left`).join('\n')}\n`;
  const imported = await ask({
    method: 'POST',
    path: '/denylist/imports?sender=news@garden.example',
    body: csv,
    headers: { 'content-type': 'text/csv' },
  });
  expect(imported.json()).toEqual({ added: 5, present: 0, doubles: 0 });
  const first: { entries: { address: string; operator: string }[]; next: string } = await read(
    '/denylist?limit=3&sender=news@garden.example',
  );
  const second: typeof first = await read(`/denylist?limit=3&sender=news@garden.example&cursor=${first.next}`);
  expect([...first.entries, ...second.entries].map(({ address }) => address)).toEqual(
    Array.from({ length: 5 }, (_, n) => `p${n}@list.example`),
  );
  expect([first.entries[0]?.operator, second.next]).toEqual(['all', undefined]);
  const wrong = await ask({
    method: 'POST',
    path: '/denylist/imports',
    body: 'ann\n',
    headers: { 'content-type': 'text/csv' },
  });
  expect(problem(wrong)).toMatchObject({ status: 422, code: 'LIST_INVALID', count: 1 });
  const form = await ask({
    method: 'POST',
    path: '/denylist',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(problem(form)).toMatchObject({ status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' });
});

test('progress is told while it changes, to who comes back as well, and ends', async () => {
  await started('watched', { approval: { mode: 'automatic', approvers: ['all'] } });
  const watch = async (seen?: string) => {
    const answer = await fetch(`${served.url}/api/v1/deliveries/watched/events`, {
      headers: { authorization: `Bearer ${token}`, ...(seen !== undefined && { 'last-event-id': seen }) },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const viewers = await Promise.all([watch(), watch('unknown'), watch()]);
  for (const { status, text } of viewers) {
    const events = text.split('\n\n').filter((event) => event.includes('event: progress'));
    const last = JSON.parse(/^data: (.*)$/m.exec(events.at(-1) ?? '')?.[1] ?? '') as object;
    expect([status, last]).toEqual([200, expect.objectContaining({ phase: 'finished', ended: true, settled: 5 })]);
    expect(text.endsWith('event: end\ndata: {}\n\n')).toBe(true);
  }
  expect((await watch('any')).status).toBe(204);
  expect((await watch()).text).toContain('"phase":"finished"');
});

/** An address of the route, of things that are not there. */
const addressOf = ({ path }: ApiRoute): string =>
  path
    .replace('/api/v1', '')
    .replaceAll(/:(seq|proof)/g, '7')
    .replaceAll(/:\w+/g, 'x'.repeat(43));

const asked = (rule: ApiRoute): Asked => ({
  method: rule.method,
  path: addressOf(rule),
  ...(rule.method !== 'GET' && { body: {} }),
});

/** Whether the guard has let it through, whatever the route said then. */
const admitted = ({ status }: Answer): boolean => {
  expect(status).toBeLessThan(500);
  return status !== 401 && status !== 403;
};

describe('each route', () => {
  test.each(operatorRoles)('for %s, by a token of all scopes', async (role) => {
    const own = await served.tokenOf(role);
    for (const rule of apiRoutes) {
      const wanted = rule.needs === 'account' || permissionsFor([role]).has(rule.needs as never);
      expect([rule.method, rule.path, admitted(await served.ask(own, asked(rule)))]).toEqual([
        rule.method,
        rule.path,
        wanted,
      ]);
    }
  });

  test.each(permissions)('for who has all roles, by a token with the scope %s alone', async (scope) => {
    const own = await served.tokenOf('all', [scope]);
    for (const rule of apiRoutes) {
      const wanted = rule.needs === 'account' || rule.needs === scope;
      expect([rule.method, rule.path, admitted(await served.ask(own, asked(rule)))]).toEqual([
        rule.method,
        rule.path,
        wanted,
      ]);
    }
  });

  test('for a stranger, and by tokens that are none', async () => {
    for (const rule of apiRoutes)
      for (const own of [undefined, `sealpost_${'x'.repeat(43)}`, 'x'])
        expect([rule.path, (await served.ask(own, asked(rule))).status]).toEqual([rule.path, 401]);
  });
});

test('withstands what its own document lets one make up', async () => {
  await started('fuzzed');
  await inPhase('fuzzed', 'awaiting-decision');
  const document: Document = await read('/openapi.json');
  const ajv = addFormats.default(new Ajv2020({ strict: false, formats: { base64: true } }));
  ajv.addSchema(document, 'api');
  const part = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');
  const known = { id: 'fuzzed', operator: 'reviewer', seq: '1', proof: '1' };
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      // Its answer ends with the delivery.
      if (path.endsWith('/events')) continue;
      await fc.assert(
        fc.asyncProperty(requestsOf(document, { path, method, operation }, known), async (made) => {
          const answer = await served.ask(token, { ...made, path: made.path.replace('/api/v1', '') });
          const { status, headers, text } = answer;
          expect(status).toBeLessThan(500);
          const named = operation.responses[String(status)];
          const place = named?.$ref?.slice(2) ?? `paths/${part(path)}/${method}/responses/${status}`;
          const type = headers.get('content-type')?.split(';')[0] ?? '';
          expect([status, named !== undefined]).toEqual([status, true]);
          if (status === 204 || status === 304 || type === 'application/x-ndjson') return;
          const validate = ajv.getSchema(`api#/${place}/content/${part(type)}/schema`);
          const isProof = path.endsWith('/proof') && status === 200;
          expect([isProof || validate?.(JSON.parse(text)), validate?.errors ?? null]).toEqual([true, null]);
        }),
        { numRuns: 5 },
      );
    }
});
